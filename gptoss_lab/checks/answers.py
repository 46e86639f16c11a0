"""What a check's program in a sandbox answers. It comes from a sandbox, so that nothing in it is trusted."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gptoss_lab.errors import SandboxError

Answer = TypeVar("Answer", bound=BaseModel)


def read_answer(form: type[Answer], text: str, check: str) -> Answer:
    """Read an answer.

    Args:
        form: What it must look like.
        text: What the program returned.
        check: The check in words, for the error.

    Raises:
        SandboxError: It is not the program's.
    """
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        raise SandboxError(f"The {check} in the sandbox gave no answer that can be read.") from error
