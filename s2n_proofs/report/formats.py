"""What ``s2n derive`` prints: the formulas of a schedule as text, LaTeX, JSON, or a module of code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sympy import Expr, oo

from ..formulas import Formulas
from ..text import to_text
from .javascript_module import to_javascript
from .latex import to_latex
from .python_module import to_python
from .terminal import wrap_formula
from .torch_module import to_torch

__all__ = ["FORMATS", "SECTIONS", "end_lines", "property_lines", "render"]

# Every formula: its name in text, its name in LaTeX, what it is; in the order in which they are printed.
SECTIONS: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "the schedule, z_t = alpha(t) x + sigma(t) eps": {
        "alpha": ("alpha(t)", r"\alpha(t)", "signal"),
        "sigma": ("sigma(t)", r"\sigma(t)", "noise"),
        "log_snr": ("lambda(t)", r"\lambda(t)", "log signal-to-noise ratio"),
        "snr": ("snr(t)", r"\mathrm{SNR}(t)", "exp(lambda)"),
    },
    "forward, dz = f z dt + g dw": {
        "f": ("f(t)", "f(t)", "drift"),
        "g_squared": ("g(t)**2", "g(t)^2", "squared diffusion"),
        "g": ("g(t)", "g(t)", "diffusion"),
        "psi": ("Psi(tau, t)", r"\Psi(\tau, t)", "exp of minus the integral of f from tau to t"),
    },
    "transition, q(z_t | z_s) = N(factor z_s, variance), s < t": {
        "transition_factor": ("factor", r"\alpha_{t\mid s}", "of the mean"),
        "transition_variance": ("variance", r"\Sigma_{t\mid s}", "of each component"),
    },
    "backward, dz = (a z + b grad log p) dt + c dw, or with e eps(z, t) for b grad log p": {
        "reverse_sde.drift_z": ("a", "a(t)", "of z"),
        "reverse_sde.drift_score": ("b", "b(t)", "of the score"),
        "reverse_sde.drift_eps": ("e", "e(t)", "of the network"),
        "reverse_sde.diffusion": ("c", "c(t)", "of the noise"),
    },
    "step from t to s, z_s = a_z z_t + a_eps eps(z_t, t) + a_noise xi (Corollary 1)": {
        "step.a_z": ("a_z", "a_z", "state"),
        "step.a_eps": ("a_eps", r"a_\epsilon", "network, gamma not -1"),
        "step_limit.a_eps": ("a_eps", r"a_\epsilon^{\gamma=-1}", "network, gamma = -1"),
        "step.a_noise": ("a_noise", r"a_\xi", "noise"),
    },
    "ancestral step, of the same shape": {
        "ancestral_step.a_z": ("a_z", r"a_z^{\mathrm{anc}}", "state"),
        "ancestral_step.a_eps": ("a_eps", r"a_\epsilon^{\mathrm{anc}}", "network"),
        "ancestral_step.a_noise": ("a_noise", r"a_\xi^{\mathrm{anc}}", "noise"),
    },
    "non-Markovian step, of the same shape, 0 <= beta <= sigma(s)": {
        "nonmarkov_step.a_z": ("a_z", r"a_z^\beta", "state"),
        "nonmarkov_step.a_eps": ("a_eps", r"a_\epsilon^\beta", "network"),
        "nonmarkov_step.a_noise": ("a_noise", r"a_\xi^\beta", "noise"),
    },
}

# What a reader must know who uses a section, in the text form.
_NOTES: Mapping[str, tuple[str, ...]] = {
    "step from t to s, z_s = a_z z_t + a_eps eps(z_t, t) + a_noise xi (Corollary 1)": (
        "rho scales the noise of the reverse SDE (0: the ODE); exp(gamma lambda/2) times the network is frozen",
        "over the step; delta >= 0 picks one of a family of noises: exact only if delta = 0 or rho = 0",
        "(s2n verify --claim cor1-noise/a)",
    ),
}


def render(formulas: Formulas, style: str = "text", width: int | None = None) -> str:
    r"""Print formulas.

    Parameters
    ----------
    formulas : Formulas
        What :func:`s2n_proofs.formulas.derive` gives.
    style : str
        ``text``, ``latex`` (an ``align`` environment), ``json`` (schema ``s2n-derive/1``) or a module
        that needs no SymPy: ``python`` (nothing but ``math``), ``torch`` (tensors) or ``javascript``.
    width : int, optional
        Columns of the text; without it a formula is one line.

    Returns
    -------
    str
        Ends with a newline.

    Raises
    ------
    ValueError
        If there is no such format, or a module is asked for without a schedule.

    Examples
    --------
    >>> from s2n_proofs.formulas import derive
    >>> from s2n_proofs.schedule import Schedule
    >>> print(render(derive(Schedule("1 - t", "t")), "latex").splitlines()[7])
      f(t) &= - \frac{1}{1 - t} \\
    """
    if style not in FORMATS:
        raise ValueError(f"the format must be one of {', '.join(FORMATS)}, not {style!r}")
    return _text(formulas, width) if style == "text" else FORMATS[style](formulas)


def _text(formulas: Formulas, width: int | None = None) -> str:
    values = formulas.items()
    lines = [_title(formulas)]
    if formulas.corners:
        times = ", ".join(map(to_text, formulas.corners))
        lines.append(f"f and g, and what is made of them, hold off the corners t = {times}")
    for heading, entries in SECTIONS.items():
        lines += ["", heading, *(f"  {note}" for note in _NOTES.get(heading, ()))]
        left = max(len(name) for name, _, _ in entries.values())
        right = max(len(note) for _, _, note in entries.values())
        for key, (name, _, note) in entries.items():
            lines += _labelled(f"  {name:<{left}}  {note:<{right}}  = ", to_text(values[key]), width)
    if formulas.schedule is not None:
        lines += ["", "at the ends of the domain", *(f"  {line}" for line in end_lines(formulas))]
        lines += ["", "properties", *(f"  {line}" for line in property_lines(formulas))]
    return "\n".join(lines) + "\n"


def _labelled(label: str, formula: str, width: int | None) -> list[str]:
    """A label and a formula, on lines of their own where they do not fit beside it."""
    if width is None or len(label) + len(formula) <= width:
        return [label + formula]
    return [label.rstrip(), *("      " + line for line in wrap_formula(formula, width - 6))]


def _title(formulas: Formulas) -> str:
    return "every valid schedule" if formulas.schedule is None else str(formulas.schedule)


def end_lines(formulas: Formulas) -> Iterator[str]:
    """The limits at both ends of a schedule's domain, a line each."""
    assert formulas.schedule is not None
    for end in (formulas.schedule.start, formulas.schedule.end):
        known = {"alpha": end.alpha, "sigma": end.sigma, "lambda": end.log_snr}
        values = (f"{name} -> {'not known' if v is None else _limit(v)}" for name, v in known.items())
        yield f"t -> {to_text(end.time)}: {', '.join(values)}"


