from __future__ import annotations

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.packages import check_packages, distribution_of

INSTALLED = {
    "scikit-learn": "1.9",
    "pandas": "3.0",
    "opencv-python-headless": "4",
    "PyYAML": "6",
    "python-dateutil": "2",
}


def missing(source: str, modules: dict[str, bool] | None = None) -> list[str]:
    """Return the packages that a cell imports in vain."""
    return [finding.symbol for finding in check_packages([Cell("a", source)], INSTALLED, modules)]


@pytest.mark.parametrize(
    "source",
    [
        "import os, json",
        "from sklearn.linear_model import Ridge",
        "import cv2, yaml",
        "from dateutil import parser",
        "try:\n    import nothere\nexcept ImportError:\n    nothere = None",
        "try:\n    import nothere\nexcept (ModuleNotFoundError, OSError):\n    pass",
        "from . import local",
    ],
)
def test_what_is_there_or_guarded_is_fine(source: str) -> None:
    """The standard library, differing names and guarded imports give no finding."""
    assert missing(source) == []


def test_missing_package_is_told_once() -> None:
    """A package is reported once per cell, with its line."""
    (finding,) = check_packages([Cell("a", "import pandas\nimport nothere\nimport nothere.sub")], INSTALLED)
    assert (finding.symbol, finding.line, finding.severity) == ("nothere", 2, "error")


def test_near_names_are_suggested_and_only_known_installs() -> None:
    """A made-up name is never turned into a command that installs it."""
    (near,) = check_packages([Cell("a", "import pandsa")], INSTALLED)
    assert near.suggestions == ("pandas",)
    assert "like that of `pandas`: do not install it unseen" in near.message
    (known,) = check_packages([Cell("a", "import skimage")], INSTALLED)
    assert "%pip install scikit-image" in known.suggestions
    assert "unseen" not in known.message


def test_sandbox_word_counts_more_than_names() -> None:
    """What the sandbox says of a module overrides what its name suggests."""
    assert missing("import oddname", {"oddname": True}) == []
    assert missing("import pandas", {"pandas": False}) == ["pandas"]


def test_nothing_known_says_nothing() -> None:
    """Without a list of packages there is no finding."""
    assert not list(check_packages([Cell("a", "import nothere")], {}))


def test_differing_names() -> None:
    """Well-known modules lead to their distribution."""
    assert distribution_of("PIL") == "pillow"
    assert distribution_of("unheard") == "unheard"


def test_findings_carry_what_is_needed() -> None:
    """The distribution, its language, and whether it may be added by one word."""
    found = check_packages([Cell("a", "import polars, skimage, pandsa, nothere")], INSTALLED)
    needs = {finding.symbol: finding.need for finding in found}
    assert {symbol: need and (need.name, need.addable) for symbol, need in needs.items()} == {
        "polars": ("polars", True),
        "skimage": ("scikit-image", True),
        "pandsa": ("pandsa", False),
        "nothere": ("nothere", False),
    }
