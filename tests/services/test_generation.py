from __future__ import annotations

import asyncio
import errno
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gptoss_lab.errors import (
    DocumentError,
    EngineAuthError,
    EngineProtocolError,
    EngineTimeoutError,
    EngineUnreachableError,
    GptossError,
    ImageMissingError,
    SandboxLostError,
    SourceLimitError,
    SourceNotFoundError,
    SourceRefusedError,
    StorageError,
)
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.events import Done, Event, Failed, Usage
from gptoss_lab.schemas.execution import Environment, SandboxStatus
from gptoss_lab.schemas.generation import (
    TokenUsage,
)
from gptoss_lab.services.generators.base import Brief
from tests.fakes.generation import OFF, READY, FakeCorpora, FakeExecutor, Held, ScriptedGenerator
from tests.fakes.played import MEAN, OTHER, PANDAS, asked, played, service, stages, warnings


async def test_examples_run_through_all_stages() -> None:
    """Documentation becomes cited, checked cells that ran; the generator is named before the first cell."""
    events, job = await played(service())
    assert stages(events) == ["collect", "retrieve", "stream", "check", "verify", "done"]
    kinds = [event.type for event in events]
    assert kinds.index("generator") < kinds.index("cell_open")
    assert job.generator == "examples"
    assert [info.id for info in job.corpora] == ["pandas"]
    code = [cell for cell in job.cells if cell.kind == "code"]
    assert len(code) >= 2
    assert all(cell.verification and cell.verification.status == "ok" and cell.sources for cell in code)
    last = events[-1]
    assert isinstance(last, Done)
    assert (last.state, last.verified, last.cells) == ("done", len(code), len(job.cells))


async def test_what_the_cells_ran_in_is_said_once() -> None:
    """With the versions of its packages; the job has it, and each cell only names the image."""
    ran_in = Environment(runtime="docker", image="sha256:1", tag="python:1", packages={"numpy": "2.0"})
    events, job = await played(service(executor=FakeExecutor(ran_in=ran_in)))
    assert [event.environment for event in events if event.type == "environment"] == [ran_in]
    assert job.environment == ran_in


async def test_first_cell_does_not_wait_for_the_sandbox() -> None:
    """Nothing of the sandbox but its status is asked before the first cell."""
    executor = FakeExecutor(hold_inspect=Held(), hold=Held())
    started = time.monotonic()
    async for event in service(executor=executor).run(asked()):
        if event.type == "cell_open":
            break
    assert time.monotonic() - started < 1
    assert not executor.runs


async def test_auto_takes_the_model_where_there_is_one() -> None:
    """A configured model answers; without one the examples do."""
    model = ScriptedGenerator(["x = 1"])
    _, job = await played(service(model=model))
    assert (job.generator, job.model) == ("model", "scripted")
    _, job = await played(service())
    assert job.generator == "examples"
    _, job = await played(service(model=model), generator="examples")
    assert job.generator == "examples"


async def test_asked_for_model_that_is_not_configured() -> None:
    """The person is told to configure one."""
    events, job = await played(service(), generator="model")
    assert isinstance(events[-1], Failed)
    assert job.error
    assert (job.error.status, job.error.code) == (400, "bad_request")
    assert "address" in job.error.hint


async def test_examples_without_documentation_are_refused() -> None:
    """The person is told to add documentation."""
    _, job = await played(service(), sources=())
    assert job.error
    assert job.error.status == 400
    assert "Add a package" in job.error.hint


async def test_model_needs_no_documentation() -> None:
    """A model may answer from what it knows."""
    model = ScriptedGenerator(["x = 1"])
    _, job = await played(service(model=model), sources=())
    assert job.state == "done"
    assert model.briefs[0].passages == []


@pytest.mark.parametrize(
    "fault",
    [
        SourceNotFoundError("There is no package nope."),
        SourceRefusedError("127.0.0.1 is a private address."),
        SourceLimitError("The file has 300 MB."),
        DocumentError("The PDF is encrypted."),
        DocumentError("The folder is empty."),
        DocumentError("The page does not answer."),
        StorageError("The disk is full."),
    ],
)
async def test_source_that_cannot_be_read_ends_the_job(fault: GptossError) -> None:
    """With no other source the job fails with the reason and the hint."""
    _, job = await played(service(FakeCorpora([MEAN], {"pandas": fault})))
    assert job.state == "error"
    assert job.error
    assert (job.error.status, job.error.code, job.error.detail) == (fault.status, fault.code, fault.message)
    assert job.error.hint == fault.hint


async def test_other_sources_go_on() -> None:
    """One source that fails is a warning while another remains."""
    corpora = FakeCorpora([MEAN], {"nope": SourceNotFoundError("There is no package nope.")})
    events, job = await played(service(corpora), sources=(DocSource(uri="nope"), *PANDAS))
    assert job.state == "done"
    (warning,) = warnings(events)
    assert "nope" in warning.message
    assert warning.hint


