"""The sandboxes of this server: who sees them, and who may steer them.

A sandbox that runs for somebody is theirs alone. A notebook's kernel belongs to the Jupyter Server,
as every kernel does: whoever may see and steer its kernels may do so here, and it is steered through
the server's own kernel manager, so that what that believes stays true.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from gptoss_lab.errors import ConflictError, NotFoundError, PolicyError, SandboxLostError
from gptoss_lab.sandbox.files import WorkingFolder
from gptoss_lab.sandbox.pool import WarmPool
from gptoss_lab.sandbox.registry import REGISTRY, Registry, SandboxRecord
from gptoss_lab.schemas.sandboxes import SandboxList, SandboxRequest, SandboxState
from gptoss_lab.services.kept import KeptSandbox, KeptSandboxes
from gptoss_lab.services.kernel_start import KERNELS, Wanted


class NotebookKernels(Protocol):
    """The kernels of notebooks, as their server knows them, for one person who asks."""

    async def allows(self, action: Literal["read", "write"]) -> bool:
        """Say whether the person may see, or steer, the server's kernels."""

    def holds(self, sandbox: str) -> bool:
        """Say whether the server runs a kernel of that id."""

    async def notebooks(self) -> Mapping[str, str]:
        """Return the paths of the notebooks by the ids of their kernels."""

    async def interrupt(self, sandbox: str) -> None:
        """Interrupt what a kernel runs."""

    async def restart(self, sandbox: str, image: str = "", data: Sequence[str] | None = None) -> None:
        """Start a kernel anew, in another image of ours where one is named, and shown other data likewise."""

    async def end(self, sandbox: str) -> None:
        """Shut a kernel down."""


class SandboxService:
    """Lists and steers sandboxes.

    Args:
        kept: Those that live on between executions.
        registry: The sandboxes of this process.
        pool: Started kernels that wait for their single use; None keeps none.
    """

    def __init__(
        self, kept: KeptSandboxes, registry: Registry = REGISTRY, *, pool: WarmPool | None = None
    ) -> None:
        self.kept = kept
        self._registry = registry
        self._pool = pool

    def open(self) -> None:
        """Keep kernels warm from the first use on; for a process that lives long. Idempotent."""
        if self._pool is not None:
            self._pool.open()

    def wake(self) -> None:
        """Have a warm kernel ready soon: it will be needed."""
        if self._pool is not None:
            self._pool.wake()

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

    async def start(self, request: SandboxRequest, owner: str) -> SandboxState:
        """Start a sandbox that is kept until it is ended, or its time is over.

        Raises:
            TooBusyError: As many as may be are kept already.
            PolicyError: The kernel is not a sandbox's, or the limits are wider than allowed.
            SandboxLostError: It ended at once.
            SandboxError: It does not start.
        """
        kernel = request.kernel or KERNELS[request.language]
        wanted = Wanted(kernel, request.limits, request.image, "execute", owner, data=request.data)
        kept = await self.kept.start(wanted)
        record = self._registry.get(kept.id)
        if record is None:
            raise SandboxLostError(f"The sandbox {kept.id} ended at once")
        return record.state()

    async def folder(self, sandbox: str, owner: str, kernels: NotebookKernels) -> WorkingFolder:
        """Return the working folder of a sandbox, for those who may steer it.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            PolicyError: The person may not steer this server's kernels.
            ConflictError: It has ended, or waits for its first use.
        """
        record = await self._find_running(sandbox, owner, kernels)
        return WorkingFolder(record.relay.files_address, record.limits.disk_bytes)

    async def interrupt(self, sandbox: str, owner: str, kernels: NotebookKernels) -> SandboxState:
        """Interrupt what the sandbox runs.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            PolicyError: The person may not steer this server's kernels.
            ConflictError: It has ended, or waits for its first use.
            SandboxError: The runtime does not answer.
        """
        record = await self._find_running(sandbox, owner, kernels)
        if record.purpose == "notebook":
            await kernels.interrupt(sandbox)
        elif kept := self._kept(record, owner):
            await kept.interrupt()
        elif record.control is not None:
            await record.control.signal(signal.SIGINT)
        return record.state()

    async def restart(
        self,
        sandbox: str,
        owner: str,
        kernels: NotebookKernels,
        *,
        image: str = "",
        data: tuple[str, ...] | None = None,
    ) -> SandboxState:
        """Start the sandbox anew: its variables and files are gone.

        Args:
            sandbox: The sandbox.
            owner: Who asks.
            kernels: The kernels of notebooks.
            image: The image of ours to run in from now on; the same as before when empty.
            data: The absolute paths that the person agreed to show from now on; as before when None.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            PolicyError: The person may not steer this server's kernels.
            ConflictError: It has ended, or runs for one execution only.
            SandboxError: It does not start.
        """
        record = await self.restartable(sandbox, owner, kernels)
        kept = self._kept(record, owner)
        if kept is None:
            await kernels.restart(sandbox, image, data)
        else:
            await kept.restart(image=image or None, data=data)
        return (self._registry.get(sandbox) or record).state()

    async def restartable(self, sandbox: str, owner: str, kernels: NotebookKernels) -> SandboxRecord:
        """Return a sandbox that the person may start anew.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            PolicyError: The person may not steer this server's kernels.
            ConflictError: It has ended, or runs for one execution only.
        """
        record = await self._find_running(sandbox, owner, kernels)
        if record.purpose != "notebook" and self._kept(record, owner) is None:
            raise ConflictError(
                f"The sandbox {sandbox[:64]} runs for one execution only",
                hint="Stop it, and run the code again.",
            )
        return record

    async def end(self, sandbox: str, owner: str, kernels: NotebookKernels) -> None:
        """End the sandbox, whatever runs in it; one that has ended is taken off the list.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            PolicyError: The person may not steer this server's kernels.
            ConflictError: It waits for its first use.
        """
        record = await self._find(sandbox, owner, kernels)
        if record.ended is not None:
            self._registry.forget(record)
            return
        record = await self._find_running(sandbox, owner, kernels)
        if record.purpose == "notebook":
            await kernels.end(sandbox)
        elif kept := self._kept(record, owner):
            await kept.end()
        elif record.control is not None:
            await record.control.stop("a person stopped it")

    async def close(self) -> None:
        """End the kept sandboxes, and those that wait."""
        await self.kept.close()
        if self._pool is not None:
            await self._pool.close()

    def _kept(self, record: SandboxRecord, owner: str) -> KeptSandbox | None:
        try:
            return self.kept.find(record.id, owner)
        except NotFoundError:
            return None

    async def _find_running(self, sandbox: str, owner: str, kernels: NotebookKernels) -> SandboxRecord:
        """Return a sandbox that the person may steer.

        Raises:
            PolicyError: They may not.
            ConflictError: Nobody may now.
        """
        record = await self._find(sandbox, owner, kernels)
        if record.purpose == "notebook" and not await kernels.allows("write"):
            raise PolicyError("You may not steer the kernels of this server", hint="Ask its administrator.")
        if record.ended is not None:
            raise ConflictError(f"The sandbox {sandbox[:64]} has ended: {record.last_error}")
        if record.purpose == "warm":
            raise ConflictError(f"The sandbox {sandbox[:64]} waits for its first use")
        return record

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
