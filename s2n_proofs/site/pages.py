"""Every page of the site of the paper, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..ledger.assess import equations_of
from ..ledger.claim import Claim
from ..ledger.registry import CLAIMS
from ..ledger.runner import Limits, run_all
from ..named_schedules import catalogue
from ..report.ledger import Ledger, verify
from .api_pages import api_pages
from .browser import find_browser
from .cheatsheet import cheatsheet_body
from .claim_page import claim_file, claim_page
from .dependencies import neighbours, results
from .errata import errata_body, errata_page, errata_tex
from .figures import figures_page
from .generated import Generated
from .graph import graph_svg
from .indexes import by_section, by_verdict, verdict_picture
from .kernels import kernels_script
from .markup import raw_html
from .montecarlo_evidence import evidence_of, read_checks
from .schedule_page import schedule_page
from .sources import SiteError, packages, written_texts
from .standalone import standalone_page

__all__ = ["generate"]

Say = Callable[[str], None]
_LIMITS = Limits(seconds=300.0, memory=4 * 1024**3)


def generate(*, ledger: Ledger | None = None, say: Say = lambda _: None) -> Generated:
    """Print all pages and files that come from the objects.

    Parameters
    ----------
    ledger : Ledger, optional
        All claims, judged; without it they are judged now.
    say : callable
        Told what is being done.
    """
    if ledger is None:
        say("judging the claims")
        ledger = verify()
    say("deriving the schedules")
    schedules = catalogue.names()
    # The longest first; each is a text, so that workers have little to hand back.
    texts = dict(
        zip(("kernels", "cheatsheet", *schedules), _in_parallel("kernels", "cheatsheet", *schedules), strict=True)
    )
    pages = {
        "_generated/verdicts.md": verdict_picture(ledger),
        "_generated/sheets.md": raw_html(f"<p>{_SHEETS}{_SHEETS_PDF if find_browser() is not None else ''}.</p>"),
        "figures.md": figures_page(written_texts() / "data"),
        "errata.md": errata_page(ledger, pdf=find_browser() is not None),
        "claims/index.md": by_section(ledger),
        "claims/by-verdict.md": by_verdict(ledger),
        "schedules/index.md": _SCHEDULES.format(names="\n".join(schedules)),
        **dict(_claims(ledger)),
        **api_pages(*packages()),
        **{f"schedules/{name}.md": texts[name] for name in schedules},
    }
    files = {
        "errata.tex": errata_tex(ledger),
        "errata-print.html": standalone_page("Errata", errata_body(ledger), "errata"),
        "cheatsheet-print.html": standalone_page("Diffusion from alpha and sigma", texts["cheatsheet"], "cheatsheet"),
        "_static/explorer/kernels.js": texts["kernels"],
    }
    return Generated(pages, files)


def _in_parallel(*names: str) -> list[str]:
    def stopped(name: Any, reason: str) -> str:
        raise SiteError(f"the page of {name} was not made: {reason}")

    return run_all(names, _text, stopped, limits=_LIMITS)


def _text(name: str) -> str:
    if name == "kernels":
        return kernels_script()
    return cheatsheet_body() if name == "cheatsheet" else schedule_page(catalogue[name])


def _claims(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The graph and the page of every claim."""
    checks = read_checks(written_texts() / "data" / "montecarlo.json")
    found = results()
    near = neighbours(found)
    verdicts = {record["id"]: record["verdict"] for record in ledger.claims}
    derived = {
        claim.id: {equation.name: equation.derived for equation in equations_of(claim, claim.derive())}
        for claim in CLAIMS
        if isinstance(claim, Claim)
    }
    svg = graph_svg(found, verdicts, {claim: f"../{claim_file(claim)}.html" for claim in verdicts})
    yield "claims/graph.md", _GRAPH.format(svg=raw_html(_scrolling(svg)))
    for record in ledger.claims:
        claim = record["id"]
        below, above = near.get(claim, ((), ()))
        readings = [other for other in verdicts if other != claim and other.split("/")[0] == claim.split("/")[0]]
        related = {
            title: [ledger[other] for other in others]
            for title, others in (("Other readings", readings), ("Builds on", below), ("Used by", above))
        }
        together = next((result.claims for result in found if claim in result.claims), ())
        evidence = evidence_of(claim, checks, [*readings, *together])
        yield f"{claim_file(claim)}.md", claim_page(record, related, evidence, derived.get(claim))


_SHEETS = 'For print: <a href="cheatsheet-print.html">every formula on one page</a>, <a href="errata-print.html">the errata</a>'
_SHEETS_PDF = '; as PDF: <a href="cheatsheet.pdf">one page</a>, <a href="errata.pdf">errata</a>'

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
