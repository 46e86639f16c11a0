"""What the reading child is asked and what it answers, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.papers import Paper

Form = Literal["auto", "latex", "html", "pdf"]


class ReadJob(Wire):
    """One paper to read.

    Attributes:
        id: That of the paper.
        uri: As the person named it.
        location: A file or folder with it.
        name: What messages call it.
        shown: The file as the person's server knows it; empty where it knows none.
        form: Which form to read, where there are several.
        folder: An empty folder for what is unpacked.
    """

    id: str
    uri: str
    location: str
    name: str
    shown: str = ""
    form: Form = "auto"
    folder: str
    max_pages: int = Field(default=400, ge=1)
    max_file_bytes: int = Field(default=50 << 20, ge=1)
    max_unpacked_bytes: int = Field(default=200 << 20, ge=1)
    max_unpacked_files: int = Field(default=2000, ge=1)
    memory_bytes: int = Field(default=0, ge=0)
    timeout_s: float = Field(default=0.0, ge=0)


class ReadStep(Wire):
    """What is being done, and how many pages or files of all are done."""

    detail: str
    done: int = 0
    total: int = 0


class ReadFailure(Wire):
    """Why nothing was read; `code` is that of an error class."""

    code: str
    message: str
    hint: str = ""


class ReadLine(Wire):
    """One line of the child's standard output: exactly one member is set."""

    step: ReadStep | None = None
    paper: Paper | None = None
    failure: ReadFailure | None = None
