"""The error tree."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import gptoss_lab.errors as module
from gptoss_lab.errors import GptossError, NotFoundError


def tree(root: type[GptossError]) -> Iterator[type[GptossError]]:
    """Yield an error and all below it."""
    yield root
    for below in root.__subclasses__():
        yield from tree(below)


ALL = sorted(
    {error for error in tree(GptossError) if error.__module__ == module.__name__}, key=lambda e: e.__name__
)


@pytest.mark.parametrize("error", ALL)
def test_every_error_has_a_status_a_code_and_a_hint(error: type[GptossError]) -> None:
    """A person learns what to do, a program what it was."""
    assert 400 <= error.status <= 599
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code)
    assert error.default_hint.endswith(".")
    raised = error("It broke")
    assert (str(raised), raised.message, raised.hint) == ("It broke", "It broke", error.default_hint)


def test_codes_tell_errors_apart() -> None:
    """No two errors share a code."""
    assert len({error.code for error in ALL}) == len(ALL)


def test_the_drawing_shows_every_error_with_its_status() -> None:
    """The tree at the top of the file is the tree of the file."""
    drawn = dict(re.findall(r"── (\w+) +(\d{3})", module.__doc__ or ""))
    assert drawn == {error.__name__: str(error.status) for error in ALL if error is not GptossError}


def test_a_hint_of_its_own_goes_first() -> None:
    """The place that raises may know better."""
    assert NotFoundError("x", hint="Do y.").hint == "Do y."
