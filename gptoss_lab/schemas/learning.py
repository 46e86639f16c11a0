"""What an export of reviews says of itself."""

from __future__ import annotations

from pydantic import Field

from gptoss_lab.schemas.base import Wire


class UnreadNotebook(Wire):
    """A notebook that was passed by, and why."""

    notebook: str
    reason: str


class DatasetFile(Wire):
    """A file of the dataset."""

    name: str
    rows: int = Field(ge=0)
    size_bytes: int = Field(ge=0)
    sha256: str


class DatasetReport(Wire):
    """What was written, what was left out, and why.

    Attributes:
        notebooks: How many were read.
        generations: How many of them were reviewed to the end.
        verdicts: Cells by how their review ended.
        skipped: Cells that were left out, by reason.
        duplicates: Rows that were there already: `exact`, or `near`, with the same code but for its layout.
        dropped: Rows that were left out, by reason.
        secrets: What was taken out of rows, by kind.
        unread: Notebooks that could not be read.
        unknown_originals: Generations with edited or rejected cells whose original text nobody has any more.
        sha256: Of all files' hashes: tells this dataset from every other.
    """

    folder: str
    notebooks: int = 0
    generations: int = 0
    verdicts: dict[str, int] = Field(default_factory=dict)
    skipped: dict[str, int] = Field(default_factory=dict)
    duplicates: dict[str, int] = Field(default_factory=dict)
    dropped: dict[str, int] = Field(default_factory=dict)
    secrets: dict[str, int] = Field(default_factory=dict)
    unread: tuple[UnreadNotebook, ...] = ()
    unknown_originals: int = 0
    unreadable_jobs: int = 0
    files: tuple[DatasetFile, ...] = ()
    seed: int = 0
    validation: float = 0.0
    templates: str = ""
    sha256: str = ""

    @property
    def rows(self) -> int:
        """How many rows were written in all."""
        return sum(file.rows for file in self.files)
