"""Sphinx: `make docs`."""

from importlib.metadata import version as installed

project = "Glass City"
author = "The Glass City developers"
copyright = "2026, the Glass City developers"
release = version = installed("glasscity")

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
suppress_warnings: list[str] = []

html_theme = "furo"
html_title = f"Glass City {release}"
html_theme_options = {"navigation_with_keys": True}
