"""Packages that the cells of a generation lack, added to the sandbox on a person's word."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.generation import CodeGenerationRequest, GeneratedCell
from gptoss_lab.schemas.review import GeneratorName

MAX_PACKAGES = 50


class NeedsRequest(Wire):
    """Which of the packages that a generation's cells lack to add; all that are offered when empty."""

    packages: tuple[str, ...] = Field(default=(), max_length=MAX_PACKAGES)


class AdditionRequest(Wire):
    """A job that adds packages to the sandbox and then checks and runs the cells of another job in it.

    Nothing is generated: the cells are those of the other job, with the ids that they have there.

    Attributes:
        of: The job whose cells they are.
        request: What that job was asked.
    """

    kind: Literal["add"] = "add"
    of: str
    packages: tuple[str, ...] = Field(min_length=1, max_length=MAX_PACKAGES)
    request: CodeGenerationRequest
    cells: tuple[GeneratedCell, ...] = Field(min_length=1)
    generator: GeneratorName
    model: str = ""
