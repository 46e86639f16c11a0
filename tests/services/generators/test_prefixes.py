"""What questions share is kept apart by person, and told to no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gptoss_lab.prompts.shelf import Shelf
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.prefixes import MAX_SHELVES, Prefixes
from gptoss_lab.services.owners import OWNER


@pytest.fixture(autouse=True)
def _owner() -> Iterator[None]:
    """Work for somebody; the next test of this process works for nobody again."""
    token = OWNER.set("ann")
    yield
    OWNER.reset(token)


def brief(*corpora: str, language: Language = "python") -> Brief:
    """Return a brief on documentation."""
    request = CodeGenerationRequest(task="t", language=language, sources=(DocSource(uri="pandas"),))
    return Brief(request, corpora=corpora)


def test_shelves_are_kept_apart() -> None:
    """Another person, language or documentation has a shelf of its own; none has none."""
    prefixes = Prefixes()
    shelf = Shelf(marker="m")
    prefixes.keep(brief("pandas 1"), shelf)
    assert prefixes.shelf(brief("pandas 1")) == shelf
    for other in (brief("pandas 2"), brief("pandas 1", language="r"), brief("pandas 1", "numpy")):
        assert prefixes.shelf(other) == Shelf()
    OWNER.set("bob")
    assert prefixes.shelf(brief("pandas 1")) == Shelf()
    prefixes.keep(brief(), shelf)
    assert prefixes.shelf(brief()) == Shelf()


def test_shelves_are_bounded() -> None:
    """The one that was not used for the longest time is forgotten."""
    prefixes = Prefixes()
    for number in range(MAX_SHELVES + 1):
        prefixes.keep(brief(str(number)), Shelf(marker=str(number)))
    assert prefixes.shelf(brief("0")) == Shelf()
    assert prefixes.shelf(brief(str(MAX_SHELVES))).marker == str(MAX_SHELVES)


def test_salts() -> None:
    """A salt is a person's own, the same each time, tells no name, and differs between servers."""
    prefixes = Prefixes()
    ann = prefixes.salt()
    assert prefixes.salt() == ann
    assert "ann" not in ann
    assert Prefixes().salt() != ann
    OWNER.set("bob")
    assert prefixes.salt() not in {ann, ""}
    OWNER.set("")
    assert prefixes.salt() == ""


def test_representations_tell_nothing() -> None:
    """The delimiter of a prompt is not for logs."""
    assert "secret-marker" not in repr(Shelf(marker="secret-marker"))
