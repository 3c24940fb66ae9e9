"""Every node under node.js against 50 digits."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from mpmath import mpf

from s2n_proofs.lower.printers.errors import PrinterError
from s2n_proofs.lower.printers.javascript_code import JavaScriptPrinter
from s2n_proofs.lower.program import program

from .nodes import CASES, Case, P, X, Y
from .test_nodes import expected, units

NODE = shutil.which("node")


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> dict[str, list[float]]:
    """All cases at all their points, in one run of node."""
    if NODE is None:
        pytest.skip("JavaScript is tested under node, which is not installed (apt-get install nodejs)")
    lines = ['"use strict";', "const found = {};"]
    for number, case in enumerate(CASES):
        lines.append(JavaScriptPrinter(program([X, Y, P], {"value": case.expr})).function(f"f{number}"))
        points = json.dumps([[float(c) for c in point] for point in case.points])
        # A NaN would become null in JSON; as text it stays what it is.
        lines.append(f"found[{json.dumps(case.name)}] = {points}.map(p => String(f{number}(...p)[0]));")
    script = tmp_path_factory.mktemp("javascript") / "cases.js"
    script.write_text("\n".join([*lines, "console.log(JSON.stringify(found));"]))
    done = subprocess.run([NODE, str(script)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return {name: list(map(float, values)) for name, values in json.loads(done.stdout).items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_javascript(case: Case, computed: dict[str, list[float]]) -> None:
    for found, exact in zip(computed[case.name], expected(case), strict=True):
        assert abs(mpf(found) - exact) <= units(case) * 2.0**-52 * abs(exact)


@pytest.mark.parametrize("name", ["let", "Math", "1x", "v3", "x1", "a b", "α"])
def test_a_name_that_cannot_be_an_argument_is_refused(name: str) -> None:
    with pytest.raises(PrinterError, match="cannot be the name of an argument"):
        JavaScriptPrinter(program([X], {"value": X}), [name])
