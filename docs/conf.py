"""Sphinx's configuration.  ``s2n docs`` adds the generated pages to a copy of this folder and builds that."""

from importlib import metadata

try:
    release = metadata.version("s2n-proofs")
except metadata.PackageNotFoundError:  # run from a source tree
    release = "from source"

project = "s2n-proofs"
author = copyright = "the s2n-proofs developers"
html_title = "s2n-proofs"
html_last_updated_fmt = None  # the same sources give the same pages

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "s2n_proofs.site.sphinx_extension"]
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_static", "_generated"]
suppress_warnings = ["ref.python"]  # a name that two modules export is found in either
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings give the types in words
autodoc_preserve_defaults = True
toc_object_entries = False  # the navigation of every page would carry a thousand names
autodoc_mock_imports = ["triton", "diffusers", "azula"]
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True  # an attribute that is a property too is described once

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["vendor/katex/katex.min.css", "site.css"]
html_js_files = ["vendor/katex/katex.min.js", "site.js"]
html_math_renderer = "s2n"
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b5cad",
        "color-brand-content": "#0b5cad",
        "s2n-holds": "#1a6b2d",
        "s2n-conditional": "#7a5200",
        "s2n-fails": "#b3261e",
        "s2n-undecided": "#6b3fa0",
        "s2n-was-back": "#ffe3e0",
        "s2n-is-back": "#d9f2df",
        "s2n-line": "#d5d9de",
        "s2n-soft": "#f5f7f9",
        "s2n-picture": "1",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7db8f5",
        "color-brand-content": "#7db8f5",
        "s2n-holds": "#77d48b",
        "s2n-conditional": "#e8b95b",
        "s2n-fails": "#ff938a",
        "s2n-undecided": "#c9a5f5",
        "s2n-was-back": "#5a2320",
        "s2n-is-back": "#1d4427",
        "s2n-line": "#3a3f46",
        "s2n-soft": "#1b1e22",
        "s2n-picture": "0.85",
    },
}
