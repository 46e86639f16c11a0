"""Who sees which sandbox, and who may steer it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.errors import NotFoundError
from gptoss_lab.sandbox.registry import Registry
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.kernels import FakeKernels
from tests.fakes.records import make_record


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
def service(registry: Registry) -> SandboxService:
    """A service over them."""
    return SandboxService(registry)


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
