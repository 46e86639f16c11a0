"""What an answer to an edit changes: whole cells by name, deleted ones, and new ones below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gptoss_lab.drafts.cells import CellIds, Closed, FenceEvent, Grown, Opened
from gptoss_lab.drafts.fences import Reading
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Reasoning, Warn
from gptoss_lab.schemas.generation import CellKind, EditedCell
from gptoss_lab.services.generators.block_names import (
    NEW,
    in_first_line,
    in_heading,
    in_label,
    may_say_gone,
    says_gone,
)
from gptoss_lab.services.generators.likeness import likeness, pairs
from gptoss_lab.services.generators.written_cells import Cited

_LIKE_THE_SAME = 0.6
_MAX_PROSE_CHARS = 100_000
_NOTHING = Warn(
    message="The model answered without a cell, so that nothing is changed.",
    hint="Say more exactly what the cell should do; what the model said stands with its reasoning.",
)


@dataclass(slots=True)
class _Block:
    """A block that is being read. `place` is the edited cell that it is, `NEW` for a new one."""

    kind: CellKind
    place: int | None
    text: str = ""
    cell: str = ""
    is_read: bool = False


class EditedCells:
    """Tells which edited cell each block of the answer is, and streams what differs from it.

    A cell is told from its first difference on, so that one that was only repeated is no change.
    Where several cells are edited, a block without a name waits for the end of the answer.

    Args:
        language: The language of the code.
        citations: What a cell may cite.
        cells: The edited cells, in the order of the notebook; they are named by their number from 1.
        ids: Gives the cells of the answer their names.
    """

    def __init__(
        self,
        language: Language,
        citations: Mapping[str, Citation],
        cells: Sequence[EditedCell],
        ids: CellIds | None = None,
    ) -> None:
        self.language: Language = language
        self.reading: Reading = "named_text" if any(cell.kind == "markdown" for cell in cells) else "named"
        self.complete = False
        self.kept: dict[str, CellKind] = {}
        self._cited = Cited(language, citations)
        self.unknown = self._cited.unknown
        self._cells = cells
        self._own = {line for cell in cells for line in cell.source.split("\n")}
        self._ids = ids or CellIds()
        self._block: _Block | None = None
        self._prose: list[str] = []
        self._above = 0
        self._answered: dict[int, tuple[str, str]] = {}
        self._loose: list[_Block] = []
        self._gone: set[str] = set()
        self._same: list[int] = []
        self._new = 0
        self._is_cut = False

    def take(self, event: FenceEvent) -> list[Event]:
        """Return what a piece of the answer means; prose is told with the reasoning."""
        if isinstance(event, Opened) and (event.label is not None or event.kind == "code"):
            self._block = self._begun(event)
            return []
        if self._block is None:
            return self._said(event)
        if isinstance(event, Grown):
            self._block.text += event.text
            return self._grown(self._block, event.text)
        block, self._block = self._block, None
        self._above = len(self._prose)
        return self._closed(block, event) if isinstance(event, Closed) else []

    def finish(self) -> list[Event]:
        """Return what blocks without a name mean, now that all of them are known."""
        events: list[Event] = []
        if not self._has_cells() and self.complete and len(self._cells) == 1:
            events += self._all_prose(self._cells[0])
        free = [number for number in range(1, len(self._cells) + 1) if number not in self._answered]
        free = [number for number in free if number not in self._same]
        old = [self._cells[number - 1].source for number in free]
        for block, place in zip(self._loose, pairs([b.text for b in self._loose], old), strict=True):
            block.place = NEW if place is None else self._fitting(free[place], block.kind)
            events += self._settled(block)
        self._loose = []
        return events

    def warnings(self) -> list[Warn]:
        """Return what of the answer is no change, or could not be kept."""
        if self._is_cut:
            return [Warn(message="A cell of the answer was cut off, so that the cell stays as it is.")]
        if not self._has_cells():
            return [_NOTHING]
        if not self._same:
            return []
        names = "the cell" if len(self._cells) == 1 else f"cell {', '.join(map(str, sorted(self._same)))}"
        return [
            Warn(
                message=f"The model gave {names} back unchanged.",
                hint="Say in the instruction what should be different afterwards.",
            )
        ]

    def _has_cells(self) -> bool:
        return bool(self.kept or self._same or self._answered or self._loose)

    def _said(self, event: FenceEvent) -> list[Event]:
        if not isinstance(event, Grown):
            return []
        if sum(map(len, self._prose)) < _MAX_PROSE_CHARS:
            self._prose.append(event.text)
        return [Reasoning(text=event.text)]

    def _begun(self, event: Opened) -> _Block:
        number = in_label(event.label or "")
        if number is None:
            number = in_heading("".join(self._prose[self._above :]))
        if len(self._cells) == 1 and number not in {NEW, 1}:
            number = None  # there is but one cell that it can mean
        return _Block(event.kind, None if number is None else self._fitting(number, event.kind))

    def _fitting(self, number: int, kind: CellKind) -> int:
        """Return the number of a cell that is there and of this kind, else that of a new one."""
        is_there = 0 < number <= len(self._cells) and self._cells[number - 1].kind == kind
        return number if is_there else NEW

    def _grown(self, block: _Block, text: str) -> list[Event]:
        if block.kind == "markdown":
            return []  # it is told when it is known to load nothing
        if block.cell:
            return [CellDelta(cell=block.cell, text=text)]
        if not self._is_named(block, whole="\n" in block.text):
            return []
        if block.place != NEW:
            cell = self._cells[block.place - 1] if block.place else None
            if cell is None or block.place in self._answered or cell.source.startswith(block.text):
                return []
        if may_say_gone(block.text):
            return []
        return [*self._open(block), CellDelta(cell=block.cell, text=block.text)]

    def _is_named(self, block: _Block, *, whole: bool) -> bool:
        """Say whether it is known which cell this is; its first line may say so."""
        if block.is_read or not whole:
            return block.is_read and block.place is not None
        block.is_read = True
        named = in_first_line(block.text)
        if named is not None and not self._is_own(named[0], block.text):
            place = self._fitting(named[0], block.kind)
            block.place, block.text = place if block.place is None else block.place, named[1]
        elif block.place is None and len(self._cells) == 1:
            place = self._fitting(1, block.kind)
            block.place = NEW if place in self._answered or place in self._same else place
        return block.place is not None

    def _is_own(self, number: int, text: str) -> bool:
        """Say whether the comment that seems to name a cell stood in that cell already."""
        first = text.strip().split("\n", 1)[0]
        place = number if 0 < number <= len(self._cells) else 1
        return self._cells[place - 1].source.strip().startswith(first)

    def _closed(self, block: _Block, event: Closed) -> list[Event]:
        if not event.whole and not self.complete:
            self._is_cut = True
            return [CellClose(cell=block.cell, source="")] if block.cell else []
        if not self._is_named(block, whole=True):
            self._loose.append(block)
            return []
        return self._settled(block)

    def _settled(self, block: _Block) -> list[Event]:
        source, sources = self._cited.read(block.kind, block.text, self._own)
        if not block.place:
            return self._settled_new(block, source, sources)
        cell = self._cells[block.place - 1]
        if block.place in self._answered:
            return self._again(block, source, sources)
        if says_gone(block.text) and cell.source.strip():
            return self._deleted(block, cell.source)
        if source.strip() in {"", cell.source.strip()}:
            self._same.append(block.place)
            return [CellClose(cell=block.cell, source="")] if block.cell else []
        opened = [] if block.cell else [*self._open(block), CellDelta(cell=block.cell, text=source)]
        self._keep(block, source)
        return [*opened, CellClose(cell=block.cell, source=source, sources=sources)]

    def _deleted(self, block: _Block, source: str) -> list[Event]:
        block.cell = self._ids.new()
        self._keep(block, source)
        self._gone.add(block.cell)
        return [self._opened(block, deleted=True), CellClose(cell=block.cell, source=source)]

    def _settled_new(self, block: _Block, source: str, sources: tuple[Citation, ...]) -> list[Event]:
        if says_gone(source):
            return [CellClose(cell=block.cell, source="")] if block.cell else []
        opened = [] if block.cell else [*self._open(block), CellDelta(cell=block.cell, text=source)]
        self.kept[block.cell] = block.kind
        return [*opened, CellClose(cell=block.cell, source=source, sources=sources)]

    def _again(self, block: _Block, source: str, sources: tuple[Citation, ...]) -> list[Event]:
        """Return what a second block of one name means: a better version, or what goes below."""
        cell, first = self._answered[block.place or NEW]
        if cell in self._gone:
            return self._not_gone(block, cell)
        if likeness(first, source) < _LIKE_THE_SAME:
            block.place = NEW
            return self._settled_new(block, source, sources)
        return [CellClose(cell=cell, source=source, sources=sources)]

    def _not_gone(self, block: _Block, cell: str) -> list[Event]:
        """Return what a text means for a cell that was to go: it is changed after all."""
        if says_gone(block.text):
            return []
        self._gone.discard(cell)
        del self.kept[cell], self._answered[block.place or NEW]
        return [CellClose(cell=cell, source=""), *self._settled(block)]

    def _all_prose(self, cell: EditedCell) -> list[Event]:
        """Return the change of a text cell that the model answered with bare text."""
        text = "".join(self._prose).strip()
        if cell.kind != "markdown" or not text:
            return []
        return self._settled(_Block("markdown", 1, text))

    def _keep(self, block: _Block, source: str) -> None:
        self.kept[block.cell] = block.kind
        self._answered[block.place or NEW] = block.cell, source
        self._same = [place for place in self._same if place != block.place]

    def _open(self, block: _Block) -> list[Event]:
        block.cell = self._ids.new()
        return [self._opened(block)]

    def _opened(self, block: _Block, *, deleted: bool = False) -> CellOpen:
        if not block.place:
            self._new += 1
            index = len(self._cells) + self._new - 1
            return CellOpen(cell=block.cell, index=index, kind=block.kind, language=self.language)
        return CellOpen(
            cell=block.cell,
            index=block.place - 1,
            kind=block.kind,
            language=self.language,
            change="deleted" if deleted else "changed",
            target=self._cells[block.place - 1].id,
        )
