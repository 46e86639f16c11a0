"""What to tell the person of how an answer ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gptoss_lab.schemas.events import Warn

_LOWER = "Choose a lower effort, or a model with a longer context."
_EMPTY: dict[str, Warn] = {
    "length": Warn(
        message="The model ran out of budget while reasoning, before it wrote a cell.", hint=_LOWER
    ),
    "repetition": Warn(
        message="The model went round in circles while reasoning and was stopped, before it wrote a cell.",
        hint="Choose a lower effort, or say the task in other words.",
    ),
    "stop": Warn(
        message="The model reasoned and then ended without an answer.",
        hint="Generate again, or choose another effort.",
    ),
}
_CUT: dict[str, Warn] = {
    "length": Warn(
        message="The answer was cut at the token limit; what was finished is kept.",
        hint="Ask for less at once, or choose a lower effort.",
    ),
    "repetition": Warn(
        message="The model repeated itself and was stopped; what was finished is kept.",
        hint="Generate again, with a lower effort.",
    ),
    "content_filter": Warn(
        message="The model server's filter stopped the answer.", hint="Say the task in other words."
    ),
}
_UNSAID = Warn(message="The model stopped without saying why; what was finished is kept.")
_CALLED = Warn(
    message="The model tried to call a tool. It was given none, so that what it told the tool was left out.",
    hint="If cells are missing, generate again.",
)
_MAX_NAMES = 3


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended.

    Attributes:
        reason: The server's word for it.
        is_whole: It came to its own end.
        is_empty: It holds no text.
        called: The model tried to call a tool.
        broken: How many characters the server broke.
        unknown: What it cites and was not given.
    """

    reason: str
    is_whole: bool
    is_empty: bool
    called: bool = False
    broken: int = 0
    unknown: tuple[str, ...] = ()


def warnings_of(ending: Ending) -> Iterator[Warn]:
    """Yield what the person should know; nothing of a good answer."""
    if ending.called:
        yield _CALLED
    if ending.is_empty and ending.reason in _EMPTY:
        yield _EMPTY[ending.reason]
    elif not ending.is_whole:
        yield _CUT.get(ending.reason, _UNSAID)
    if ending.broken:
        yield Warn(
            message=f"The model server broke {ending.broken} characters; they stand as � in the cells.",
            hint="Correct them before you accept the cells.",
        )
    if ending.unknown:
        names = ", ".join(ending.unknown[:_MAX_NAMES])
        yield Warn(message=f"The model cites passages that it was not given: {names}.")


def lower_effort_warning(reason: str, effort: str, lower: str) -> Warn:
    """Return what to say when the model is asked once more, at a lower effort."""
    what = "went round in circles" if reason == "repetition" else "used up its budget reasoning"
    return Warn(
        message=f"At {effort} effort the model {what}; it is asked once more, at {lower} effort.",
        hint=f"Choose {lower} effort for such tasks.",
    )
