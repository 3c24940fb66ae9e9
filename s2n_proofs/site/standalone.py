"""A page without Sphinx around it, for the printer; its formulas are set by the same vendored KaTeX."""

from __future__ import annotations

from html import escape

__all__ = ["standalone_page"]

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{root}_static/vendor/katex/katex.min.css">
<link rel="stylesheet" href="{root}_static/print.css">
<script src="{root}_static/vendor/katex/katex.min.js" defer></script>
<script src="{root}_static/site.js" defer></script>
</head>
<body class="{kind}">
{body}
</body>
</html>
"""


def standalone_page(title: str, body: str, kind: str, root: str = "") -> str:
    """A whole HTML page; `kind` is a class of ``print.css``, `root` leads to the site's first page."""
    return _PAGE.format(title=escape(title), body=body, kind=kind, root=root)
