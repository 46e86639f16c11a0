"""`/api/v1/sandboxes`: the sandboxes of this server."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes.base import GptossHandler
from gptoss_lab.routes.notebook_kernels import ServerKernels


class SandboxesHandler(GptossHandler):
    """The sandboxes that the person who asks may see."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them, the newest first."""
        self.reply(await self.services.sandboxes.list(self.owner, ServerKernels(self)))


class SandboxHandler(GptossHandler):
    """One sandbox."""

    @authenticated
    @authorized
    async def get(self, sandbox: str) -> None:
        """Answer with what it does and uses now."""
        self.reply(await self.services.sandboxes.get(sandbox, self.owner, ServerKernels(self)))
