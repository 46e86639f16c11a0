"""A corpus, a sandbox and a model that do what a test tells them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gptoss_lab.errors import GptossError
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import (
    ApiSymbol,
    Citation,
    CorpusInfo,
    DocQuery,
    DocSource,
    Example,
    IndexProgress,
    Passage,
)
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event
from gptoss_lab.schemas.execution import CellVerification, Environment, ExecutionRequest, SandboxStatus
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generators.base import Brief, Ticket

READY = SandboxStatus(available=True, runtime="bubblewrap", image="test", image_ready=True)
OFF = SandboxStatus(available=False, reason="no runtime answers", hint="Install bubblewrap.")


def example(
    code: str,
    symbol: str,
    *,
    summary: str = "",
    language: Language = "python",
    score: float = 0.8,
) -> Example:
    """Return an example of one symbol."""
    return Example(
        score=score,
        id=symbol,
        title=symbol.rsplit(".", maxsplit=1)[-1],
        summary=summary,
        code=code,
        language=language,
        symbols=(symbol,),
        citation=Citation(
            source=symbol.split(".", maxsplit=1)[0], title=symbol, version="1.0", symbol=symbol
        ),
    )


class Held:
    """A place where work stops until the test is over, and that says whether it was left cleanly."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.released = False

    async def wait(self) -> None:
        """Stop here until cancelled."""
        self.reached.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.released = True


@dataclass
class FakeCorpora:
    """Sources by uri; an exception in place of a corpus is raised."""

    found: list[Example] = field(default_factory=list)
    faults: Mapping[str, GptossError] = field(default_factory=dict)
    hold: Held | None = None
    hold_examples: Held | None = None
    queries: list[DocQuery] = field(default_factory=list)

    async def ensure(
        self,
        source: DocSource,
        report: Callable[[IndexProgress], None] | None = None,
        *,
        refresh: bool = False,
    ) -> CorpusInfo:
        assert not refresh
        if self.hold:
            await self.hold.wait()
        if report:
            report(IndexProgress(source=source.uri, step="index", done=1, total=2))
        await asyncio.sleep(0)
        if source.uri in self.faults:
            raise self.faults[source.uri]
        return CorpusInfo(
            id=source.uri, source=source, title=source.uri, kind="package", version="1.0", cached=True
        )

    async def documented(self, corpora: Sequence[str]) -> dict[str, str]:
        return {corpus: corpus.partition("-")[0] for corpus in corpora}

    async def skeleton(self, corpora: Sequence[str]) -> tuple[str, ...]:
        return tuple(corpora)

    async def installed_version(self, name: str) -> str:
        assert name
        return ""

    async def search(self, corpora: Sequence[str], query: DocQuery) -> list[Passage]:
        self.queries.append(query)
        return [
            Passage(
                id=name,
                kind="symbol",
                title=name,
                text="text",
                tokens=1,
                citation=Citation(source=name, title=name),
            )
            for name in corpora
        ]

    async def examples(
        self, corpora: Sequence[str], task: str, *, language: Language = "python", limit: int = 8
    ) -> list[Example]:
        assert corpora
        assert task
        if self.hold_examples:
            await self.hold_examples.wait()
        return [entry for entry in self.found if entry.language == language][:limit]

    async def symbols(self, corpora: Sequence[str], names: Sequence[str]) -> list[ApiSymbol]:
        return [ApiSymbol(qualname=name, kind="function") for name in names if corpora]

    async def texts(self, corpora: Sequence[str], names: Sequence[str]) -> dict[str, str]:
        return dict.fromkeys(names, "text") if corpora else {}


@dataclass
class FakeExecutor:
    """Cells that hold a text of `broken` fail with its error; the API check answers `answer`."""

    state: SandboxStatus = READY
    broken: Mapping[str, str] = field(default_factory=dict)
    fault: GptossError | None = None
    inspect_fault: GptossError | None = None
    answer: Mapping[str, object] = field(default_factory=dict)
    installed: Mapping[str, str] = field(default_factory=lambda: {"numpy": "2.0", "pandas": "3.0"})
    hold: Held | None = None
    hold_status: Held | None = None
    hold_inspect: Held | None = None
    ran_in: Environment | None = None
    runs: list[ExecutionRequest] = field(default_factory=list)
    payloads: list[str] = field(default_factory=list)

    async def status(self, language: Language = "python") -> SandboxStatus:
        assert language
        if self.hold_status:
            await self.hold_status.wait()
        return self.state

    async def run(self, request: ExecutionRequest) -> AsyncIterator[tuple[int, CellVerification]]:
        self.runs.append(request)
        going = True
        for index, code in enumerate(request.cells):
            await asyncio.sleep(0)
            if self.hold:
                await self.hold.wait()
            if self.fault:
                raise self.fault
            error = next((told for text, told in self.broken.items() if text in code), "")
            if not going:
                yield index, CellVerification(status="skipped")
                continue
            yield (
                index,
                CellVerification(status="error" if error else "ok", error=error, runtime="bubblewrap"),
            )
            going = not error or not request.stop_on_error

    async def inspect(self, language: Language, script: str, payload: str, *, timeout_s: float = 30.0) -> str:
        assert language
        assert script
        assert timeout_s
        self.payloads.append(payload)
        if self.hold_inspect:
            await self.hold_inspect.wait()
        if self.inspect_fault:
            raise self.inspect_fault
        return json.dumps(self.answer)

    def environment(self, image: str) -> Environment | None:
        del image
        return self.ran_in

    async def packages(self, language: Language) -> dict[str, str]:
        assert language
        return dict(self.installed)


@dataclass
class ScriptedGenerator:
    """Writes the given cells; repair round n writes `rewrites[n - 1]`, by cell id, and tells `also`."""

    cells: Sequence[str]
    rewrites: Sequence[Mapping[str, str]] = ()
    fault: GptossError | None = None
    repair_fault: GptossError | None = None
    hold: Held | None = None
    hold_repair: Held | None = None
    name: GeneratorName = "model"
    model: str = "scripted"
    can_repair: bool = True
    briefs: list[Brief] = field(default_factory=list)
    tickets: list[Sequence[Ticket]] = field(default_factory=list)
    also: Sequence[Event] = ()

    async def draft(self, brief: Brief) -> AsyncIterator[Event]:
        self.briefs.append(brief)
        for index, source in enumerate(self.cells):
            yield CellOpen(cell=f"c{index}", index=index, kind="code", language=brief.request.language)
            yield CellDelta(cell=f"c{index}", text=source)
            if index == len(self.cells) - 1 and (self.hold or self.fault):
                await self._stop(self.hold, self.fault)
            yield CellClose(cell=f"c{index}", source=source)
            await asyncio.sleep(0)

    async def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncIterator[Event]:
        assert brief.request.task
        assert cells
        self.tickets.append(tickets)
        for cell, source in self.rewrites[round_number - 1].items():
            yield CellClose(cell=cell, source=source)
        for event in self.also:
            yield event
        await self._stop(self.hold_repair, self.repair_fault)

    @staticmethod
    async def _stop(hold: Held | None, fault: GptossError | None) -> None:
        if hold:
            await hold.wait()
        if fault:
            raise fault
