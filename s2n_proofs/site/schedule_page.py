"""The page of one schedule: every formula in textbook form, plots, code, and where float32 fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from sympy import Expr

from ..formulas import Formulas
from ..report.formats import SECTIONS, end_lines, property_lines, render
from ..report.latex import to_latex
from ..schedule import Schedule
from ..symbols import rho
from ..text import to_text
from .curves import Curve, is_long, of_steps, of_time
from .derived import formulas_of
from .markup import as_written, copy_button, greek, inline, raw_html, scrolling_math
from .plots import line_plot
from .roundoff import PLACES, Roundoff, roundoff
from .snippets import sympy_code, torch_code

__all__ = ["schedule_page"]

_CODE = (
    ("torch, standalone", "torch"),
    ("Python that needs nothing but math", "python"),
    ("JavaScript", "javascript"),
    ("LaTeX, an align block", "latex"),
)
_STEPS = 20
_TALL = 20  # a curve that rises above this is shown on a logarithmic axis


def schedule_page(schedule: Schedule, title: str | None = None) -> str:
    """The MyST page of a schedule.

    Parameters
    ----------
    schedule : Schedule
        Without free parameters.
    title : str, optional
        Its heading; default its name.
    """
    formulas = formulas_of(schedule)
    name = " ".join((title or schedule.name or "").split()) or "your schedule"
    return "\n".join([
        f"---\nhide-toc: true\n---\n\n# {as_written(greek(name))}\n",
        raw_html(_head(schedule)),
        *_equations(formulas),
        "## Ends and properties\n",
        raw_html(_facts(formulas)),
        "## Plots\n",
        raw_html(f'<div class="s2n-plots">{"".join(_plots(formulas, name))}</div>'),
        *_float32(schedule, name),
        *_code(formulas),
    ])  # fmt: skip


def _head(schedule: Schedule) -> str:
    low, high = schedule.domain
    state = "certified on the whole open interval" if schedule.certified else "certified in part"
    tex = rf"\alpha(t)={to_latex(schedule.alpha)},\qquad \sigma(t)={to_latex(schedule.sigma)}"
    domain = inline(rf"t\in({to_latex(low)},\,{to_latex(high)})")
    return f"{scrolling_math(tex)}<p>{domain}, {state}: α &gt; 0, σ &gt; 0, and λ does not rise.</p>"


def _equations(formulas: Formulas) -> Iterator[str]:
    found = formulas.items()
    for heading, entries in SECTIONS.items():
        title, _, meaning = heading.partition(", ")
        yield f"## {title[0].upper()}{title[1:]}\n"
        if meaning:
            yield raw_html(f"<p>{escape(greek(meaning))}</p>")
        rows = "".join(
            f'<div class="s2n-equation"><p>{escape(greek(note))}<span>'
            + copy_button("LaTeX", to_latex(found[key]), key)
            + copy_button("SymPy", sympy_code(to_text(found[key]), key.replace(".", "_")), key)
            + _torch_button(found[key], key)
            + copy_button("text", to_text(found[key]), key)
            + f"</span></p>{scrolling_math(f'{symbol} = {to_latex(found[key])}')}</div>"
            for key, (_, symbol, note) in entries.items()
        )
        yield raw_html(rows)


def _torch_button(formula: Expr, key: str) -> str:
    code = torch_code(formula, key.replace(".", "_"))
    return "" if code is None else copy_button("torch", code, key)


def _facts(formulas: Formulas) -> str:
    lines = [*end_lines(formulas), *property_lines(formulas)]
    items = [escape(greek(re.sub(r"\s+", " ", line))) for line in lines]
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _plots(formulas: Formulas, name: str) -> Iterator[str]:
    schedule = formulas.schedule
    assert schedule is not None
    logx = is_long(schedule)

    def figure(caption: str, curves: list[Curve], *, logy: bool = False) -> str:
        svg = line_plot(curves, what=f"{caption} of {name}", logx=logx, logy=logy)
        return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"

    levels = [of_time("$\\alpha$", formulas.alpha, schedule), of_time("$\\sigma$", formulas.sigma, schedule)]
    yield figure("Signal α and noise σ", levels, logy=max(y for curve in levels for y in curve.y) > _TALL)
    yield figure("Log signal-to-noise ratio λ", [of_time("$\\lambda$", formulas.log_snr, schedule)])
    yield figure("Drift f", [of_time("$f$", formulas.f, schedule)])
    diffusion = of_time("$g$", formulas.g, schedule)
    yield figure("Diffusion g", [diffusion], logy=max(diffusion.y) > _TALL)
    step = formulas.step
    yield figure(
        f"Step of Corollary 1, {_STEPS} steps, γ = δ = 0, ρ = 1",
        [
            of_steps(label, expr, schedule, _STEPS, {rho: 1.0}, ".-")
            for label, expr in (("$a_z$", step.a_z), ("$a_\\epsilon$", step.a_eps), ("$a_\\xi$", step.a_noise))
        ],
    )


def _float32(schedule: Schedule, name: str) -> Iterator[str]:
    yield "## Where float32 fails\n"
    yield (
        "The formulas as everybody types them, in float32, with α and σ correctly rounded, against 50 digits; a step is a "
        "thousandth of the domain. The accurate form has no difference of nearly equal numbers left.\n"
    )
    found = [roundoff(schedule, place) for place in PLACES]
    yield raw_html(f'<div class="s2n-plots">{"".join(_error_plot(r, schedule, name) for r in found)}</div>')


def _error_plot(found: Roundoff, schedule: Schedule, name: str) -> str:
    what = {"transition_variance": "Variance of the transition", "step.a_eps": "Coefficient of the network, ρ = 0"}
    caption = f"{what[found.name]}: relative error"
    svg = line_plot(
        [found.typed, found.accurate], what=f"{caption}, {name}", ylabel="relative error",
        logx=is_long(schedule), logy=True,
    )  # fmt: skip
    worst = f"at worst {found.worst:.1e} as typed, {max(found.accurate.y):.1e} in the accurate form"
    return f"<figure>{svg}<figcaption>{escape(caption)}; {worst}</figcaption></figure>"


def _code(formulas: Formulas) -> Iterator[str]:
    yield "## Code\n"
    for title, style in _CODE:
        code = render(formulas, style)
        yield raw_html(
            f'<details class="s2n-code"><summary>{title}</summary><div class="s2n-code-head">'
            f"{copy_button('copy', code, title)}</div><pre tabindex='0'><code>{escape(code)}</code></pre></details>"
        )
