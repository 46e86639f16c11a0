"""`/api/v1/health`: what would happen if something were asked now."""

from __future__ import annotations

import asyncio
import os

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.errors import StorageError
from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler


class HealthHandler(GptossHandler):
    """The state of this server."""

    auth_resource = "gptoss_lab.health"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Say which generator answers, whether cells can be verified, and what is wrong."""
        self.reply(await self._health())

    async def _health(self) -> wire.Health:
        model, monitor = self.services.models.answers(), self.services.monitor
        writable = await asyncio.to_thread(self._writable)
        states = await monitor.services(writable=writable)
        return wire.Health(
            status="degraded" if monitor.is_degraded(states) else "ok",
            version=self.context.version,
            generator="model" if model else "examples",
            model=model,
            sandbox=await self.services.execution.status("python"),
            data_writable=writable,
            jobs_fault=self.services.archive.fault,
            answers=monitor.answers(),
            resources=monitor.seen(),
            services=states,
        )

    def _writable(self) -> bool:
        try:
            return os.access(self.context.folder(), os.W_OK | os.X_OK)
        except StorageError:
            return False
