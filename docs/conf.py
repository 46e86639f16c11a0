"""How the documentation is built; `make docs` builds it with warnings as errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sphinx.application import Sphinx  # noqa: E402 - the path comes first

project = "gptoss_lab"
author = "gptoss_lab contributors"
version = release = json.loads((HERE.parent / "package.json").read_text(encoding="utf-8"))["version"]

extensions = ["myst_parser", "sphinx_copybutton"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 4
myst_url_schemes = ["https", "http", "mailto"]

html_theme = "furo"
html_title = "gptoss_lab"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_theme_options = {"sidebar_hide_name": False}
copybutton_prompt_text = r"\$ |> "
copybutton_prompt_is_regexp = True


def setup(app: Sphinx) -> None:
    """Make the reference anew before Sphinx looks for pages."""
    app.connect("config-inited", _write_reference)


def _write_reference(_app: Sphinx, _config: object) -> None:
    from tools.docs import write  # noqa: PLC0415 - it imports the whole package

    write(HERE)
