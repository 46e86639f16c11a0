"""The execution service without a sandbox: choices, refusals, images."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from gptoss_lab.errors import (
    ImageMissingError,
    PolicyError,
    SandboxError,
    SandboxUnavailableError,
)
from gptoss_lab.sandbox.runtime import Runtime
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest, LimitOverrides, SandboxImage, SandboxStatus
from gptoss_lab.schemas.sandboxes import Isolation
from gptoss_lab.services.execution import ExecutionService
from tests.fakes.runtime import FakeRuntime

CELL = ExecutionRequest(cells=("1",))


class CountingRuntime(FakeRuntime):
    """Counts how often it is asked."""

    asked = 0

    async def status(self, language: Language, isolation: Isolation = "gvisor") -> SandboxStatus:
        self.asked += 1
        return await super().status(language, isolation)


class RootedRuntime(FakeRuntime):
    """Has a folder of packages."""

    async def library_root(self, image: SandboxImage) -> Path | None:
        return Path("/somewhere") / image.tag


class BrokenRuntime(FakeRuntime):
    """Fails when it is asked anything."""

    async def status(self, language: Language, isolation: Isolation = "gvisor") -> SandboxStatus:
        del isolation
        raise SandboxError(f"no answer about {language}", hint="look at it")

    async def images(self) -> list[SandboxImage]:
        raise SandboxUnavailableError("no answer")


def service(*runtimes: Runtime, config: SandboxConfig | None = None) -> ExecutionService:
    """Make a service."""
    return ExecutionService(config=config or SandboxConfig(), runtimes=runtimes)


async def ignore(_text: str, _done: int, _total: int) -> None:
    """Report to nobody."""


async def test_prefers_the_first_runtime_that_answers() -> None:
    """A runtime that is off is passed over."""
    first, second = FakeRuntime("docker", available=False), FakeRuntime("bubblewrap")
    assert (await service(first, second).status()).runtime == "bubblewrap"
    assert (await service(FakeRuntime("docker"), second).status()).runtime == "docker"


async def test_joins_the_reasons_when_none_answers() -> None:
    """Status never raises; it tells every reason and what to do."""
    status = await service(FakeRuntime("docker", available=False), BrokenRuntime("bubblewrap")).status()
    assert not status.available
    assert status.reason == "the fake docker is off; no answer about python"
    assert status.hint == "turn the fake on Or: look at it"


async def test_asks_at_most_every_two_seconds() -> None:
    """Many callers at once cost one question."""
    runtime = CountingRuntime()
    asked = service(runtime)
    for _ in range(5):
        await asked.status()
    assert runtime.asked == 1


async def test_runs_nothing_without_a_sandbox() -> None:
    """No runtime, a runtime that is off, and a configuration that says none all refuse."""
    for refused in (
        service(),
        service(FakeRuntime(available=False)),
        service(FakeRuntime(), config=SandboxConfig(runtime="none")),
    ):
        with pytest.raises(SandboxUnavailableError):
            await refused.execute(CELL)


async def test_says_when_the_image_is_missing() -> None:
    """A runtime without an image does not fall back to another."""
    with pytest.raises(ImageMissingError):
        await service(FakeRuntime(image_ready=False), FakeRuntime("bubblewrap")).execute(CELL)


async def test_refuses_kernels_that_are_not_sandboxes() -> None:
    """The local kernel is refused although it is installed; one that is not says so."""
    with pytest.raises(PolicyError):
        await service(FakeRuntime()).execute(ExecutionRequest(cells=("1",), kernel="python3"))
    with pytest.raises(ImageMissingError):
        await service(FakeRuntime()).execute(ExecutionRequest(cells=("1",), kernel="no-such-kernel"))
    with pytest.raises(ImageMissingError):
        await service(FakeRuntime()).execute(ExecutionRequest(cells=("1",), kernel="../evil"))


async def test_refuses_wider_limits() -> None:
    """A request only narrows."""
    wide = ExecutionRequest(cells=("1",), limits=LimitOverrides(memory_bytes=1 << 40))
    with pytest.raises(PolicyError):
        await service(FakeRuntime()).execute(wide)


async def test_lists_the_images_of_every_runtime_that_answers() -> None:
    """A runtime that does not answer is left out."""
    keeper = service(BrokenRuntime("docker"), FakeRuntime("bubblewrap"))
    assert [image.runtime for image in await keeper.images()] == ["bubblewrap"]


async def test_puts_the_sandbox_before_the_server() -> None:
    """What the sandbox holds is the truth; the server's own packages come after."""
    own = Path(sysconfig.get_path("purelib"))
    assert (own, "server") in await service().library_roots()
    assert (await service(RootedRuntime()).library_roots())[0] == (Path("/somewhere/fake:1"), "sandbox")


async def test_closes_its_runtimes() -> None:
    """Closing the service closes what it was given."""
    runtime = FakeRuntime()
    await service(runtime).close()
    assert runtime.closed
