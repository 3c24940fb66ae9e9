"""The site in a real Chromium: it opens, its formulas are set, its controls work, it fits a small screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from s2n_proofs.site.browser import find_browser

from .pages import pages_of

if find_browser() is None:
    pytest.skip("no Chromium (on Debian: apt-get install chromium)", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")

SMALL = 360  # pixels
_UNSET = """() => ({
  wrong: document.querySelectorAll(".katex-error").length,
  raw: [...document.querySelectorAll(".math")].filter((element) => !element.querySelector(".katex")).length,
  width: document.documentElement.scrollWidth,
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"] if root else [])
        yield chromium
        chromium.close()


class Visit:
    """A page, and what it complains about."""

    def __init__(self, browser: Any, *, width: int = 1200, dark: bool = False) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", offline=True
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"missing: {request.url}"))

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open(self, file: Path, fragment: str = "") -> dict[str, int]:
        self.page.goto(f"{file.resolve().as_uri()}{fragment}")
        state: dict[str, int] = self.page.evaluate(_UNSET)
        return state


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    with Visit(browser) as found:
        yield found


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (SMALL, True)])
def test_every_page_opens_is_set_and_fits(site: Path, browser: Any, width: int, dark: bool) -> None:
    with Visit(browser, width=width, dark=dark) as visit:
        pages = [page.file for page in pages_of(site)]
        assert len(pages) > 80
        for file in pages:
            state = visit.open(file)
            assert visit.complaints == [], file
            assert (state["wrong"], state["raw"]) == (0, 0), file
            assert state["width"] <= width, file


@pytest.mark.parametrize("claim", ["cor1-eps", "thm4-sde"])
def test_print_and_derivation_of_a_counterexample_are_seen_together(site: Path, visit: Visit, claim: str) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    visit.open(site / "claims" / f"{claim}.html")
    hidden = visit.page.locator(".s2n-witness").evaluate("e => e.scrollWidth - e.parentElement.clientWidth")
    assert hidden <= 0


def test_pictures_are_on_a_card_and_dimmed_in_the_dark(site: Path, browser: Any) -> None:
    seen = []
    for dark in (False, True):
        with Visit(browser, dark=dark) as visit:
            visit.open(site / "experiments.html")
            seen.append(visit.page.locator("article img").first.evaluate("e => getComputedStyle(e).filter"))
    assert seen == ["brightness(1)", "brightness(0.85)"]


def test_a_bad_page_would_be_noticed(tmp_path: Path, site: Path, visit: Visit) -> None:
    static = (site / "_static").as_uri()
    file = tmp_path / "bad.html"
    file.write_text(
        f"<!doctype html><script src='{static}/vendor/katex/katex.min.js'></script><script src='{static}/site.js'></script>"
        r"<img src='nothing.png' alt=''><span class=math>\frac{a}{</span><script>throw new Error('x')</script>"
        f"<div style='width:{2 * SMALL}px'>wide</div>",
        encoding="utf-8",
    )
    visit.page.set_viewport_size({"width": SMALL, "height": 600})
    state = visit.open(file)
    assert state["wrong"] == 1
    assert state["width"] > SMALL
    assert any("nothing.png" in said for said in visit.complaints)
    assert any("x" in said for said in visit.complaints)


def test_the_cheat_sheet_is_one_page_and_the_errata_are_more(site: Path) -> None:
    pages = {name: (site / f"{name}.pdf").read_bytes().count(b"/Type /Page\n") for name in ("cheatsheet", "errata")}
    assert pages["cheatsheet"] == 1
    assert pages["errata"] > 1


def test_the_difference_is_coloured(site: Path, visit: Visit) -> None:
    visit.open(site / "claims" / "thm1-mean.html")
    colours = [
        visit.page.locator(f".s2n-{kind}").first.evaluate("e => getComputedStyle(e).color") for kind in ("was", "is")
    ]
    plain = visit.page.locator(".s2n-side .katex").first.evaluate("e => getComputedStyle(e).color")
    assert len({*colours, plain}) == 3


