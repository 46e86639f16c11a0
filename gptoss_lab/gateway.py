"""Our interface and sandboxed kernels in a Jupyter Kernel Gateway.

It is started with `--KernelGatewayApp.api=gptoss_lab.gateway`. A Kernel Gateway loads no
server extensions. It takes its addresses from a personality, and this is one: that of the gateway itself,
with our addresses beside it and our websockets in force.

Source: https://jupyter-kernel-gateway.readthedocs.io/en/latest/config-options.html
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.utils import url_path_join
from kernel_gateway.jupyter_websocket import JupyterWebsocketPersonality
from kernel_gateway.mixins import TokenAuthorizationMixin
from traitlets.config import Config

from gptoss_lab.configuration import SECTION, read_sections
from gptoss_lab.extension import GptossLabApp
from gptoss_lab.routes.websocket import SandboxWebsocketConnection

OPEN_TO_ALL = (
    "A gateway without a token would run anybody's code: put one into the environment variable "
    "KG_AUTH_TOKEN, or into c.KernelGatewayApp.auth_token."
)


class GptossPersonality(JupyterWebsocketPersonality):  # type: ignore[misc] # an untyped package
    """The gateway's own addresses, and ours.

    What the administrator wrote for the Jupyter Server holds here, too; the gateway's own configuration
    goes before it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gateway = self.parent
        if not gateway.auth_token:
            gateway.log.critical(OPEN_TO_ALL)
            gateway.exit(1)
        if gateway.kernel_websocket_connection_class is ZMQChannelsWebsocketConnection:
            gateway.kernel_websocket_connection_class = SandboxWebsocketConnection
        config = Config({SECTION: read_sections()})
        config.merge(Config({SECTION: gateway.config.get(SECTION, {})}))
        self._ours = GptossLabApp(serverapp=None, config=config, log=gateway.log)

    def create_request_handlers(self) -> list[Any]:
        """Return ours before the gateway's, whose last one takes every address; called by the gateway."""
        self._ours.initialize_handlers()
        ours = [
            (url_path_join("/", self.parent.base_url, pattern), _with_token(handler), arguments)
            for pattern, handler, arguments in self._ours.handlers
        ]
        return [*ours, *super().create_request_handlers()]

    async def init_configurables(self) -> None:
        """Begin the work in the background; called by the gateway when its loop runs."""
        await super().init_configurables()
        self._ours.begin()

    async def shutdown(self) -> None:
        """Cancel the jobs and end the sandboxes, then the kernels; called by the gateway when it stops."""
        await self._ours.stop_extension()
        await super().shutdown()


def create_personality(*args: Any, **kwargs: Any) -> GptossPersonality:
    """Return the personality; the gateway looks for a function of this name."""
    return GptossPersonality(*args, **kwargs)


def _with_token(handler: type) -> type:
    """Return a handler that wants the gateway's token, as each of its own does."""
    return type(handler.__name__, (TokenAuthorizationMixin, handler), {})
