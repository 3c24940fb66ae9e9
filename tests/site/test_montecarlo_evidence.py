"""Simulated evidence on a claim's page: shown where the file is, absent where it is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason='matplotlib is not installed: pip install "s2n-proofs[docs]"')

from s2n_proofs.site.montecarlo_evidence import SCHEMA, evidence_of, read_checks
from s2n_proofs.site.plots import error_bars
from s2n_proofs.site.sources import SiteError


def check(form: str, z: float, verdict: str) -> dict[str, object]:
    return {
        "id": f"x/{form}", "claim": "thm1-mean", "form": form, "schedule": "vp", "estimate": 1.0, "standard_error": 0.01,
        "expected": 1.0 - 0.01 * z, "z": z, "p_value": 0.5, "verdict": verdict, "samples": 1000,
    }  # fmt: skip


def write(folder: Path, document: object) -> Path:
    file = folder / "montecarlo.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    checks = read_checks(tmp_path / "montecarlo.json")
    assert evidence_of("thm1-mean", checks) == ""


def test_both_forms_are_shown(tmp_path: Path) -> None:
    rows = [check("printed", 40.0, "rejected"), check("derived", 0.4, "agrees")]
    checks = read_checks(write(tmp_path, {"schema": SCHEMA, "checks": rows}))
    block = evidence_of("thm1-mean", checks)
    assert block.index("derived, vp") < block.index("printed, vp")
    assert "rejected" in block
    assert "<svg" in block
    assert evidence_of("thm1-f", checks) == ""


def test_a_wrong_print_stands_beside_the_derived_form(tmp_path: Path) -> None:
    other = check("derived", 0.4, "agrees") | {"claim": "thm1-psi"}
    far = check("derived", 0.4, "agrees") | {"claim": "thm6-mi", "id": "another/derived"}
    rows = [check("printed", 40.0, "rejected"), other, far]
    checks = read_checks(write(tmp_path, {"schema": SCHEMA, "checks": rows}))
    for siblings in ((), ("thm1-psi",)):
        block = evidence_of("thm1-mean", checks, siblings)
        assert "1 of 1 checks of the derived form agree; 1 of 1 checks of the printed form are rejected" in block
        assert "[thm1-psi](/claims/thm1-psi.md)" in block
        assert "thm6-mi" not in block


def test_a_derived_form_that_is_rejected_is_not_counted_as_agreeing(tmp_path: Path) -> None:
    rows = [check("derived", 40.0, "rejected"), check("derived", 0.1, "agrees")]
    block = evidence_of("thm1-mean", read_checks(write(tmp_path, {"schema": SCHEMA, "checks": rows})))
    assert "1 of 2 checks of the derived form agree" in block


@pytest.mark.parametrize("z", [-700.0, 5.0, 31.0, 4e6])
def test_a_deviation_of_any_size_is_drawn_inside_the_plot(z: float) -> None:
    rows = {"derived, vp": [(0.3, True)] * 30, "printed, vp": [(z, False)]}
    svg = error_bars(rows, what="a test")
    assert svg == error_bars(rows, what="a test")
    width, height = (float(size) for size in re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
    # Matplotlib leaves out the marks that lie outside.
    found = re.findall(r'<use [^>]*x="(\S+)" y="(\S+)" style="fill: (#\w+)', svg)
    colours = [colour for x, y, colour in found if 0 < float(x) < width and 0 < float(y) < height]
    assert (colours.count("#2a9d55"), colours.count("#d1541f")) == (30 + 2 * 30, 1 + 2)  # with the caps of the bars


@pytest.mark.parametrize(
    "document",
    [{}, [], {"schema": "other/1", "checks": []}, {"schema": SCHEMA, "checks": [{"claim": "x"}]}, {"schema": SCHEMA}],
)
def test_another_file_is_refused(tmp_path: Path, document: object) -> None:
    with pytest.raises(SiteError):
        read_checks(write(tmp_path, document))
