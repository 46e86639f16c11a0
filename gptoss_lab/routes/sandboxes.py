"""`/api/v1/sandboxes`: the sandboxes of this server."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler
from gptoss_lab.routes.notebook_kernels import ServerKernels


class SandboxesHandler(GptossHandler):
    """The sandboxes that the person who asks may see."""

    auth_resource = "gptoss_lab.sandboxes"

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them, the newest first."""
        self.reply(await self.services.sandboxes.list(self.owner, ServerKernels(self)))

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Start one that is kept for the executions of the person who asks."""
        request = self.read(wire.SandboxRequest)
        request = request.model_copy(update={"data": await self.shown(request.data)})
        started = await self.services.sandboxes.start(request, self.owner)
        self.set_header("Location", url_path_join(self.base_url, "api/v1/sandboxes", started.id))
        self.reply(started, status=201)


class SandboxHandler(GptossHandler):
    """One sandbox."""

    auth_resource = "gptoss_lab.sandboxes"

    @authenticated
    @authorized
    async def get(self, sandbox: str) -> None:
        """Answer with what it does and uses now."""
        self.reply(await self.services.sandboxes.get(sandbox, self.owner, ServerKernels(self)))

    @authenticated
    @authorized
    async def delete(self, sandbox: str) -> None:
        """End it, whatever runs in it."""
        await self.services.sandboxes.end(sandbox, self.owner, ServerKernels(self))
        self.reply_empty()


class InterruptHandler(GptossHandler):
    """What a sandbox runs."""

    auth_resource = "gptoss_lab.sandboxes"

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self, sandbox: str) -> None:
        """Interrupt it."""
        self.reply(await self.services.sandboxes.interrupt(sandbox, self.owner, ServerKernels(self)))


class PackagesHandler(GptossHandler):
    """What a sandbox's environment holds."""

    auth_resource = "gptoss_lab.packages"

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self, sandbox: str) -> None:
        """Add packages to it, on the person's word; the sandbox starts anew with them."""
        request = self.read(wire.PackagesRequest)
        kernels = ServerKernels(self)
        self.reply(await self.services.packages.add_to(sandbox, request, self.owner, kernels))


class RestartHandler(GptossHandler):
    """The life of a sandbox."""

    auth_resource = "gptoss_lab.sandboxes"

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self, sandbox: str) -> None:
        """Start it anew; what it held is lost. A body may say what of the person's files it is shown."""
        asked = self.read(wire.RestartRequest).data if self.has_body else None
        data = None if asked is None else await self.shown(asked)
        self.reply(await self.services.sandboxes.restart(sandbox, self.owner, ServerKernels(self), data=data))
