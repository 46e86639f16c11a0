"""How Sphinx makes the page; tools/golden.py names the theme."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
project = "Shrinkage"
version = release = "1.2"
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
html_theme = os.environ["THEME"]
html_copy_source = False
