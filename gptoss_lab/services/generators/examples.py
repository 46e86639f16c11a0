"""The generator without a model: the examples of the documentation that fit the task."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection, Sequence

from gptoss_lab.schemas.documents import Citation, Example
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Warn
from gptoss_lab.schemas.generation import CellKind, GeneratedCell
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generators.base import Brief, Ticket
from gptoss_lab.services.generators.fit import Selection, select
from gptoss_lab.services.generators.split import split

TRY = "Say it in other words, add another source of documentation, or start or attach a model."
_SHOWN_WORDS = 8


class ExamplesGenerator:
    """Shows documented examples, each cited, and says plainly that no model wrote them."""

    name: GeneratorName = "examples"
    model = ""
    can_repair = False

    async def draft(self, brief: Brief) -> AsyncIterator[Event]:
        """Yield the best examples as cells, or a warning where nothing fits."""
        selection = _selection(brief)
        if not selection.chosen:
            yield _nothing_fits(brief, selection)
            return
        run = secrets.token_hex(4)
        cells = [_intro(run, [fit.example.citation for fit in selection.chosen], brief)]
        for fit in selection.chosen:
            cells += _cells(f"x{run}-{fit.number}", fit.example)
        for index, cell in enumerate(cells):
            for event in _streamed(cell, index):
                yield event
            await asyncio.sleep(0)
        if selection.missing:
            words = _listed(selection.missing)
            yield Warn(message=f"These examples do not cover all of the task; missing: {words}.", hint=TRY)

    async def repair(
        self,
        brief: Brief,  # noqa: ARG002 - the Protocol's
        cells: Sequence[GeneratedCell],  # noqa: ARG002 - the Protocol's
        tickets: Sequence[Ticket],  # noqa: ARG002 - the Protocol's
        round_number: int,  # noqa: ARG002 - the Protocol's
    ) -> AsyncIterator[Event]:
        """Yield nothing: an example is shown as it stands, or another one takes its place."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event

    def alternatives(self, brief: Brief, instead_of: int, tried: Collection[int]) -> list[int]:
        """Return the numbers of untried examples that may stand for another one, best first."""
        selection = _selection(brief)
        fits = [*selection.chosen, *selection.spare]
        wanted = next((fit.covered for fit in fits if fit.number == instead_of), frozenset())
        able = [fit for fit in fits if fit.number not in tried and (fit.covered & wanted or not wanted)]
        # Sorting is stable: among equals the better fit stays first.
        return [fit.number for fit in sorted(able, key=lambda fit: -len(fit.covered & wanted))]

    def replace(self, brief: Brief, number: int, cells: Sequence[GeneratedCell]) -> list[GeneratedCell]:
        """Put example `number` into the cells of another one.

        Cells keep their ids and kinds; one that is left over gets an empty source.
        """
        example = _candidates(brief)[number]
        code = split(example.code, example.citation.symbol)
        places = [cell for cell in cells if cell.kind == "code"]
        if len(code) > len(places):
            code = [*code[: len(places) - 1], "\n\n".join(code[len(places) - 1 :])]
        sources = dict(zip((cell.id for cell in places), code, strict=False))
        sources.update({cell.id: _heading(example) for cell in cells if cell.kind == "markdown"})
        return [
            GeneratedCell(
                id=cell.id,
                kind=cell.kind,
                language=cell.language,
                source=sources.get(cell.id, ""),
                sources=(example.citation,),
            )
            for cell in cells
        ]


def example_of(cell: str) -> int | None:
    """Return the number of the example that a cell was made for; None for the introduction."""
    parts = cell.split("-")
    return int(parts[1]) if len(parts) == 3 and parts[1].isdigit() else None  # noqa: PLR2004 - run, example, part


def _candidates(brief: Brief) -> list[Example]:
    return [example for example in brief.examples if example.language == brief.request.language]


def _selection(brief: Brief) -> Selection:
    return select(brief.subject or brief.request.task, _candidates(brief))


def _nothing_fits(brief: Brief, selection: Selection) -> Warn:
    if brief.request.language == "r" and not _candidates(brief):
        message = "Nothing fits: the given documentation holds no R example that can run."
        return Warn(message=message, hint="Add documentation with R examples, or attach a model.")
    if not selection.missing:
        message = "Nothing fits: the task has no word that the documentation could be searched for."
        return Warn(message=message, hint="Say what to do, with what data and what to show.")
    words = _listed(selection.missing)
    return Warn(message=f"Nothing fits: no example in the documentation covers {words}.", hint=TRY)


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(f"“{word[:40]}”" for word in words[:_SHOWN_WORDS])
    return f"{shown} and {len(words) - _SHOWN_WORDS} more" if len(words) > _SHOWN_WORDS else shown


def _intro(run: str, citations: Sequence[Citation], brief: Brief) -> GeneratedCell:
    origins = dict.fromkeys(f"{_plain(c.source)} {_plain(c.version)}".strip() for c in citations)
    text = (
        "**No model wrote these cells.** They are examples from the documentation of "
        f"{', '.join(origins)} that fit the task best. They use their own data: adapt them to yours."
    )
    return _cell(brief.request.language, f"x{run}-0", "markdown", text, tuple(citations))


def _cells(prefix: str, example: Example) -> list[GeneratedCell]:
    cited = (example.citation,)
    code = split(example.code, example.citation.symbol)
    cells = [_cell(example.language, f"{prefix}-0", "markdown", _heading(example), cited)]
    cells += [
        _cell(example.language, f"{prefix}-{part}", "code", text, cited)
        for part, text in enumerate(code, start=1)
    ]
    return cells


def _heading(example: Example) -> str:
    citation = example.citation
    title = _plain(example.title or citation.title)
    if title == citation.symbol:
        title = title.rpartition(".")[2]
    origin = f"{_plain(citation.source)} {_plain(citation.version)}".strip()
    symbol = f"`{citation.symbol.replace('`', '')}`, " if citation.symbol else ""
    page = f", page {citation.page}" if citation.page else ""
    summary = f"\n\n{_plain(example.summary)}" if example.summary else ""
    return f"### {title}\n\nFrom {symbol}{origin}{page}.{summary}"


def _plain(text: str) -> str:
    """Make a document's text inert: no HTML, no link or image, one line."""
    flat = " ".join(text.split())
    return flat.replace("<", "&lt;").replace("](", "] (").replace("![", "! [")


def _cell(
    language: str, cell: str, kind: CellKind, source: str, sources: tuple[Citation, ...]
) -> GeneratedCell:
    return GeneratedCell(
        id=cell, kind=kind, language="r" if language == "r" else "python", source=source, sources=sources
    )


def _streamed(cell: GeneratedCell, index: int) -> list[Event]:
    lines = cell.source.splitlines(keepends=True)
    return [
        CellOpen(cell=cell.id, index=index, kind=cell.kind, language=cell.language),
        *(CellDelta(cell=cell.id, text=line) for line in lines),
        CellClose(cell=cell.id, source=cell.source, sources=cell.sources),
    ]
