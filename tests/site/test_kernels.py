"""The explorer's JavaScript against 50 digits, under node."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import mpmath
import pytest
from sympy import lambdify

from s2n_proofs.lower.forms import plain
from s2n_proofs.named_schedules import catalogue
from s2n_proofs.site.derived import formulas_of
from s2n_proofs.site.kernels import OF_TIME, kernel_name, kernels, kernels_script
from s2n_proofs.site.sources import written_texts
from s2n_proofs.symbols import t

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: JavaScript is not run")
STATIC = written_texts() / "_static" / "explorer"
MARGIN = 0.005  # as in model.js: the ends of the domain are left out
ERROR = 1e-13  # relative, to 1 where a value is smaller; what the explorer promises

Case = tuple[str, list[float]]


def node(folder: Path, code: str) -> object:
    done = subprocess.run([NODE, "-e", code], capture_output=True, text=True, cwd=folder, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("explorer")
    (place / "kernels.js").write_text(kernels_script(), encoding="utf-8")
    for name in ("model.js", "particles.js"):
        (place / name).write_bytes((STATIC / name).read_bytes())
    return place


def times(name: str, draw: random.Random) -> list[float]:
    """Two times of a schedule, the earlier first, as far inside the domain as the explorer goes."""
    low, high = map(float, catalogue[name].domain)
    first, second = sorted(draw.uniform(MARGIN, 1 - MARGIN) for _ in range(2))
    spread = (lambda u: low * (high / low) ** u) if name == "edm" else (lambda u: low + (high - low) * u)
    return [spread(first), spread(second)]


def schedule_cases() -> list[Case]:
    draw = random.Random(1)
    cases: list[Case] = []
    script = json.loads(kernels_script().split("const schedules = ")[1].split(";\n\nreturn")[0])
    for name in catalogue.names():
        ranges = [parameter["range"] for parameter in script[name]["parameters"]]
        for _ in range(40):
            given = [times(name, draw)[1], *(draw.uniform(*r) for r in ranges)]
            cases += [(kernel_name(name, function), given) for function in OF_TIME]
    return cases


def exact_functions() -> dict[str, list[object]]:
    """The outputs of every kernel by mpmath; those of a schedule from its formulas, not from the printed program."""
    exact = {
        kernel.name: [
            lambdify(kernel.program.inputs, plain(e), "mpmath") for e in kernel.program.expressions().values()
        ]
        for kernel in kernels()
        if kernel.name in ("accurate_step", "accurate_transition", "component")
    }
    for name in catalogue.names():
        general = catalogue[name].with_parameters(**dict.fromkeys(catalogue[name].parameters))
        symbols = {x.name: x for x in (general.alpha + general.sigma).free_symbols}
        arguments = [t, *(symbols[parameter] for parameter in general.parameters)]
        for function in OF_TIME:
            formula = getattr(formulas_of(general), function)
            exact[kernel_name(name, function)] = [lambdify(arguments, formula, "mpmath")]
    return exact


def step_cases() -> list[Case]:
    draw = random.Random(2)
    cases: list[Case] = []
    for _ in range(100):
        gap = draw.uniform(0.01, 3.0)
        alpha_s, alpha_t, sigma_t = draw.uniform(0.5, 1), draw.uniform(0.2, 0.5), draw.uniform(0.5, 1)
        sigma_s = sigma_t * alpha_s / alpha_t * float(mpmath.exp(-gap))
        letters = [alpha_s, alpha_t, sigma_s, sigma_t]
        knobs = [draw.choice([-1.0, 0.0, 1.0, 0.7]), draw.uniform(0, 2), draw.uniform(0, 1.5)]
        cases.append(("accurate_step", [*letters, gap, *knobs]))
        cases.append(("accurate_transition", [*letters, gap]))
        cases.append(("component", [draw.uniform(-3, 3), alpha_s, sigma_t, draw.uniform(-2, 2), draw.uniform(0.01, 1)]))
    return cases


@needs_node
def test_values_agree_with_50_digits(folder: Path) -> None:
    cases = [*schedule_cases(), *step_cases()]
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    found = node(
        folder,
        "const s2n = require('./kernels.js'); const cases = require('./cases.json');"
        "console.log(JSON.stringify(cases.map(([name, given]) => s2n[name](...given))))",
    )
    exact = exact_functions()
    with mpmath.workdps(50):
        for (name, given), values in zip(cases, found, strict=True):
            for function, value in zip(exact[name], values, strict=True):
                right = function(*map(mpmath.mpf, given))
                assert abs(value - right) <= ERROR * max(1, abs(right)), (name, given)


@needs_node
def test_a_wrong_kernel_would_be_noticed(folder: Path) -> None:
    (name, given) = schedule_cases()[0]
    wrong = (folder / "kernels.js").read_text(encoding="utf-8").replace("Math.exp", "1.000000001*Math.exp")
    (folder / "wrong.js").write_text(wrong, encoding="utf-8")
    right, changed = (
        node(folder, f"console.log(JSON.stringify(require('./{file}')['{name}'](...{json.dumps(given)})))")
        for file in ("kernels.js", "wrong.js")
    )
    assert any(abs(a - b) > ERROR * max(1, abs(a)) for a, b in zip(right, changed, strict=True))


@needs_node
@pytest.mark.parametrize("schedule", ["vp", "ve", "iddpm", "fm-ot", "edm", "sub-vp"])
def test_a_link_restores_the_state(folder: Path, schedule: str) -> None:
    code = (
        "global.s2n = require('./kernels.js'); const { model } = require('./model.js');"
        f"const state = {{ ...model.fresh('{schedule}'), gamma: 0.5, steps: 17, printed: 1 }};"
        "console.log(JSON.stringify([state, model.fromLink(model.toLink(state))]))"
    )
    state, restored = node(folder, code)
    assert state == restored


@needs_node
@pytest.mark.parametrize(
    "link", ["#schedule=constructor", "#gamma=NaN&steps=1e9", "#s=<script>", "#", "#schedule=vp&beta_d=-4"]
)
def test_a_bad_link_gives_the_fresh_state(folder: Path, link: str) -> None:
    code = (
        "global.s2n = require('./kernels.js'); const { model } = require('./model.js');"
        f"console.log(JSON.stringify([model.fresh(), model.fromLink({json.dumps(link)})]))"
    )
    fresh, read = node(folder, code)
    assert fresh == read


@needs_node
@pytest.mark.parametrize(
    ("link", "times"),
    [
        ("#t=0.1&s=0.9&rho=1", [0.099, 0.1]),
        ("#t=0.3&s=0.3", [0.299, 0.3]),
        ("#t=0.006&s=0.994", [0.005, 0.006]),
        ("#s=0.4", [0.4, 0.5]),
        ("#s=0.7", [0.499, 0.5]),
    ],
)
def test_a_link_has_s_before_t_as_they_are_written(folder: Path, link: str, times: list[float]) -> None:
    code = (
        "global.s2n = require('./kernels.js'); const { model } = require('./model.js');"
        f"const state = model.fromLink({json.dumps(link)});"
        "const [early, late] = ['s', 't'].map((name) => model.at(state, model.chosen(state, state[name])));"
        "console.log(JSON.stringify([early.time, late.time, model.step(state, early, late).variance]))"
    )
    early, late, variance = node(folder, code)
    assert [early, late] == times
    assert variance > 0


@needs_node
def test_the_time_that_is_not_dragged_gives_way(folder: Path) -> None:
    code = (
        "global.s2n = require('./kernels.js'); const { model } = require('./model.js');"
        "const state = { ...model.fresh(), s: 0.8, t: 0.2 };"
        "console.log(JSON.stringify(['s', 't'].map((name) => model.ordered(state, name))))"
    )
    by_s, by_t = node(folder, code)
    assert (by_s["s"], by_s["t"]) == (0.8, 0.801)
    assert (by_t["s"], by_t["t"]) == (0.199, 0.2)


@needs_node
def test_the_network_of_the_mixture_is_minus_sigma_times_the_score(folder: Path) -> None:
    code = (
        "global.s2n = require('./kernels.js'); const { network } = require('./particles.js');"
        "const now = { alpha: 0.8, sigma: 0.6 }; const d = 1e-5; const z = [0.3, -0.4];"
        "const slope = (network([z[0] + d, z[1]], now).log - network([z[0] - d, z[1]], now).log) / (2 * d);"
        "console.log(JSON.stringify([network(z, now).eps[0], -now.sigma * slope]))"
    )
    eps, by_difference = node(folder, code)
    # A central difference of step 1e-5: error d^2 from the curve, 1e-16/d from rounding.
    assert eps == pytest.approx(by_difference, abs=1e-8)