async def test_full_disk_ends_the_job_even_beside_other_sources() -> None:
    """A full disk is not a matter of one source."""
    corpora = FakeCorpora([MEAN], {"big": StorageError("The disk is full.")})
    _, job = await played(service(corpora), sources=(DocSource(uri="big"), *PANDAS))
    assert job.error
    assert job.error.status == 507


async def test_operating_system_says_full() -> None:
    """A bare ENOSPC is told as a full disk."""

    class Full(FakeCorpora):
        async def examples(self, *_: Any, **__: Any) -> Any:
            raise OSError(errno.ENOSPC, "No space left on device")

    _, job = await played(service(Full([MEAN])))
    assert job.error
    assert job.error.code == "storage"


async def test_nothing_fits() -> None:
    """A task that the documentation does not serve ends well, without cells and with a hint."""
    events, job = await played(service(), task="bake a chocolate cake")
    assert job.state == "done"
    assert job.cells == ()
    (warning,) = warnings(events)
    assert "chocolate" in warning.message
    assert warning.hint


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (OFF, "no runtime answers"),
        (SandboxStatus(available=False), "no sandbox"),
        (SandboxStatus(available=True, image_ready=False), "not built"),
    ],
)
async def test_no_sandbox_is_said_once_and_nothing_runs(status: SandboxStatus, words: str) -> None:
    """Verification is off, one warning says why and what to do, cells stay unverified."""
    executor = FakeExecutor(status)
    events, job = await played(service(executor=executor))
    (warning,) = warnings(events)
    assert words in warning.message
    assert warning.hint
    assert job.cells
    assert all(cell.verification is None for cell in job.cells)
    assert not executor.runs
    assert not executor.payloads


async def test_verification_can_be_turned_off() -> None:
    """Asked not to verify, nothing runs and nothing is complained of."""
    executor = FakeExecutor()
    events, _ = await played(service(executor=executor), verify=False)
    assert not executor.runs
    assert not warnings(events)


@pytest.mark.parametrize("fault", [ImageMissingError("No image."), SandboxLostError("It went away.")])
async def test_sandbox_that_fails_leaves_the_cells(fault: GptossError) -> None:
    """A sandbox fault is no fault of the cells: they stay, unverified, with a warning."""
    events, job = await played(service(executor=FakeExecutor(fault=fault)))
    assert job.state == "done"
    assert job.cells
    assert any(fault.message in warning.message for warning in warnings(events))


@pytest.mark.parametrize(
    "fault",
    [
        EngineUnreachableError("Connection refused."),
        EngineAuthError("The key was refused."),
        EngineProtocolError("That is not JSON."),
        EngineTimeoutError("The model went silent."),
    ],
)
async def test_model_that_fails_leaves_what_was_closed(fault: GptossError) -> None:
    """Closed cells are kept, the half one is taken back, and the problem has status, code and hint."""
    model = ScriptedGenerator(["done = 1", "half = "], fault=fault)
    events, job = await played(service(model=model))
    assert [cell.source for cell in job.cells] == ["done = 1"]
    assert job.error
    assert (job.error.status, job.error.code, job.error.hint) == (fault.status, fault.code, fault.hint)
    assert [event.type for event in events][-2:] == ["cell_close", "error"]


async def test_model_without_code_is_said() -> None:
    """An answer without code is a warning."""
    events, job = await played(service(model=ScriptedGenerator([])))
    assert job.state == "done"
    assert "without any code" in warnings(events)[0].message


async def test_findings_reach_their_cells() -> None:
    """Checks of the host and of the sandbox end at the cell."""
    found = {"cell": "c0", "line": 1, "symbol": "np.in1d", "message": "gone"}
    executor = FakeExecutor(answer={"findings": [found], "modules": {"nothere": False}})
    model = ScriptedGenerator(["import nothere\nos.system('x')"])
    _, job = await played(service(executor=executor, model=model), max_repairs=0)
    assert {finding.check for finding in job.cells[0].findings} == {"api", "names", "packages", "policy"}


async def test_api_check_that_fails_is_a_warning() -> None:
    """Without the sandbox's answer the other checks still speak."""
    executor = FakeExecutor(inspect_fault=SandboxLostError("It went away."))
    events, job = await played(service(executor=executor, model=ScriptedGenerator(["eval('1')"])))
    assert any("installed packages" in warning.message for warning in warnings(events))
    assert [finding.check for finding in job.cells[0].findings] == ["policy"]


async def test_r_cells_are_parsed_in_the_sandbox() -> None:
    """R cells are sent as they are, and what R says of them ends at the cell; no Python check looks."""
    told = "<text>:1:3: unexpected numeric constant"
    executor = FakeExecutor(answer={"cells": [{"id": "c0", "problem": told}]})
    model = ScriptedGenerator(["x <- 1 2"])
    _, job = await played(service(executor=executor, model=model), language="r", max_repairs=0)
    assert json.loads(executor.payloads[0])["cells"][0]["source"] == "x <- 1 2"
    assert [(finding.check, finding.line) for finding in job.cells[0].findings] == [("syntax", 1)]


