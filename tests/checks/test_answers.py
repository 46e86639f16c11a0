"""Answers of programs in a sandbox."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from gptoss_lab.checks.answers import read_answer
from gptoss_lab.errors import SandboxError


class Form(BaseModel):
    """What is expected."""

    found: int


def test_an_answer_is_read() -> None:
    """What has the form is returned in it."""
    assert read_answer(Form, '{"found": 3}', "check").found == 3


@pytest.mark.parametrize("text", ["", "[]", '{"found": "x"}', '{"found": 1', "null"])
def test_what_is_no_answer_is_told(text: str) -> None:
    """The error names the check; it does not repeat what came."""
    with pytest.raises(SandboxError, match="The check in the sandbox gave no answer"):
        read_answer(Form, text, "check")
