"""The page of a schedule, its plots, and where float32 fails."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason='matplotlib is not installed: pip install "s2n-proofs[docs]"')

from s2n_proofs.named_schedules import catalogue
from s2n_proofs.report.formats import SECTIONS
from s2n_proofs.report.latex import to_latex
from s2n_proofs.site.curves import Curve, times_of, values
from s2n_proofs.site.derived import formulas_of
from s2n_proofs.site.plots import line_plot
from s2n_proofs.site.roundoff import PLACES, roundoff
from s2n_proofs.site.schedule_page import schedule_page
from s2n_proofs.symbols import t

LINE = Curve("α", (0.0, 1.0), (0.0, 2.0))


def test_a_page_has_every_formula_and_code() -> None:
    page = schedule_page(catalogue["edm"])
    found = formulas_of(catalogue["edm"]).items()
    for entries in SECTIONS.values():
        for key in entries:
            assert to_latex(found[key]).replace("&", "&amp;") in page
    for language in ("import torch", "import math", "export function", r"\begin{align}"):
        assert language in page


def test_a_page_is_the_same_on_every_run() -> None:
    assert schedule_page(catalogue["fm-ot"]) == schedule_page(catalogue["fm-ot"])


def test_a_plot_is_the_same_on_every_run_and_has_no_date() -> None:
    assert line_plot([LINE], what="a line") == line_plot([LINE], what="a line")
    assert "<dc:date>" not in line_plot([LINE], what="a line")


def test_a_plot_has_the_colour_of_the_page_and_a_name() -> None:
    svg = line_plot([LINE], what='a "line" <b>')
    assert "currentColor" in svg
    assert 'aria-label="a &quot;line&quot; &lt;b&gt;"' in svg


@pytest.mark.parametrize("name", catalogue.names())
def test_times_lie_strictly_inside(name: str) -> None:
    low, high = map(float, catalogue[name].domain)
    assert all(low < time < high for time in times_of(catalogue[name]))


def test_a_value_that_is_not_real_leaves_a_gap() -> None:
    assert math.isnan(values((t - 1) ** (t / t / 2), [t], [[0.5]])[0])
    assert math.isnan(values(1 / t, [t], [[0.0]])[0])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["vp", "fm-ot", "iddpm"])
def test_the_textbook_formula_loses_digits_that_the_accurate_form_keeps(name: str, place: str) -> None:
    found = roundoff(catalogue[name], place)
    unit = float(np.finfo(np.float32).eps)
    # A dozen operations and five rounded inputs, each half a unit.
    assert max(found.accurate.y) <= 9 * unit
    assert found.worst > 30 * unit
