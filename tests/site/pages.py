"""What the tests ask of a page of HTML, read without a browser."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

__all__ = ["Page", "pages_of"]

_LOADS = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("object", "data")}


class Page(HTMLParser):
    """Headings, ids, links, what is loaded, and what a screen reader would miss."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.language = ""
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.nameless: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        for name in ("src", "href", "data"):
            if (
                (tag, name) in _LOADS
                and name in given
                and not given.get("rel", "").startswith(("search", "index", "prev", "next"))
            ):
                self.loads.append(given[name])
        if tag == "img" and "alt" not in given:
            self.nameless.append(given.get("src", "img"))
        if tag == "svg" and given.get("role") == "img" and not given.get("aria-label"):
            self.nameless.append("svg")


def pages_of(site: Path) -> list[Page]:
    """Every page of a site."""
    return [Page(file) for file in sorted(site.rglob("*.html")) if ".sphinx" not in file.parts]