def _limit(value: Expr) -> str:
    return "+infinity" if value == oo else "-infinity" if value == -oo else to_text(value)


def property_lines(formulas: Formulas) -> Iterator[str]:
    """What is proved or refuted about a schedule, a line each."""
    words = {True: "yes, proved", False: "no, refuted", None: "not known"}
    assert formulas.schedule is not None
    start = to_text(formulas.schedule.domain[0])
    rows = {
        "alpha**2 + sigma**2 = 1 (variance preserving)": formulas.variance_preserving,
        "alpha = 1 (variance exploding)": formulas.variance_exploding,
        f"alpha({start}) = 1": formulas.schedule.starts_at_one,
    }
    width = max(map(len, rows))
    yield from (f"{name:<{width}}  {words[known]}" for name, known in rows.items())


def _latex(formulas: Formulas) -> str:
    values = formulas.items()
    lines = [r"\begin{align}"]
    for heading, entries in SECTIONS.items():
        lines.append(f"  % {heading}")
        lines += [rf"  {symbol} &= {to_latex(values[key])} \\" for key, (_, symbol, _) in entries.items()]
    lines[-1] = lines[-1].removesuffix(r" \\")
    return "\n".join([*lines, r"\end{align}"]) + "\n"


def _json(formulas: Formulas) -> str:
    from .. import __version__

    values = formulas.items()
    schedule = formulas.schedule
    document: dict[str, Any] = {
        "schema": "s2n-derive/1",
        "version": __version__,
        "schedule": None,
        "properties": None,
        "formulas": {
            key: {
                "text": to_text(value),
                "latex": to_latex(value),
                "variables": sorted(map(str, value.free_symbols)),
            }
            for key, value in values.items()
        },
    }
    if schedule is not None:
        document["schedule"] = {
            "name": schedule.name,
            "alpha": to_text(schedule.alpha),
            "sigma": to_text(schedule.sigma),
            "domain": [to_text(end) for end in schedule.domain],
            "free_parameters": list(schedule.free_parameters),
            "certified": schedule.certified,
            "corners": [to_text(time) for time in formulas.corners],
        }
        document["properties"] = {
            "variance_preserving": formulas.variance_preserving,
            "variance_exploding": formulas.variance_exploding,
            "starts_at_one": schedule.starts_at_one,
            "ends": [
                {
                    "time": to_text(end.time),
                    **{
                        n: None if (v := getattr(end, n)) is None else to_text(v) for n in ("alpha", "sigma", "log_snr")
                    },
                }
                for end in (schedule.start, schedule.end)
            ],
        }
    return json.dumps(document, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Formulas], str]] = {
    "text": _text,
    "latex": _latex,
    "json": _json,
    "python": to_python,
    "torch": to_torch,
    "javascript": to_javascript,
}