def test_a_button_copies(site: Path, visit: Visit) -> None:
    visit.open(site / "claims" / "thm1-var.html")
    button = visit.page.locator(".s2n-copy").first
    button.click()
    visit.page.wait_for_function("document.querySelector('.s2n-copy').textContent === 'copied'")
    visit.page.wait_for_function("document.querySelector('.s2n-copy').textContent === 'LaTeX'")


def test_a_claim_of_the_graph_is_a_link(site: Path, visit: Visit) -> None:
    visit.open(site / "claims" / "graph.html")
    visit.page.locator("svg.s2n-graph a", has_text="cor1-eps").first.click()
    visit.page.wait_for_url("**/claims/cor1-eps.html")


def _picture(visit: Visit, place: str) -> str:
    return str(visit.page.locator(f"{place} canvas").first.evaluate("c => c.toDataURL()"))


@pytest.mark.parametrize("name", ["beta_d", "gamma", "steps", "s"])
def test_a_slider_moved_by_keyboard_moves_a_plot(site: Path, visit: Visit, name: str) -> None:
    visit.open(site / "explorer.html", "#schedule=vp&rho=1")
    canvases = visit.page.locator("#plots canvas")
    before = canvases.evaluate_all("all => all.map((c) => c.toDataURL())")
    visit.page.locator(f"#input-{name}").focus()
    for _ in range(12):
        visit.page.keyboard.press("ArrowRight")
    visit.page.wait_for_timeout(100)
    assert canvases.evaluate_all("all => all.map((c) => c.toDataURL())") != before
    assert visit.complaints == []


@pytest.mark.parametrize("schedule", ["vp", "ve", "iddpm", "fm-ot", "edm", "sub-vp"])
def test_every_schedule_is_drawn_and_sampled(site: Path, visit: Visit, schedule: str) -> None:
    visit.open(site / "explorer.html", f"#schedule={schedule}&steps=100")
    said = visit.page.locator("#score-derived")
    visit.page.wait_for_function("document.getElementById('score-derived').textContent !== ''")
    # Samples of the mixture itself have -0.7; a sampler that loses the data is far below.
    assert float(said.text_content().split()[3].rstrip(",")) > -3
    assert visit.complaints == []


def test_the_wrong_sign_is_seen(site: Path, visit: Visit) -> None:
    visit.open(site / "explorer.html")
    assert visit.page.locator("#figure-printed").is_hidden()
    visit.page.locator("#printed").check()
    visit.page.wait_for_function("document.getElementById('score-printed').textContent.includes('outside')")


def test_a_link_restores_the_page(site: Path, browser: Any, visit: Visit) -> None:
    visit.open(site / "explorer.html")
    visit.page.locator("#schedule").select_option("ve")
    visit.page.locator("#input-steps").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.locator("#printed").check()
    link = visit.page.url
    with Visit(browser) as other:
        other.page.goto(link)
        for page in (visit.page, other.page):
            page.wait_for_function("document.getElementById('score-printed').textContent !== ''")
        shown = [
            [page.locator("#schedule").input_value(), page.locator("#input-steps").input_value(), page.locator("#values").inner_text()]
            for page in (visit.page, other.page)
        ]  # fmt: skip
        assert shown[0] == shown[1]
        assert _picture(visit, "#plots") == _picture(other, "#plots")


def test_particles_move_when_played(site: Path, visit: Visit) -> None:
    visit.open(site / "explorer.html", "#steps=20")
    visit.page.locator("#play").press("Enter")
    visit.page.wait_for_function("document.getElementById('clock').textContent.includes('step 5 of')")
    first = visit.page.locator("#canvas-derived").evaluate("c => c.toDataURL()")
    visit.page.wait_for_function("document.getElementById('clock').textContent.includes('step 20 of')")
    assert visit.page.locator("#canvas-derived").evaluate("c => c.toDataURL()") != first


def test_light_and_dark_differ(site: Path, browser: Any) -> None:
    backs = []
    for dark in (False, True):
        with Visit(browser, dark=dark) as visit:
            visit.open(site / "explorer.html")
            backs.append(visit.page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor"))
            visit.open(site / "index.html")
            backs.append(visit.page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor"))
    assert len(set(backs[:2]) & set(backs[2:])) == 0
