"""What decides an image's name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.recipes import RECIPES, Recipe, System
from gptoss_lab.schemas.base import Language

LANGUAGES: tuple[Language, ...] = ("python", "r")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tag_names_the_language_and_the_content(language: Language) -> None:
    """Each language has a recipe, whose tag ends with the hash of what goes in."""
    recipe = RECIPES[language]
    assert recipe.language == language
    assert recipe.tag == f"gptoss-sandbox-{language}:{recipe.digest}"


@pytest.mark.parametrize(
    "change",
    [
        {"packages": ("ipykernel",)},
        {"lock": Lock("ipykernel==7.0 --hash=sha256:00")},
        {"layout": "another"},
        {"language": "r"},
        {"system": System("debian:sid", "base:sid", "sid", ())},
    ],
)
def test_whatever_changes_the_content_changes_the_tag(change: dict[str, object]) -> None:
    """Packages, steps, language and release all count."""
    recipe = RECIPES["python"]
    changed: Recipe = replace(recipe, **change)  # type: ignore[arg-type]
    assert changed.digest != recipe.digest


def test_the_order_of_packages_does_not_matter() -> None:
    """The same packages make the same image, in whatever order they are listed."""
    recipe = RECIPES["r"]
    assert replace(recipe, packages=tuple(reversed(recipe.packages))).tag == recipe.tag


def test_r_comes_from_debian_alone() -> None:
    """Every R package is one of Debian's, so nothing is compiled while the image is built."""
    packages = RECIPES["r"].packages
    assert {"r-base-core", "r-cran-irkernel", "r-cran-tidyverse", "r-cran-lme4"} <= set(packages)
    assert all(name == name.lower() and ">" not in name for name in packages)
