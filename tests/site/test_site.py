"""The built site, without a browser: whole, small, self-contained, and readable by everyone."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from s2n_proofs.ledger.registry import CLAIMS
from s2n_proofs.named_schedules import catalogue
from s2n_proofs.site.api_pages import public_names
from s2n_proofs.site.sources import packages, written_texts

from .conftest import run_docs
from .pages import Page, pages_of

LARGEST = 15 * 10**6  # bytes


@pytest.fixture(scope="module")
def pages(site: Path) -> list[Page]:
    return pages_of(site)


def files(site: Path) -> list[Path]:
    return [file for file in site.rglob("*") if file.is_file() and ".sphinx" not in file.parts]


def test_sphinx_has_nothing_to_complain_about(site: Path) -> None:
    warnings = site.with_name("site.said").read_text(encoding="utf-8").splitlines()
    assert [w for w in warnings if "WARNING" in w or "ERROR" in w] == []


def test_every_public_name_has_its_place(pages: list[Page]) -> None:
    described = {name for page in pages if page.file.parent.name == "api" for name in page.ids}
    named = {f"{module}.{name}" for module, names in public_names(*packages()).items() for name in names}
    assert len(named) > 500
    assert named <= described


def test_every_claim_and_schedule_has_its_page(site: Path) -> None:
    for claim in CLAIMS:
        assert (site / "claims" / f"{claim.id}.html").is_file()
    for name in catalogue.names():
        assert (site / "schedules" / f"{name}.html").is_file()
    for name in (
        "index.html",
        "errata.html",
        "errata.tex",
        "explorer.html",
        "trust.html",
        "figures.html",
        "api/index.html",
    ):
        assert (site / name).is_file()


def test_a_claims_page_says_its_verdict(site: Path, ledger_run) -> None:
    for record in ledger_run.claims:
        text = (site / "claims" / f"{record['id']}.html").read_text(encoding="utf-8")
        assert f"s2n-verdict s2n-{record['verdict']}" in text.split("<h2", 1)[0]


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: list[Page]) -> None:
    for page in pages:
        outside = [url for url in page.loads if urlsplit(url).netloc or urlsplit(url).scheme not in ("", "data")]
        assert outside == [], page.file
    for sheet in site.rglob("*.css"):
        urls = re.findall(r"(?:url\(|@import\s+)['\"]?([^'\")]+)", sheet.read_text(encoding="utf-8"))
        assert [url for url in urls if re.match(r"(https?:)?//", url)] == [], sheet


def test_the_scripts_ask_for_nothing_from_elsewhere(site: Path) -> None:
    for script in (site / "_static").rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"(fetch|import|importScripts|Worker|XMLHttpRequest)\(['\"]https?:", text), script


def test_every_link_leads_somewhere(site: Path, pages: list[Page]) -> None:
    ids = {page.file.resolve(): set(page.ids) for page in pages}
    for page in pages:
        for link in (*page.links, *page.loads):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file.resolve()
            if target.suffix == ".pdf":  # there is one where there is a Chromium
                continue
            assert target.is_file(), f"{page.file}: {link}"
            if parts.fragment and target in ids:
                assert unquote(parts.fragment) in ids[target], f"{page.file}: {link}"


def test_the_site_is_small(site: Path) -> None:
    assert sum(file.stat().st_size for file in files(site)) <= LARGEST


def test_pages_can_be_read_by_everyone(pages: list[Page]) -> None:
    for page in pages:
        assert page.language, page.file
        assert page.nameless == [], page.file
        if page.file.name in ("genindex.html", "search.html"):  # furo's own
            continue
        assert page.headings.count(1) == 1, page.file
        assert page.headings[0] == 1, page.file
        steps = [b - a for a, b in zip(page.headings, page.headings[1:], strict=False)]
        assert max(steps, default=0) <= 1, page.file


def test_ids_are_unique_on_a_page(pages: list[Page]) -> None:
    for page in pages:
        assert len(page.ids) == len(set(page.ids)), page.file


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines define it."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_it_should_be() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") < 4.5


@pytest.mark.parametrize(("theme", "back"), [("light", "#ffffff"), ("dark", "#131416")])
def test_colours_of_text_have_contrast(theme: str, back: str) -> None:
    spec = importlib.util.spec_from_file_location("conf", written_texts() / "conf.py")
    assert spec is not None
    conf = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(conf)
    colours = conf.html_theme_options[f"{theme}_css_variables"]
    for name in ("s2n-holds", "s2n-conditional", "s2n-fails", "s2n-undecided", "color-brand-content"):
        assert contrast(colours[name], back) >= 4.5, name
        assert contrast(colours[name], colours["s2n-soft"]) >= 4.5, name
    for text, behind in (("s2n-fails", "s2n-was-back"), ("s2n-holds", "s2n-is-back")):
        assert contrast(colours[text], colours[behind]) >= 4.5


def test_a_second_build_changes_nothing(site: Path) -> None:
    # Sphinx writes the index of its search in the order in which it read the pages.
    kept = [file for file in files(site) if file.suffix in (".html", ".tex", ".js") and file.name != "searchindex.js"]
    before = {file: file.read_bytes() for file in kept}
    said = run_docs("--out", str(site)).stderr
    assert "building" in said
    assert "judging" not in said
    assert "deriving" not in said
    assert {file: file.read_bytes() for file in before} == before
