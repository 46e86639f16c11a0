"""Read the code that a paper prints, and ask the sandbox which of it can run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gptoss_lab.errors import SandboxError
from gptoss_lab.papers.listings import Listing, listings_of
from gptoss_lab.papers.listings_answer import (
    ReadCommand,
    ReadListings,
    listings_answer,
    listings_payload,
    listings_script,
)
from gptoss_lab.papers.listings_judge import Program, judge_r, packages_in_text
from gptoss_lab.papers.listings_python import judge_python
from gptoss_lab.papers.printed_plan import with_named
from gptoss_lab.schemas.events import Warn
from gptoss_lab.services.paper_pipeline.run import PaperRun

INSPECT_TIMEOUT_S = 120.0


async def read_printed(run: PaperRun) -> tuple[list[Listing], Program, list[Warn]]:
    """Return the commands in order, which of them can run, and what a person must know.

    Without a sandbox only the text of a command can be judged.
    """
    language = run.run.request.language
    found = await asyncio.to_thread(listings_of, run.paper, language)
    listings = await asyncio.to_thread(with_named, run.paper, found, language)
    commands = [listing for listing in listings if listing.source]
    if not commands:
        return listings, Program(), []
    try:
        program = await _judged(run, commands)
    except SandboxError as error:
        program = _by_text(run, commands)
        return (
            listings,
            program,
            [Warn(message=f"Names were not looked up: {error.message}", hint=error.hint)],
        )
    return listings, program, []


async def _judged(run: PaperRun, commands: Sequence[Listing]) -> Program:
    language = run.run.request.language
    if not run.run.has_sandbox:
        if language == "python":
            return await asyncio.to_thread(judge_python, commands, {}, language)
        return _by_text(run, commands)
    executor = run.run.executor
    run.run.packages = run.run.packages or await executor.packages(language)
    if language == "python":
        return await asyncio.to_thread(judge_python, commands, run.run.packages, language)
    mentioned = await asyncio.to_thread(packages_in_text, run.paper, run.run.packages)
    own = [command for command in commands if command.language == "r"]
    payload = listings_payload(own, mentioned)
    answer = await executor.inspect("r", listings_script(), payload, timeout_s=INSPECT_TIMEOUT_S)
    read = await asyncio.to_thread(listings_answer, answer)
    return await asyncio.to_thread(judge_r, run.paper, commands, read, language)


def _by_text(run: PaperRun, commands: Sequence[Listing]) -> Program:
    """Judge R by its text alone: what looks whole may run."""
    whole = ReadListings(commands=tuple(ReadCommand(id=command.id) for command in commands))
    kept = [command for command in commands if not command.named]
    return judge_r(run.paper, kept, whole, run.run.request.language)
