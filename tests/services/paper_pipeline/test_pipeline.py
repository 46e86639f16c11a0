"""The stages of a job that has a paper, with fakes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from gptoss_lab.errors import RequestError, StorageError
from gptoss_lab.schemas.events import Event
from gptoss_lab.schemas.papers import Candidate, Claim, Paper, PaperAsk
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.paper_pipeline.identify import chosen
from gptoss_lab.services.paper_pipeline.settle import settled_claim
from tests.fakes.generation import FakeCorpora, FakeExecutor, Held
from tests.fakes.papers import ReadPapers
from tests.fakes.played import asked, played, stages, warnings

ASK = {"task": "Run it", "sources": (), "paper": {"uri": "small.tex"}}


def service(papers: ReadPapers | None = None, executor: FakeExecutor | None = None) -> GenerationService:
    """Return a service that reads papers and has no model."""
    return GenerationService(
        corpora=FakeCorpora(),
        executor=executor or FakeExecutor(),
        generators={"examples": ExamplesGenerator()},
        papers=papers or ReadPapers(),
    )


async def test_a_paper_is_read_before_anything_else() -> None:
    """With progress, and told once it is known; then who answers is said."""
    events, job = await played(service(), **ASK)
    kinds = [event.type for event in events]
    assert stages(events)[0] == "load"
    assert kinds.index("progress") < kinds.index("paper") < kinds.index("generator")
    assert job.paper
    assert job.paper.paper.title == "A small paper"
    assert job.paper.paper.candidates


async def test_reading_alone_makes_no_cells() -> None:
    """The person sees what there is to choose from, and nothing runs."""
    executor = FakeExecutor()
    events, job = await played(
        service(executor=executor), **{**ASK, "paper": {"uri": "small.tex", "read_only": True}}
    )
    assert (job.state, job.cells, executor.runs) == ("done", (), [])
    assert job.paper
    assert job.paper.paper.candidates
    assert "to choose from" in events[-1].model_dump()["message"]


async def test_papers_that_cannot_be_read_end_the_job() -> None:
    """With the reader's own words."""
    _, job = await played(service(), **{**ASK, "paper": {"uri": "other.tex"}})
    assert job.error
    assert job.error.code == "source_not_found"


async def test_a_paper_and_an_edit_exclude_each_other() -> None:
    """And where nobody reads papers, that is said."""
    edit = {"kind": "example", "cells": ({"id": "a", "source": "x"},)}
    _, job = await played(service(), **{**ASK, "edit": edit})
    assert job.error
    assert "cannot be combined" in job.error.detail
    without = GenerationService(
        corpora=FakeCorpora(), executor=FakeExecutor(), generators={"examples": ExamplesGenerator()}
    )
    _, job = await played(without, **ASK)
    assert job.error
    assert "not read here" in job.error.detail


async def test_a_full_disk_is_told() -> None:
    """A fault of the reader that is not the paper's ends the job as well."""

    class Full(ReadPapers):
        async def read(self, ask: PaperAsk, report: Callable[[str, int, int], None]) -> Paper:
            report("Reading", 0, 1)
            raise StorageError(f"No space left for {ask.uri}")

    _, job = await played(service(Full()), **ASK)
    assert job.error
    assert job.error.status == 507


async def test_cancelling_while_reading_releases_the_reader() -> None:
    """Closing the iterator ends the reader's work before it returns."""
    held = Held()

    class Slow(ReadPapers):
        async def read(self, ask: PaperAsk, report: Callable[[str, int, int], None]) -> Paper:
            report("Reading", 0, 9)
            await held.wait()
            return await super().read(ask, report)

    async with aclosing(service(Slow()).run(asked(**ASK))) as events:  # type: ignore[type-var]
        async for _ in events:
            if held.reached.is_set():
                break
            await asyncio.sleep(0)
    assert held.released


async def test_cancelling_while_the_sandbox_is_asked_releases_it() -> None:
    """As everywhere else."""
    held = Held()
    told: list[Event] = []

    async def read() -> None:
        told.extend([
            event async for event in service(executor=FakeExecutor(hold_status=held)).run(asked(**ASK))
        ])

    task = asyncio.ensure_future(read())
    await held.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held.released


def test_scope_is_named_by_id_or_by_title() -> None:
    """What is there twice, or not at all, is said with what there is."""
    there = (
        Candidate(id="code-1", kind="code", title="Code printed in “1. Fits”"),
        Candidate(id="code-2", kind="code", title="Code printed in “2. Fits again”"),
    )
    assert chosen(("code-2", "1. fits", "code-2"), there) == ("code-2", "code-1")
    with pytest.raises(RequestError, match="several parts"):
        chosen(("fits",), there)
    with pytest.raises(RequestError, match="no part") as missing:
        chosen(("nothing",), there)
    assert "code-1" in missing.value.hint


CLAIM = Claim(id="c", metric="slope", printed="2.00", value=2.0, quote="The slope is 2.00.", block="b3")


def test_no_claim_stays_open() -> None:
    """And data that stand in for the paper's verify nothing."""
    assert settled_claim(CLAIM, None, verifies=True).state == "not_run"
    stand_in = CLAIM.model_copy(update={"state": "verified", "stand_in": True})
    assert settled_claim(stand_in, None, verifies=True).state == "not_checkable"
    differs = CLAIM.model_copy(update={"state": "differs"})
    assert settled_claim(differs, None, verifies=True) is differs


async def test_no_code_is_said() -> None:
    """A paper without code has nothing to run, and the person is told what would help."""
    events, job = await played(service(), **ASK)
    assert job.state == "done"
    assert any("prints no code" in warning.message for warning in warnings(events))
