"""The packages that are known by name."""

from __future__ import annotations

import pytest

from gptoss_lab.checks.known import known_python, known_r, normal
from gptoss_lab.checks.packages import DISTRIBUTIONS, python_need, r_need


def test_lists_hold_what_people_use() -> None:
    """Names as an index spells them, in a form that can be compared."""
    assert {"polars", "scikit-learn", "pyyaml"} <= known_python()
    assert {"dplyr", "data.table", "rcolorbrewer"} <= known_r()
    assert all(name == normal(name) for name in known_python())


@pytest.mark.parametrize(
    ("module", "name"), [("polars", "polars"), ("skimage", "scikit-image"), ("PIL", "pillow")]
)
def test_known_packages_are_offered_by_their_own_names(module: str, name: str) -> None:
    """What is imported by another name is added by its own."""
    need = python_need(module)
    assert (need.name, need.language, need.addable, need.reason) == (name, "python", True, "")


def test_unknown_packages_are_not_offered() -> None:
    """Nor are names that are like one that is installed; each says why."""
    made_up = python_need("fast_pandas_tools")
    assert (made_up.addable, "made up" in made_up.reason) == (False, True)
    alike = python_need("pandsa", "pandas")
    assert (alike.addable, alike.reason) == (False, "Its name is like that of pandas, which is installed.")
    assert not r_need("tidyfastest").addable
    assert "like that of ggplot2" in r_need("ggplot", "ggplot2").reason
    assert r_need("RColorBrewer").addable


def test_no_known_name_is_a_module_of_another_package() -> None:
    """Such a name would be refused when it is added."""
    modules = {normal(module) for module, name in DISTRIBUTIONS.items() if normal(module) != normal(name)}
    assert not known_python() & modules - {"igraph"}
