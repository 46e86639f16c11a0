"""One running kernel, from its start to what is known of its end."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.sandbox.running import RunningKernel, spoken_end
from gptoss_lab.sandbox.runtime import Exit
from tests.fakes.records import make_record
from tests.fakes.runtime import FakeSandbox


def _never() -> None:
    raise AssertionError("its time is not over")


def _kernel(folder: Path, sandbox: FakeSandbox) -> RunningKernel:
    record = make_record(folder, sandbox.id)
    return RunningKernel(sandbox, record.relay, record, _never)


@pytest.mark.parametrize(
    ("exit_", "says"),
    [
        (Exit(0), ""),
        (Exit(3), "the kernel ended with status 3"),
        (Exit(137, oom=True, reason="out of memory"), "out of memory"),
    ],
)
async def test_an_end_is_told_unless_it_was_asked_for(tmp_path: Path, exit_: Exit, says: str) -> None:
    """A kernel that ended by itself and well is no error either."""
    sandbox = FakeSandbox(f"ended-{exit_.code}")
    kernel = _kernel(tmp_path, sandbox)
    sandbox.end(exit_)
    await kernel.wait()
    assert (kernel.record.last_error, spoken_end(exit_)) == (says, says)
    assert kernel.record.usage.peak_memory_bytes == 2
    await kernel.close()
    asked = _kernel(tmp_path, FakeSandbox("two"))
    await asked.kill()
    await asked.wait()
    assert asked.record.last_error == ""
    assert REGISTRY.get("two") is None
    await asked.close()


async def test_a_lost_relay_is_a_lost_sandbox(tmp_path: Path) -> None:
    """The reason is the relay's, not that of the kill that followed."""
    sandbox = FakeSandbox("lost")
    kernel = _kernel(tmp_path, sandbox)
    kernel.relay.lost, kernel.relay.reason = True, "the connection to the sandbox was lost"
    await sandbox.kill()
    await kernel.wait()
    assert kernel.exit == Exit(137, reason="the connection to the sandbox was lost", lost=True)
    await kernel.close()


async def test_who_stops_it_gives_the_reason(tmp_path: Path) -> None:
    """Whoever uses it is told, and it is no error of the sandbox."""
    kernel = _kernel(tmp_path, FakeSandbox("stopped"))
    await kernel.stop("a person stopped it")
    await kernel.wait()
    assert kernel.exit == Exit(137, reason="a person stopped it")
    assert kernel.record.last_error == ""
    await kernel.close()


async def test_a_runtime_that_fails_to_end_it_leaves_nothing_here(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The daemon hangs: that is told, nobody waits for ever, and the list is true."""

    class Hanging(FakeSandbox):
        async def close(self) -> None:
            self._exit.cancel()
            raise SandboxError("The Docker daemon did not answer as expected")

    kernel = _kernel(tmp_path, Hanging("hanging"))
    with caplog.at_level(logging.WARNING):
        await asyncio.wait_for(kernel.close(), 5)
    assert "did not answer as expected" in caplog.text
    assert kernel.exit is not None
    assert kernel.exit.lost
    assert REGISTRY.get("hanging") is None
