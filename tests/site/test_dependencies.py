"""The graph is read off the derivations."""

from __future__ import annotations

import re

from s2n_proofs.derivation import Derivation, Step
from s2n_proofs.ledger.claim import Claim
from s2n_proofs.ledger.registry import CLAIMS
from s2n_proofs.site.dependencies import neighbours, results
from s2n_proofs.site.graph import graph_svg
from s2n_proofs.symbols import t

A, B, C = (Step("substitute", name) for name in "abc")


def claim(name: str, *steps: Step) -> Claim:
    return Claim(name, "here", "identity", name, {"x": t}, lambda: Derivation(name, {"x": t}, steps))


def test_a_result_builds_on_the_largest_parts_of_it_only() -> None:
    found = results((claim("one", A), claim("two", A, B), claim("three", A, B, C), claim("other", C)))
    assert [result.builds_on for result in found] == [(), (0,), (1, 3), ()]


def test_claims_with_the_same_steps_share_a_box() -> None:
    (found,) = results((claim("one", A), claim("again", A)))
    assert found.claims == ("one", "again")


def test_an_assumption_is_no_dependency() -> None:
    shared = Step("assume", "differentiable")
    assert [r.builds_on for r in results((claim("one", shared), claim("two", shared, A)))] == [(), ()]


def test_every_claim_with_a_derivation_is_in_one_result() -> None:
    listed = [name for result in results() for name in result.claims]
    assert sorted(listed) == sorted(c.id for c in CLAIMS if isinstance(c, Claim))


def test_above_is_the_opposite_of_below() -> None:
    near = neighbours(results())
    for name, (below, above) in near.items():
        assert all(name in near[other][1] for other in below)
        assert all(name in near[other][0] for other in above)


def test_boxes_do_not_overlap_and_lie_inside() -> None:
    verdicts = {c.id: "holds" for c in CLAIMS}
    svg = graph_svg(results(), verdicts, {c.id: f"{c.id}.html" for c in CLAIMS})
    width, height = (float(x) for x in re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
    boxes = [
        tuple(map(float, found))
        for found in re.findall(r'<rect class="s2n-box" x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"', svg)
    ]
    assert len(boxes) > 20
    for n, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
        for x2, y2, w2, h2 in boxes[n + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_arrows_point_down() -> None:
    verdicts = {c.id: "holds" for c in CLAIMS}
    svg = graph_svg(results(), verdicts, dict.fromkeys(verdicts, "x"))
    arrows = re.findall(r'd="M\S+ ([\d.]+)C\S+ \S+ \S+ \S+ \S+ ([\d.]+)"', svg)
    assert arrows
    assert all(float(start) < float(end) for start, end in arrows)
