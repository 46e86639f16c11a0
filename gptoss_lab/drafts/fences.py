"""Read cells out of fenced Markdown while it arrives.

Source: https://spec.commonmark.org/0.31.2/#fenced-code-blocks
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from typing_extensions import Self

from gptoss_lab.drafts.cells import CellWriter, FenceEvent
from gptoss_lab.drafts.literals import ends_in_string
from gptoss_lab.drafts.percent import without_fences
from gptoss_lab.drafts.syntax import parses
from gptoss_lab.schemas.base import Language

_MAX_LINE_CHARS = 200
_MAX_JOINED_FENCES = 8
_MAX_JOINED_CHARS = 20_000
_OPENER = re.compile(r"(?P<indent>[ \t]*)(?P<marks>`{3,}(?=[^`]*\Z)|~{3,})(?P<info>.*)")
_OPENER_BEGINNING = re.compile(r"[ \t]*(?:`{0,2}|~{0,2}|`{3,}[^`]*|~{3,}.*)")
_INFO = re.compile(r"(?:\{code-cell\}\s*)?\{?\s*\.?(?P<name>[A-Za-z+#]*)")
_NAMES = {
    "python": "python",
    "py": "python",
    "ipython": "python",
    "pycon": "python",
    "r": "r",
    "rscript": "r",
    "markdown": "markdown",
    "md": "markdown",
    "code": "",
    "cell": "",
}


def fence_language(info: str) -> str:
    """Return what an info string names: a language, `markdown`, or nothing."""
    match = _INFO.match(info.strip())
    name = match["name"].lower() if match else ""
    return _NAMES.get(name, name)


Reading = Literal["cells", "prose", "named", "named_text"]
"""What fences are: `cells`, nothing but `prose`, or cells with names (and Markdown ones among them)."""


@dataclass(frozen=True, slots=True)
class _Fence:
    indent: int
    mark: str
    length: int

    @classmethod
    def of(cls, opener: re.Match[str]) -> Self:
        return cls(len(opener["indent"]), opener["marks"][0], len(opener["marks"]))

    def is_closed_by(self, line: str) -> bool:
        bare = line.strip(" \t")
        if len(bare) < self.length or bare.strip(self.mark):
            return False
        return len(line) - len(line.lstrip(" \t")) <= self.indent + 3

    def may_be_closed_by(self, beginning: str) -> bool:
        bare = beginning.lstrip(" \t").rstrip(" \t")
        return not bare.strip(self.mark)

    def dedent(self, line: str) -> str:
        head = line[: self.indent]
        return head.lstrip(" \t") + line[self.indent :]


class _State(Enum):
    PROSE = auto()
    CODE = auto()
    TEXT = auto()  # a fenced block of Markdown that is a cell
    FOREIGN = auto()  # a fenced block that is no cell: shell, output, data
    JOIN = auto()  # after a fence inside a string, until the cell parses


class FenceParser:
    """A state machine from text pieces to cells; pieces need not align with lines.

    One fence in the notebook's language is one code cell, the prose between is a Markdown cell.
    A fenced block in another language stays in the prose as it is. A fence without a language is a
    code cell as long as the answer has named none. Only what could be a fence is held back.

    Where fences have names, a cell is told with its label, an empty one too. Fenced Markdown is a cell
    of its own then, if it is read so; a fence within it ends before it does.
    """

    def __init__(self, language: Language, reading: Reading = "cells") -> None:
        self._language: Language = language
        self._reading: Reading = reading
        self._writer = CellWriter(language)
        self._state = _State.PROSE
        self._fence = _Fence(0, "`", 3)
        self._wrapper: _Fence | None = None
        self._inner: _Fence | None = None
        self._line = ""
        self._ordinary = False  # the rest of this line cannot be a fence
        self._after_return = False
        self._joined: list[str] = []
        self._fences_joined = 0
        self._named = False
        self._fenced = False

    def feed(self, piece: str) -> list[FenceEvent]:
        """Take a piece of the answer and return what it makes certain."""
        for line in self._newlines(piece).splitlines(keepends=True) if piece else ():
            self._take_part(line)
        return self._writer.take()

    def finish(self, *, complete: bool = True) -> list[FenceEvent]:
        """End the answer.

        Args:
            complete: False where the answer was cut off: no other reading of it is tried.
        """
        line, self._line, self._ordinary = self._line, "", False
        if line:
            self._take(line)
        while self._state is _State.JOIN:
            self._end_join()
        if self._state is _State.PROSE and complete and self._has_no_fences() and self._writer.is_open:
            drafts = without_fences(self._writer.text.strip("\n").rstrip(), self._language)
            if drafts:
                self._writer.replace(drafts)
        self._writer.close(whole=self._state is _State.PROSE)
        return self._writer.take()

    def _has_no_fences(self) -> bool:
        return not self._fenced and self._reading != "prose"

    def _newlines(self, piece: str) -> str:
        if self._after_return and piece.startswith("\n"):
            piece = piece[1:]
            self._after_return = False
        if piece:
            self._after_return = piece.endswith("\r")
        return piece.replace("\r\n", "\n").replace("\r", "\n")

    def _take_part(self, part: str) -> None:
        if self._ordinary:
            self._writer.write(part)
            self._ordinary = not part.endswith("\n")
            return
        self._line += part
        if self._line.endswith("\n"):
            line, self._line = self._line, ""
            self._take(line)
        elif not self._may_be_fence(self._line):
            line, self._line = self._line, ""
            self._write(line)
            self._ordinary = True

    def _may_be_fence(self, beginning: str) -> bool:
        if self._state is _State.JOIN:
            return True
        if len(beginning) > _MAX_LINE_CHARS:
            return False
        if self._state in {_State.PROSE, _State.TEXT}:
            return _OPENER_BEGINNING.fullmatch(beginning) is not None
        return self._fence.may_be_closed_by(beginning)

    def _take(self, line: str) -> None:
        bare = line.rstrip("\n")
        if self._state is _State.JOIN:
            self._join(line)
        elif len(bare) > _MAX_LINE_CHARS:
            self._write(line)
        elif self._state is _State.PROSE:
            opener = _OPENER.fullmatch(bare)
            self._open(line, opener) if opener else self._write(line)
        elif self._is_within(bare) or not self._fence.is_closed_by(bare):
            self._write(line)
        elif self._state is _State.FOREIGN:
            self._write(line)
            self._state = _State.PROSE
        else:
            self._close(line)

    def _is_within(self, bare: str) -> bool:
        """Say whether a line belongs to a fence inside a Markdown cell."""
        if self._state is not _State.TEXT:
            return False
        if self._inner is not None:
            self._inner = None if self._inner.is_closed_by(bare) else self._inner
            return True
        opener = _OPENER.fullmatch(bare)
        self._inner = _Fence.of(opener) if opener and opener["info"].strip() else None
        return self._inner is not None

    def _write(self, text: str) -> None:
        inside = self._state in {_State.CODE, _State.TEXT}
        self._writer.write(self._fence.dedent(text) if inside else text)

    def _open(self, line: str, opener: re.Match[str]) -> None:
        fence = _Fence.of(opener)
        info = opener["info"].strip()
        name = fence_language(info)
        if not info and self._wrapper and self._wrapper.is_closed_by(line.rstrip("\n")):
            self._wrapper = None
        elif name == "markdown" and self._reading == "named_text":
            self._begin(_State.TEXT, fence, info)
        elif name == "markdown" and self._wrapper is None:
            self._wrapper = fence
        elif self._reading != "prose" and (name == self._language or (not name and not self._named)):
            self._named = self._named or bool(name)
            self._begin(_State.CODE, fence, info)
        else:
            self._writer.write(line)
            self._fence, self._state = fence, _State.FOREIGN

    def _begin(self, state: _State, fence: _Fence, info: str) -> None:
        self._fenced = True
        has_name = self._reading in {"named", "named_text"}
        self._writer.begin("code" if state is _State.CODE else "markdown", info if has_name else None)
        self._fence, self._state = fence, state

    def _close(self, line: str) -> None:
        is_code = self._state is _State.CODE
        if is_code and self._language == "python" and ends_in_string(self._writer.text):
            self._joined, self._fences_joined = [line], 0
            self._state = _State.JOIN
            return
        if self._reading in {"named", "named_text"} and not self._writer.is_open:
            self._writer.tell_empty()
        self._writer.begin("markdown")
        self._state = _State.PROSE

    def _join(self, line: str) -> None:
        if self._fence.is_closed_by(line.rstrip("\n")):
            if self._joins():
                return
            self._fences_joined += 1
        self._joined.append(line)
        too_long = sum(map(len, self._joined)) > _MAX_JOINED_CHARS
        if too_long or self._fences_joined >= _MAX_JOINED_FENCES:
            self._replay()

    def _joins(self) -> bool:
        more = "".join(map(self._fence.dedent, self._joined))
        if not parses((self._writer.text + more).rstrip()):
            return False
        self._writer.write(more)
        self._writer.begin("markdown")
        self._joined, self._state = [], _State.PROSE
        return True

    def _end_join(self) -> None:
        more = "".join(map(self._fence.dedent, self._joined))
        if parses((self._writer.text + more).rstrip()):
            self._writer.write(more)
            self._writer.close(whole=False)
            self._joined, self._state = [], _State.PROSE
        else:
            self._replay()

    def _replay(self) -> None:
        # The string was never ended: the first fence did close the cell after all.
        _, *lines = self._joined
        self._joined = []
        self._writer.begin("markdown")
        self._state = _State.PROSE
        for line in lines:
            self._take(line)
