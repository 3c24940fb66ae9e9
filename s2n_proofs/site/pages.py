"""Every page of the site of the paper, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Callable

from ..report.ledger import Ledger, verify
from .claim_page import claim_file, claim_page
from .dependencies import neighbours, results
from .graph import graph_svg
from .indexes import by_section, by_verdict, verdict_picture
from .markup import raw_html
from .sources import SourceTree, written_texts

__all__ = ["write_site"]

Say = Callable[[str], None]


def write_site(tree: SourceTree, *, ledger: Ledger | None = None, say: Say = lambda _: None) -> None:
    """Write the whole site's pages into a source folder.

    Parameters
    ----------
    tree : SourceTree
        Where to.
    ledger : Ledger, optional
        Judged claims; without it they are judged now.
    say : callable
        Told what is being done.
    """
    if ledger is None:
        say("judging the claims")
        ledger = verify()
    tree.copy(written_texts(), pattern="**/*.md")
    tree.copy(written_texts(), pattern="*.py")
    tree.write("_generated/verdicts.md", verdict_picture(ledger))
    _write_claims(tree, ledger)


def _write_claims(tree: SourceTree, ledger: Ledger) -> None:
    tree.write("claims/index.md", by_section(ledger))
    tree.write("claims/by-verdict.md", by_verdict(ledger))
    found = results()
    near = neighbours(found)
    verdicts = {record["id"]: record["verdict"] for record in ledger.claims}
    svg = graph_svg(found, verdicts, {claim: f"../{claim_file(claim)}.html" for claim in verdicts})
    tree.write("claims/graph.md", _GRAPH.format(svg=raw_html(_scrolling(svg))))
    for record in ledger.claims:
        claim = record["id"]
        below, above = near.get(claim, ((), ()))
        readings = [other for other in verdicts if other != claim and other.split("/")[0] == claim.split("/")[0]]
        related = {
            title: [ledger[other] for other in others]
            for title, others in (("Other readings", readings), ("Builds on", below), ("Used by", above))
        }
        tree.write(f"{claim_file(claim)}.md", claim_page(record, related))


_GRAPH = """---
hide-toc: true
---

# Dependency graph

A box is a derivation with the claims that are judged against it; an arrow goes to a derivation that has all its steps, and more.
Derivations that stand alone are left out. Every claim is a link.

{svg}
"""


def _scrolling(svg: str) -> str:
    return f'<div class="s2n-scroll" tabindex="0" role="group" aria-label="dependency graph">{svg}</div>'
