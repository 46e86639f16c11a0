"""`/api/v1/sandboxes/{sandbox}/files`: what was written in a sandbox, for a person to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes.base import GptossHandler
from gptoss_lab.routes.notebook_kernels import ServerKernels

if TYPE_CHECKING:
    from gptoss_lab.sandbox.files import OpenFile, WorkingFolder

OPAQUE = "application/octet-stream"


class SandboxFilesHandler(GptossHandler):
    """The working folder of a sandbox."""

    auth_resource = "gptoss_lab.sandboxes"

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def get(self, sandbox: str) -> None:
        """List its regular files."""
        self.reply(await (await self.folder(sandbox)).list_files())

    async def folder(self, sandbox: str) -> WorkingFolder:
        """Return the folder, where the person may steer its sandbox."""
        return await self.services.sandboxes.folder(sandbox, self.owner, ServerKernels(self))


class SandboxFileHandler(SandboxFilesHandler):
    """One file. What a sandbox wrote is data: no browser may show, sniff or run it."""

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def get(self, sandbox: str, path: str) -> None:
        """Hand it over for saving, as it was when it was opened."""
        folder = await self.folder(sandbox)
        async with folder.open_file(path) as file:
            self._announce(file)
            async for chunk in file.chunks:
                await self.send(chunk)
        self.finish(set_content_type=OPAQUE)

    def _announce(self, file: OpenFile) -> None:
        name = quote(file.path.rpartition("/")[2], safe="")
        self.set_header("Content-Type", OPAQUE)
        self.set_header("Content-Length", file.size_bytes)
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
