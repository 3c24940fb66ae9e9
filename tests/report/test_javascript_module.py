"""The JavaScript module under node, against 40 digits."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from mpmath import mpf

from s2n_proofs.formulas import derive
from s2n_proofs.report.formats import render
from s2n_proofs.schedule import Schedule

from .oracle import RELATIVE, SCHEDULES, calls, derived

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None, reason="JavaScript is tested under node, which is not installed (apt-get install nodejs)"
)


def run(folder: Path, module: str, script: str) -> str:
    (folder / "schedule.mjs").write_text(module)
    (folder / "main.mjs").write_text(f'import * as p from "./schedule.mjs";\n{script}')
    done = subprocess.run(
        [NODE or "node", "main.mjs"], capture_output=True, text=True, check=False, cwd=folder, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_node
@pytest.mark.parametrize("name", SCHEDULES)
def test_module_agrees_with_the_definitions(name: str, tmp_path: Path) -> None:
    made = calls(name)
    listed = json.dumps([[c.function, [*c.arguments, *([c.parameters] if c.parameters else [])]] for c in made])
    # Free parameters are the last argument; step has all its knobs given.
    script = f"console.log(JSON.stringify({listed}.map(([name, args]) => p[name](...args))));"
    for call, found in zip(made, json.loads(run(tmp_path, render(derived(name), "javascript"), script)), strict=True):
        for part, expected in zip(found if len(call.expected) > 1 else [found], call.expected, strict=True):
            assert abs(mpf(part) - expected) <= RELATIVE * abs(expected) + mpf(10) ** -300, call


_REFUSED = {
    "p.alpha(1.5)": "t must be in [0, 1]; it is 1.5",
    "p.f(NaN)": "t must be in [0, 1]; it is NaN",
    "p.transition_factor(0.5, 0.25)": "s must not be later than t; they are 0.5 and 0.25",
    "p.log_snr(0)": "log_snr has no finite value at t = 0",
    "p.step(0.25, 0.5, 0, -1)": "delta must not be negative; it is -1",
    "p.step(0, 0.5, -1)": "the step is not finite at s = 0, t = 0.5, gamma = -1, delta = 0, rho = 0",
    "p.nonmarkov_step(0.25, 0.5, 0.5)": "beta must be in [0, sigma(s)] = [0, 0.25]; it is 0.5",
}


@needs_node
def test_bad_input_is_a_sentence_and_defaults_are_there(tmp_path: Path) -> None:
    tries = ", ".join(f"() => {call}" for call in _REFUSED)
    script = (
        f"const said = [{tries}].map(f => {{ try {{ f(); return null; }} catch (e) {{ return [e.name, e.message]; }} }});\n"
        "console.log(JSON.stringify([said, p.step(0, 0.5), p.START, p.END]));"
    )
    said, step, start, end = json.loads(run(tmp_path, render(derived("fm-ot"), "javascript"), script))
    assert said == [["RangeError", sentence] for sentence in _REFUSED.values()]
    assert (step, start, end) == ([2, -1, 0], 0, 1)


@needs_node
def test_hostile_names_stay_in_the_comment(tmp_path: Path) -> None:
    name = "*/ process.exit(3); /*\n`${process.exit(3)}`"
    for parameter in ("let", "Math", "v0", "START", "function"):
        schedule = Schedule("1 - t", f"t*{parameter}", parameters={parameter: None}, name=name)
        assert (
            run(tmp_path, render(derive(schedule), "javascript"), "console.log(p.alpha(0.25, {}));").strip() == "0.75"
        )
