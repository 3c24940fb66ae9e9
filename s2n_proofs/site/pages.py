"""Every page of the site of the paper, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..named_schedules import catalogue
from ..report.files import write_atomically
from ..report.ledger import Ledger
from .api_pages import api_pages
from .browser import find_browser, print_to_pdf
from .cheatsheet import cheatsheet_body
from .claim_page import claim_file, claim_page
from .dependencies import neighbours, results
from .errata import errata_body, errata_page, errata_tex
from .explorer import write_explorer
from .graph import graph_svg
from .indexes import by_section, by_verdict, verdict_picture
from .markup import raw_html
from .montecarlo_evidence import evidence_of, read_checks
from .schedule_page import schedule_page
from .sources import SourceTree, written_texts
from .standalone import standalone_page

__all__ = ["finish_site", "write_site"]

Say = Callable[[str], None]


def write_site(tree: SourceTree, ledger: Ledger, *, say: Say = lambda _: None) -> None:
    """Write the whole site's pages into Sphinx's source folder.

    Parameters
    ----------
    tree : SourceTree
        Where to.
    ledger : Ledger
        All claims, judged.
    say : callable
        Told what is being done.
    """
    texts = written_texts()
    tree.copy(texts, pattern="**/*.md")
    tree.copy(texts, pattern="*.py")
    tree.write("_generated/verdicts.md", verdict_picture(ledger))
    tree.write("errata.md", errata_page(ledger, pdf=find_browser() is not None))
    _write_claims(tree, ledger, read_checks(texts / "data" / "montecarlo.json"))
    for page, text in api_pages(Path(__file__).resolve().parent.parent).items():
        tree.write(page, text)
    say("deriving the schedules")
    tree.write("schedules/index.md", _SCHEDULES.format(names="\n".join(catalogue.names())))
    for name in catalogue.names():
        tree.write(f"schedules/{name}.md", schedule_page(catalogue[name]))


def finish_site(out: Path, ledger: Ledger, *, say: Say = lambda _: None) -> None:
    """Add to the built site what is not Sphinx's: explorer, errata in LaTeX and for print, cheat sheet."""
    write_explorer(out)
    write_atomically(out / "errata.tex", errata_tex(ledger))
    prints = {
        "errata": standalone_page("Errata", errata_body(ledger), "errata"),
        "cheatsheet": standalone_page("Diffusion from alpha and sigma", cheatsheet_body(), "cheatsheet"),
    }
    for name, page in prints.items():
        write_atomically(out / f"{name}-print.html", page)
        if find_browser() is not None:
            print_to_pdf(out / f"{name}-print.html", out / f"{name}.pdf")
    if find_browser() is None:
        say("no Chromium: errata.pdf and cheatsheet.pdf are left out; print errata-print.html yourself")


def _write_claims(tree: SourceTree, ledger: Ledger, checks: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
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
        tree.write(f"{claim_file(claim)}.md", claim_page(record, related, evidence_of(claim, checks)))


_SCHEDULES = """# Schedules

Each page has every formula of one schedule of the catalogue, plots, code, and where float32 fails. For a schedule of your own:
`s2n docs --alpha EXPR --sigma EXPR --name NAME`.

```{{toctree}}
:maxdepth: 1

{names}
```
"""

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
