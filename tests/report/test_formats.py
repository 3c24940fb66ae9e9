"""The four formats say what the formulas say: read back, imported, and compared with independent values."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from functools import lru_cache
from pathlib import Path

import mpmath
import pytest
from mpmath import mpf
from sympy import Rational, Symbol

from s2n_proofs.formulas import derive
from s2n_proofs.grammar.walk import Language, read
from s2n_proofs.parsing import _FORMULA, parse_formula, parse_schedule_text
from s2n_proofs.report.formats import FORMATS, render
from s2n_proofs.report.ledger import verify
from s2n_proofs.schedule import Schedule
from s2n_proofs.simplify.evidence import points_in
from s2n_proofs.symbols import t
from s2n_proofs.text import to_text

from .oracle import RELATIVE, SCHEDULES, Oracle, calls, derived


@lru_cache
def module_of(name: str) -> types.ModuleType:
    module = types.ModuleType("printed")
    exec(compile(render(derived(name), "python"), f"<{name}>", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("name", SCHEDULES)
def test_every_format_is_printed_in_ascii_with_one_newline_at_the_end(name: str, style: str) -> None:
    printed = render(derived(name), style)
    assert printed.isascii()
    assert printed.endswith("\n")
    assert not printed.endswith("\n\n")


def test_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="text, latex, json, python, torch, javascript, not 'yaml'"):
        render(derived("edm"), "yaml")


# --- text and LaTeX --------------------------------------------------------------------------------------


def test_text_names_ends_and_properties() -> None:
    lines = render(derived("vp")).splitlines()
    assert lines[0].startswith("vp: alpha = ")
    assert "  t -> 0: alpha -> 1, sigma -> 0, lambda -> +infinity" in lines
    assert any(line.startswith("  alpha**2 + sigma**2 = 1") and line.endswith("yes, proved") for line in lines)
    assert any(line.startswith("  alpha = 1") and line.endswith("no, refuted") for line in lines)


def test_generic_formulas_are_printed_in_alpha_and_sigma() -> None:
    generic = derive()
    assert "diff(alpha(t), t)/alpha(t)" in render(generic)
    assert r"f(t) &= \frac{\alpha'(t)}{\alpha(t)} \\" in render(generic, "latex")
    assert json.loads(render(generic, "json"))["schedule"] is None
    with pytest.raises(ValueError, match="needs a schedule"):
        render(generic, "python")


@pytest.mark.parametrize("name", [*SCHEDULES, None])
def test_latex_is_balanced(name: str | None) -> None:
    printed = render(derive() if name is None else derived(name), "latex")
    body = [line for line in printed.splitlines() if not line.lstrip().startswith("%")]
    assert body[0] == r"\begin{align}"
    assert body[-1] == r"\end{align}"
    for number, line in enumerate(body[1:-1]):
        depth = 0
        for sign in line.replace(r"\{", "").replace(r"\}", ""):
            depth += (sign == "{") - (sign == "}")
            assert depth >= 0
        assert depth == 0
        assert line.count(r"\left") == line.count(r"\right")
        assert line.count(r"\begin") == line.count(r"\end")
        if "cases" not in line:
            assert line.count("&") == 1
            assert line.endswith(r" \\") == (number < len(body) - 3)


# --- JSON ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(SCHEDULES) - {"clipped"}))
def test_json_text_is_read_back_as_the_same_formula(name: str) -> None:
    document = json.loads(render(derived(name), "json"))
    assert document["schema"] == "s2n-derive/1"
    schedule = SCHEDULES[name]
    names = {key: Symbol(key, positive=True) for key in schedule.free_parameters}
    language = Language({**_FORMULA.values, **names}, _FORMULA.functions)
    for key, given in derived(name).items().items():
        entry = document["formulas"][key]
        found = parse_formula(entry["text"]) if not names else read(entry["text"], language)
        points = points_in(schedule.domain, frozenset(given.free_symbols))
        assert found == given or points.agree(found, [given]), key
        assert entry["variables"] == sorted(map(str, given.free_symbols))


def test_json_schedule_is_read_back_and_properties_are_plain() -> None:
    document = json.loads(render(derived("edm"), "json"))
    again = Schedule(document["schedule"]["alpha"], document["schedule"]["sigma"], document["schedule"]["domain"])
    assert again == SCHEDULES["edm"]
    assert document["properties"]["variance_exploding"] is True
    assert document["properties"]["variance_preserving"] is False
    clipped = json.loads(render(derived("clipped"), "json"))["formulas"]["f"]["text"]
    assert parse_schedule_text(clipped).subs(t, 0) == -1


# --- Python ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vp", "odd", "symbolic"])
def test_module_runs_without_sympy_or_anything_installed(name: str, tmp_path: Path) -> None:
    (tmp_path / "printed.py").write_text(render(derived(name), "python"))
    passed = ", beta_min=1/8, beta_d=20" if name == "symbolic" else ""
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import printed as p\n"
        f"assert 0 < p.alpha(0.5{passed}) < 1 and len(p.step(0.25, 0.5, 0, 0, 1{passed})) == 3\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'sympy', 'mpmath', 'numpy', 's2n_proofs'}, loaded\n"
    )
    # -I -S: no site-packages at all, so an import of SymPy could not succeed unnoticed.
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", SCHEDULES)
def test_module_agrees_with_the_definitions_at_40_digits(name: str) -> None:
    module = module_of(name)
    for call in calls(name):
        found = getattr(module, call.function)(*call.arguments, **call.parameters)
        for part, expected in zip(found if len(call.expected) > 1 else [found], call.expected, strict=True):
            assert abs(mpf(part) - expected) <= RELATIVE * abs(expected) + mpf(10) ** -300, call


def test_step_is_the_identity_when_s_equals_t() -> None:
    for name in ("vp", "fm-ot", "cosine", "edm"):
        assert module_of(name).step(0.5, 0.5, 0.0, 0.0, 1.0) == pytest.approx((1.0, 0.0, 0.0), abs=1e-15)
        assert module_of(name).transition_variance(0.5, 0.5) == 0.0


def test_step_near_gamma_minus_one_tends_to_the_limit() -> None:
    limit = module_of("fm-ot").step(0.25, 0.75, -1.0)[1]
    assert module_of("fm-ot").step(0.25, 0.75, -1.0 + 1e-7)[1] == pytest.approx(limit, rel=1e-6)


def test_last_step_to_sigma_zero_is_finite_where_the_formula_is() -> None:
    assert module_of("fm-ot").step(0.0, 0.5) == (2.0, -1.0, 0.0)
    with pytest.raises(ValueError, match=r"the step is not finite at s = 0\.0, t = 0\.5, gamma = -1"):
        module_of("fm-ot").step(0.0, 0.5, -1)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda p: p.alpha(1.5), r"t must be in \[0, 1\]; it is 1.5"),
        (lambda p: p.f(float("nan")), r"t must be in \[0, 1\]; it is nan"),
        (lambda p: p.transition_factor(0.5, 0.25), "s must not be later than t"),
        (lambda p: p.log_snr(0.0), "log_snr has no finite value at t = 0.0"),
        (lambda p: p.f(1.0), "f has no finite value at t = 1.0"),
        (lambda p: p.step(0.25, 0.5, 0, -1), "delta must not be negative; it is -1"),
        (lambda p: p.nonmarkov_step(0.25, 0.5, 0.5), r"beta must be in \[0, sigma\(s\)\] = \[0, 0.25\]; it is 0.5"),
    ],
)
def test_module_refuses_with_a_sentence(call: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call(module_of("fm-ot"))


def test_expm1_and_log1p_are_used_where_the_pattern_is_plain() -> None:
    assert "math.expm1(" in render(derived("vp"), "python")
    # At s close to t the plain 1 - exp would keep 5 digits; expm1 keeps all.
    found = module_of("vp").transition_variance(0.5, 0.5 + 1e-11)
    with mpmath.workdps(40):
        expected = Oracle(SCHEDULES["vp"]).variance(mpf(0.5), mpf(0.5 + 1e-11))
    assert found == pytest.approx(float(expected), rel=1e-4)  # the times' own rounding: 1e-16/1e-11


def test_a_hostile_name_stays_in_the_docstring() -> None:
    name = '"""\nimport os\nos.abort()\n"""\\'
    printed = render(derive(Schedule("1 - t", "t", name=name)), "python")
    module: dict[str, object] = {}
    exec(printed, module)
    assert "os" not in module


CLIPPED = {"alpha": "clip(1-t, 1/100, 99/100)", "sigma": "t"}


def test_a_clipped_schedule_is_printed_branch_by_branch() -> None:
    formulas = derive(Schedule(**CLIPPED))
    for style in ("text", "latex"):
        printed = render(formulas, style)
        assert "ITE" not in printed
        assert "Piecewise((Piecewise" not in printed
        assert "DiracDelta" not in printed
    assert to_text(formulas.f) == "Piecewise((0, t < 1/100), (-1/(1 - t), t < 99/100), (0, True))"
    assert to_text(formulas.reverse_sde.drift_z) == to_text(formulas.f)
    assert formulas.corners == (Rational(1, 100), Rational(99, 100))
    assert "off the corners t = 1/100, 99/100" in render(formulas)


def test_the_branches_are_those_of_the_whole() -> None:
    formulas = derive(Schedule(**CLIPPED))
    for low, high, alpha in ((0, Rational(1, 100), "99/100"), (Rational(1, 100), Rational(99, 100), "1 - t")):
        part = derive(Schedule(alpha, "t", (low, high)))
        middle = (low + high) / 2
        for name in ("f", "g_squared", "snr", "log_snr"):
            whole, own = (getattr(which, name).subs(t, middle) for which in (formulas, part))
            assert abs((whole - own).evalf(30)) < 1e-25


@pytest.mark.parametrize("width", [60, 100])
def test_a_formula_that_does_not_fit_is_broken(width) -> None:
    formulas = derive(Schedule("1 - t", "t"))
    whole, broken = render(formulas), render(formulas, width=width)
    assert "".join(broken.split()) == "".join(whole.split())
    broken_off = [line for line in broken.splitlines() if line.startswith(" " * 6)]
    assert broken_off
    assert max(map(len, broken_off)) <= width


def test_the_note_on_the_noise_says_what_the_ledger_finds() -> None:
    record = verify(["cor1-noise/a"], jobs=1)["cor1-noise/a"]
    (condition,) = record["conditions"]
    assert f"exact only if {condition}" in " ".join(render(derive(Schedule("1 - t", "t"))).split())
