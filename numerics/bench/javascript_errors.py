"""The printed JavaScript, run under node, against ball arithmetic."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from s2n_proofs.formulas import derive
from s2n_proofs.lower.candidates import SINGLE
from s2n_proofs.lower.forms import single_formula
from s2n_proofs.lower.points import pairs
from s2n_proofs.lower.reference import Reference
from s2n_proofs.report.formats import render
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import delta, gamma, rho, s, t

__all__ = ["GOAL", "javascript_error"]

GOAL = 1e-13
_MAIN = """
import * as p from "./schedule.mjs";
import { readFileSync } from "node:fs";
const { s, t } = JSON.parse(readFileSync("times.json"));
const out = {};
for (const name of ["alpha", "sigma", "log_snr", "f", "g_squared"]) out[name] = t.map((x) => p[name](x));
for (const name of ["transition_factor", "transition_variance"]) out[name] = t.map((x, i) => p[name](s[i], x));
out.step = t.map((x, i) => p.step(s[i], x, 0.5, 0.5, 1));
console.log(JSON.stringify(out));
"""


def javascript_error(schedule: Schedule, count: int, seed: int) -> float | None:
    """The largest relative error of any function of the module (of max(1, value) for the log-SNR); None without node.

    Parameters
    ----------
    schedule : Schedule
    count : int
        Pairs of times.
    seed : int
    """
    node = shutil.which("node")
    if node is None:
        return None
    points = pairs(schedule.domain, count, seed, "float64")
    with TemporaryDirectory() as folder:
        Path(folder, "schedule.mjs").write_text(render(derive(schedule), "javascript"), encoding="utf-8")
        Path(folder, "main.mjs").write_text(_MAIN, encoding="utf-8")
        Path(folder, "times.json").write_text(json.dumps({"s": points.s.tolist(), "t": points.t.tolist()}))
        done = subprocess.run([node, "main.mjs"], cwd=folder, capture_output=True, text=True, check=True, timeout=120)
    found = {name: np.array(values, float) for name, values in json.loads(done.stdout).items()}
    return max(_errors(schedule, points.s, points.t, found))


def _errors(schedule: Schedule, first: np.ndarray, last: np.ndarray, found: dict[str, np.ndarray]) -> list[float]:
    from s2n_proofs.lower.forms import derived
    from s2n_proofs.lower.reference import errors

    reference = Reference(schedule.alpha, schedule.sigma)
    worst = []
    for name in SINGLE:
        true = reference.values(reference.formula(single_formula(name)), {t: last})
        unit = np.maximum(np.abs(true.high), 1.0) if name == "log_snr" else None
        worst.append(float(errors(found[name], true, unit).max()))
    places: dict[object, np.ndarray | float] = {s: first, t: last}
    worst += [
        float(errors(found[name], reference.values(reference.formula(derived()[name]), places)).max())
        for name in ("transition_factor", "transition_variance")
    ]
    for i, part in enumerate(("a_z", "a_eps", "a_noise")):
        true = reference.step(f"step.{part}", {**places, gamma: 0.5, delta: 0.5, rho: 1.0})
        worst.append(float(errors(found["step"][:, i], true).max()))
    return worst
