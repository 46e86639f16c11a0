"""A cell as it comes out of a model's answer, and the ids of cells."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.generation import CellKind


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of one cell, not yet in the notebook."""

    kind: CellKind
    language: Language
    source: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A cell begins. `label` is the info string of its fence, where fences are named; None for prose."""

    kind: CellKind
    language: Language
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Grown:
    """Text to append to the open cell."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The open cell ends. An empty `source` says that it fell away.

    `whole` is False where the answer stopped inside the cell's fence.
    """

    kind: CellKind
    source: str
    whole: bool = True


FenceEvent = Opened | Grown | Closed


class CellWriter:
    """Turns text into the events of one cell after the other.

    A cell opens with its first visible character. White space is held back until text follows it,
    so that the deltas of a cell, joined, are exactly its source.
    """

    def __init__(self, language: Language) -> None:
        self._kind: CellKind = "markdown"
        self._label: str | None = None
        self._language = language
        self._text: list[str] = []
        self._told = 0
        self._blank = ""
        self._events: list[FenceEvent] = []

    @property
    def text(self) -> str:
        """What the open cell holds, with the white space that is held back."""
        return "".join(self._text) + self._blank

    @property
    def is_open(self) -> bool:
        """Whether a cell has begun."""
        return bool(self._text)

    def begin(self, kind: CellKind, label: str | None = None) -> None:
        """Close the open cell; what is written next belongs to a cell of this kind and label."""
        self.close()
        self._kind, self._label = kind, label

    def tell_empty(self) -> None:
        """Tell of a cell that was begun and holds nothing."""
        self._events += [Opened(self._kind, self._language, self._label), Closed(self._kind, "")]

    def write(self, text: str) -> None:
        """Append to the cell, and open it where this is its first text."""
        text = self._blank + text
        body = text.rstrip(" \t\n")
        self._blank = text[len(body) :]
        if not body:
            return
        if not self._text:
            first = len(body) - len(body.lstrip(" \t\n"))
            body = body[body.rfind("\n", 0, first) + 1 :]
            self._events.append(Opened(self._kind, self._language, self._label))
        self._text.append(body)

    def close(self, *, whole: bool = True) -> None:
        """End the open cell, if there is one."""
        if self._text:
            self._tell()
            self._events.append(Closed(self._kind, "".join(self._text), whole))
        self._forget()

    def replace(self, drafts: Sequence[Draft]) -> None:
        """Let the open cell fall away and write these in its place."""
        self._tell()
        self._forget()
        self._events.append(Closed(self._kind, ""))
        for draft in drafts:
            self.begin(draft.kind)
            self.write(draft.source)
        self.close()

    def take(self) -> list[FenceEvent]:
        """Return the events since the last call."""
        self._tell()
        events, self._events = self._events, []
        return events

    def _tell(self) -> None:
        text = "".join(self._text[self._told :])
        if text:
            self._events.append(Grown(text))
        self._told = len(self._text)

    def _forget(self) -> None:
        self._text, self._told, self._blank = [], 0, ""


class CellIds:
    """Ids for new cells: short, unique within a job, valid in nbformat 4.5.

    Source: https://github.com/jupyter/enhancement-proposals/blob/master/62-cell-id/cell-id.md
    """

    def __init__(self) -> None:
        self._given: set[str] = set()

    def new(self) -> str:
        """Return an id that was not given before."""
        while (cell := secrets.token_hex(6)) in self._given:
            pass
        self._given.add(cell)
        return cell
