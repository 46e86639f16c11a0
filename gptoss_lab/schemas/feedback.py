"""How reviews ended, as the page tells it and the server counts it: no code and no words of a person."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gptoss_lab.schemas.base import Language, Wire
from gptoss_lab.schemas.execution import RunStatus
from gptoss_lab.schemas.review import Change, GeneratorName, Verdict

MAX_ITEMS = 500
MAX_TEXT_CHARS = 100_000_000

Outcome = Verdict | Literal["withdrawn"]
"""A decision that was undone is withdrawn: it counts for nothing any more."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,128}$")]
Count = Annotated[int, Field(ge=0, le=MAX_TEXT_CHARS)]


class FeedbackItem(Wire):
    """How the review of one cell ended. A later item on the same cell of the same job replaces it.

    No field takes free text: a name of a model has no spaces.
    """

    at: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$")
    job: Identifier
    cell: Identifier
    generator: GeneratorName
    model: str = Field(default="", pattern=r"^[A-Za-z0-9._/:@+-]{0,100}$")
    language: Language | Literal[""] = ""
    change: Change = "new"
    verdict: Outcome
    generated_chars: Count = 0
    kept_chars: Count = 0
    edit_distance: Count | None = None
    accepted_parts: Count = 0
    rejected_parts: Count = 0
    verification: RunStatus | Literal["off", "pending"] = "off"


class FeedbackRequest(Wire):
    """What a page has to tell, oldest first."""

    items: tuple[FeedbackItem, ...] = Field(min_length=1, max_length=MAX_ITEMS)


class FeedbackCounts(Wire):
    """How the cells of one generator and model fared.

    Attributes:
        measured_cells: Of those that were kept, the ones whose edit distance is known.
        measured_chars: The longer of generated and kept, summed over them.
        edit_distance: Summed over them.
    """

    generator: GeneratorName
    model: str = ""
    cells: int = Field(default=0, ge=0)
    accepted: int = Field(default=0, ge=0)
    edited: int = Field(default=0, ge=0)
    rejected: int = Field(default=0, ge=0)
    measured_cells: int = Field(default=0, ge=0)
    measured_chars: int = Field(default=0, ge=0)
    edit_distance: int = Field(default=0, ge=0)


class FeedbackSummary(Wire):
    """What one person's feedback comes to, the most cells first.

    `since` and `until` are the times of the first and the last decision; `unreadable` counts lines of the
    file that a crash or a hand has damaged.
    """

    enabled: bool = True
    since: str = ""
    until: str = ""
    counts: tuple[FeedbackCounts, ...] = ()
    unreadable: int = Field(default=0, ge=0)
