"""The sandboxes of this server: who sees them, and who may steer them.

A sandbox that runs for somebody is theirs alone. A notebook's kernel belongs to the Jupyter Server,
as every kernel does: whoever may see and steer its kernels may do so here, and it is steered through
the server's own kernel manager, so that what that believes stays true.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from gptoss_lab.errors import NotFoundError
from gptoss_lab.sandbox.registry import REGISTRY, Registry, SandboxRecord
from gptoss_lab.schemas.sandboxes import SandboxList, SandboxState


class NotebookKernels(Protocol):
    """The kernels of notebooks, as their server knows them, for one person who asks."""

    async def allows(self, action: Literal["read", "write"]) -> bool:
        """Say whether the person may see, or steer, the server's kernels."""

    def holds(self, sandbox: str) -> bool:
        """Say whether the server runs a kernel of that id."""

    async def notebooks(self) -> Mapping[str, str]:
        """Return the paths of the notebooks by the ids of their kernels."""


class SandboxService:
    """Lists and steers sandboxes.

    Args:
        registry: The sandboxes of this process.
    """

    def __init__(self, registry: Registry = REGISTRY) -> None:
        self._registry = registry

    async def list(self, owner: str, kernels: NotebookKernels) -> SandboxList:
        """Return the sandboxes that the person may see, the newest first."""
        await self._name_notebooks(kernels)
        may_read = await kernels.allows("read")
        seen = (record for record in self._registry if _is_seen(record, owner, kernels, may_read))
        return SandboxList(sandboxes=tuple(record.state() for record in seen))

    async def get(self, sandbox: str, owner: str, kernels: NotebookKernels) -> SandboxState:
        """Return one sandbox.

        Raises:
            NotFoundError: There is none, or it is someone else's.
        """
        record = await self._find(sandbox, owner, kernels)
        await self._name_notebooks(kernels)
        return record.state()

    async def _find(self, sandbox: str, owner: str, kernels: NotebookKernels) -> SandboxRecord:
        record = self._registry.get(sandbox)
        if record is None or not _is_seen(record, owner, kernels, await kernels.allows("read")):
            raise NotFoundError(f"There is no sandbox {sandbox[:64]}")
        return record

    async def _name_notebooks(self, kernels: NotebookKernels) -> None:
        """Write down which notebook uses a kernel, for once it has ended nobody knows."""
        paths = await kernels.notebooks()
        for record in self._registry:
            record.notebook = paths.get(record.id, record.notebook)


def _is_seen(record: SandboxRecord, owner: str, kernels: NotebookKernels, may_read: bool) -> bool:
    if record.purpose == "warm":
        return True  # it is nobody's yet, and takes memory that everybody may account for
    if record.purpose == "notebook":
        return may_read and (record.ended is not None or kernels.holds(record.id))
    return record.owner == owner