async def test_r_cells_are_checked_for_what_they_call_and_do() -> None:
    """What R says of the calls, and what the cell does beyond computing, end at the cell."""
    told = {
        "cell": "c0",
        "line": 1,
        "check": "api",
        "severity": "warning",
        "symbol": "system",
        "message": "No.",
    }
    executor = FakeExecutor(answer={"findings": [told]})
    model = ScriptedGenerator(["system('ls', itern = TRUE)"])
    _, job = await played(service(executor=executor, model=model), language="r", max_repairs=0)
    assert [(finding.check, finding.severity) for finding in job.cells[0].findings] == [
        ("api", "warning"),
        ("policy", "warning"),
    ]


async def test_r_cells_are_said_to_be_unchecked() -> None:
    """Where the sandbox gives no answer there is a warning, and one note on the cells."""
    executor = FakeExecutor(inspect_fault=SandboxLostError("It went away."))
    model = ScriptedGenerator(["x <- c(1)"])
    events, job = await played(service(executor=executor, model=model), language="r")
    assert any("R cells" in warning.message for warning in warnings(events))
    assert [(finding.check, finding.severity) for finding in job.cells[0].findings] == [("syntax", "info")]


async def test_usage_adds_up_over_requests() -> None:
    """Each request to the model states its own usage; the events state the sum."""

    class Counting(ScriptedGenerator):
        async def draft(self, brief: Brief) -> AsyncIterator[Event]:
            async for event in super().draft(brief):
                yield event
            yield Usage(usage=TokenUsage(prompt_tokens=10, completion_tokens=2))

        async def repair(self, *arguments: Any) -> AsyncIterator[Event]:
            async for event in super().repair(*arguments):
                yield event
            yield Usage(usage=TokenUsage(prompt_tokens=5, completion_tokens=1))

    executor = FakeExecutor(broken={"boom": "RuntimeError: boom"})
    _, job = await played(service(executor=executor, model=Counting(["boom()"], [{"c0": "1"}])))
    assert (job.usage.prompt_tokens, job.usage.completion_tokens) == (15, 3)


async def test_task_of_100_kb_is_refused_by_its_form() -> None:
    """A task over the limit never reaches the service."""
    with pytest.raises(ValueError, match="task"):
        asked(task="x" * 100_000)


HOLDS = ["collect", "status", "retrieve", "stream", "check", "verify", "repair"]


@pytest.mark.parametrize("stage", HOLDS)
async def test_cancel_in_every_stage(stage: str) -> None:
    """A cancelled reader releases what the stage held, and nothing keeps running."""
    held = Held()
    corpora = FakeCorpora([MEAN], hold=held if stage == "collect" else None)
    corpora.hold_examples = held if stage == "retrieve" else None
    executor = FakeExecutor(
        broken={"boom": "RuntimeError: boom"} if stage == "repair" else {},
        hold=held if stage == "verify" else None,
        hold_status=held if stage == "status" else None,
        hold_inspect=held if stage == "check" else None,
    )
    model = ScriptedGenerator(
        ["boom()"],
        [{"c0": "1"}],
        hold=held if stage == "stream" else None,
        hold_repair=held if stage == "repair" else None,
    )
    before = asyncio.all_tasks()
    generation = service(corpora, executor, model)

    async def read() -> None:
        async for _ in generation.run(asked()):
            pass

    task = asyncio.ensure_future(read())
    await asyncio.wait_for(held.reached.wait(), 5)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert held.released
    assert asyncio.all_tasks() == before


async def test_reader_that_stops_releases_all() -> None:
    """Closing the iterator between two events is a clean end too."""
    before = asyncio.all_tasks()
    events = service().run(asked())
    async for event in events:
        if event.type == "verification":
            break
    await events.aclose()  # type: ignore[attr-defined]
    assert asyncio.all_tasks() == before


async def test_two_generations_at_once_do_not_mix() -> None:
    """Runs share services, not state."""
    generation = service(FakeCorpora([MEAN, OTHER]))
    (_, one), (_, two) = await asyncio.gather(played(generation), played(generation))
    assert [cell.source for cell in one.cells] == [cell.source for cell in two.cells]
    assert not {cell.id for cell in one.cells} & {cell.id for cell in two.cells}


async def test_status_fault_means_no_sandbox() -> None:
    """A sandbox that cannot even say its state is off."""

    class Silent(FakeExecutor):
        async def status(self, language: Any = "python") -> SandboxStatus:
            raise SandboxLostError("It does not answer.", hint=language)

    _, job = await played(service(executor=Silent(READY)))
    assert job.sandbox
    assert not job.sandbox.available
    assert job.sandbox.reason == "It does not answer."
