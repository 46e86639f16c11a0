"""`/api/v1/model`: the model of this server."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler


class ModelHandler(GptossHandler):
    """The model as it stands."""

    auth_resource = "gptoss_lab.model"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with its phase, progress, memory, speed and queue."""
        self.reply(self.services.models.state())


class ModelStartHandler(GptossHandler):
    """The begin of its life."""

    auth_resource = "gptoss_lab.model"

    @authenticated
    @authorized
    async def post(self) -> None:
        """Begin to start it, or attach a server that was found. The body may be left out."""
        request = self.read(wire.StartRequest) if self.has_body else None
        self.reply(await self.services.models.start(request))


class ModelStopHandler(GptossHandler):
    """The end of its life."""

    auth_resource = "gptoss_lab.model"

    @authenticated
    @authorized
    async def post(self) -> None:
        """Stop it, or cancel its start or download; answers when it has ended."""
        self.reply(await self.services.models.stop())


class ModelPlanHandler(GptossHandler):
    """What this machine could serve."""

    auth_resource = "gptoss_lab.model"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Look at the hardware and answer with what fits and why the rest does not."""
        self.reply(await self.services.models.plan())


class ModelLogsHandler(GptossHandler):
    """What the engine says of itself."""

    auth_resource = "gptoss_lab.model"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with its last lines; they hold no prompts and no answers."""
        self.reply(self.services.models.logs())
