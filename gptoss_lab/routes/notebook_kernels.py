"""The kernels of this Jupyter Server's notebooks, for the service that lists and steers sandboxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler

KERNELS_RESOURCE = "kernels"


class ServerKernels:
    """What the person behind one request may see and do; see `services.sandboxes.NotebookKernels`."""

    def __init__(self, handler: APIHandler) -> None:
        self._handler = handler
        self._kernels: Any = handler.kernel_manager
        self._sessions: Any = handler.session_manager

    async def allows(self, action: Literal["read", "write"]) -> bool:
        """Ask the server's authorizer, as its own kernel handlers do."""
        handler = self._handler
        asked = handler.authorizer.is_authorized(handler, handler.current_user, action, KERNELS_RESOURCE)
        return bool(await ensure_async(asked))

    def holds(self, sandbox: str) -> bool:
        """Say whether the kernel manager has a kernel of that id."""
        return sandbox in self._kernels

    async def notebooks(self) -> Mapping[str, str]:
        """Ask the session manager for the paths."""
        sessions = await ensure_async(self._sessions.list_sessions())
        return {session["kernel"]["id"]: session["path"] for session in sessions}

    async def interrupt(self, sandbox: str) -> None:
        """Interrupt what a kernel runs."""
        await ensure_async(self._kernels.interrupt_kernel(sandbox))

    async def restart(self, sandbox: str, image: str = "", data: Sequence[str] | None = None) -> None:
        """Start a kernel anew; it answers a moment later."""
        if image:
            self._kernels.get_kernel(sandbox).provisioner.move(image)
        if data is not None:
            self._kernels.get_kernel(sandbox).provisioner.show(data)
        await ensure_async(self._kernels.restart_kernel(sandbox))

    async def end(self, sandbox: str) -> None:
        """Shut a kernel down; its session goes with it."""
        await ensure_async(self._kernels.shutdown_kernel(sandbox))
