"""Who sees which sandbox, and who may steer it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from gptoss_lab.errors import ConflictError, NotFoundError, PolicyError
from gptoss_lab.sandbox.registry import Registry
from gptoss_lab.schemas.execution import LimitOverrides
from gptoss_lab.schemas.sandboxes import SandboxRequest
from gptoss_lab.services.kept import KeptSandboxes
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.kernels import FakeKernels
from tests.fakes.records import make_record
from tests.fakes.sessions import FakeSession, FakeStarter


@pytest.fixture
async def registry(tmp_path: Path) -> Registry:
    """One sandbox of each kind."""
    made = Registry()
    for name, fields in {
        "annas": {"purpose": "execute", "owner": "anna"},
        "bernds": {"purpose": "verify", "owner": "bernd"},
        "book": {"purpose": "notebook"},
        "stray": {"purpose": "notebook"},
        "spare": {"purpose": "warm"},
    }.items():
        made.enter(make_record(tmp_path, name, **fields))
    return made


@pytest.fixture
def service(registry: Registry, tmp_path: Path) -> SandboxService:
    """A service over them."""
    return SandboxService(KeptSandboxes(2, FakeStarter(registry, tmp_path)), registry)


async def _names(service: SandboxService, owner: str, kernels: FakeKernels) -> set[str]:
    return {state.id for state in (await service.list(owner, kernels)).sandboxes}


async def test_each_sees_their_own_and_the_servers_kernels(service: SandboxService) -> None:
    """Other people's are not there at all, nor a kernel that the server does not know."""
    kernels = FakeKernels({"book": "folder/book.ipynb"})
    assert await _names(service, "anna", kernels) == {"annas", "book", "spare"}
    assert await _names(service, "bernd", kernels) == {"bernds", "book", "spare"}
    assert (await service.get("book", "anna", kernels)).notebook == "folder/book.ipynb"
    for hidden in ("bernds", "stray", "nothing"):
        with pytest.raises(NotFoundError):
            await service.get(hidden, "anna", kernels)


async def test_kernels_are_shown_to_those_who_may_see_kernels(service: SandboxService) -> None:
    """Jupyter Server's own permission decides, as it does on its own pages."""
    kernels = FakeKernels({"book": "folder/book.ipynb"}, may=())
    assert await _names(service, "anna", kernels) == {"annas", "spare"}
    with pytest.raises(NotFoundError):
        await service.get("book", "anna", kernels)


async def test_a_kernel_that_was_ended_is_shown_with_its_reason(
    service: SandboxService, registry: Registry
) -> None:
    """The server has forgotten it by then, and its notebook is still named."""
    await service.list("anna", FakeKernels({"book": "folder/book.ipynb"}))
    record = registry.get("book")
    assert record is not None
    record.last_error = "it was idle for 30 minutes"
    registry.leave(record)
    state = await service.get("book", "anna", FakeKernels())
    assert (state.phase, state.notebook) == ("ended", "folder/book.ipynb")
    assert state.last_error == "it was idle for 30 minutes"


class _Control:
    """The kernel behind a record."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def signal(self, signum: int) -> None:
        self.asked.append(signum)

    async def stop(self, reason: str) -> None:
        self.asked.append(reason)


async def test_a_notebooks_kernel_is_steered_by_its_server(service: SandboxService) -> None:
    """So that the server's own lists and its restarter know of it."""
    kernels = FakeKernels({"book": "book.ipynb"})
    await service.interrupt("book", "anna", kernels)
    await service.restart("book", "anna", kernels)
    await service.end("book", "anna", kernels)
    assert kernels.asked == [("interrupt", "book"), ("restart", "book"), ("end", "book")]


async def test_who_only_may_look_steers_nothing(service: SandboxService) -> None:
    """The permission to write kernels is asked for."""
    kernels = FakeKernels({"book": "book.ipynb"}, may=("read",))
    for steer in (service.interrupt, service.restart, service.end):
        with pytest.raises(PolicyError):
            await steer("book", "anna", kernels)
    assert kernels.asked == []


async def test_a_kept_sandbox_is_steered_through_its_session(
    service: SandboxService, registry: Registry
) -> None:
    """Its owner restarts and ends it; nobody else does."""
    started = await service.start(SandboxRequest(limits=LimitOverrides(pids=20)), "anna")
    assert (started.purpose, started.kernel) == ("execute", "gptoss-python")
    kept = service.kept.find(started.id, "anna")
    first = kept.session
    assert isinstance(first, FakeSession)
    async with kept.use():
        await service.interrupt(started.id, "anna", FakeKernels())
    assert "stop interrupted" in first.history
    with pytest.raises(NotFoundError):
        await service.restart(started.id, "bernd", FakeKernels())
    assert (await service.restart(started.id, "anna", FakeKernels())).id == started.id
    second = kept.session
    assert isinstance(second, FakeSession)
    assert second is not first
    await service.end(started.id, "anna", FakeKernels())
    assert second.history[-1] == "close"
    assert registry.get(started.id) is not None  # its provisioner takes it out


async def test_a_sandbox_of_a_job_can_be_stopped_but_not_restarted(
    service: SandboxService, registry: Registry
) -> None:
    """The job that uses it is told that a person stopped it."""
    record = registry.get("bernds")
    assert record is not None
    control = record.control = _Control()
    await service.interrupt("bernds", "bernd", FakeKernels())
    with pytest.raises(ConflictError):
        await service.restart("bernds", "bernd", FakeKernels())
    await service.end("bernds", "bernd", FakeKernels())
    assert control.asked == [signal.SIGINT, "a person stopped it"]


async def test_what_waits_or_has_ended_is_not_steered(service: SandboxService, registry: Registry) -> None:
    """A warm one is nobody's; the trace of one that ended can be wiped away."""
    record = registry.get("annas")
    assert record is not None
    record.last_error = "out of memory"
    registry.leave(record)
    for name in ("spare", "annas"):
        with pytest.raises(ConflictError):
            await service.interrupt(name, "anna", FakeKernels())
    with pytest.raises(ConflictError):
        await service.end("spare", "anna", FakeKernels())
    await service.end("annas", "anna", FakeKernels())
    assert registry.get("annas") is None
