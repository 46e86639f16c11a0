"""The websocket between a page and a kernel: what a sandbox may show, and what may not run yet.

JupyterLab trusts the outputs of each cell that it runs. What comes from a sandbox is therefore
rebuilt from an allow-list before the page sees it. On the way in, a cell that is pending review is
answered here and never reaches any kernel.

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from importlib import import_module
from typing import Any

from jupyter_server.gateway.connections import GatewayWebSocketConnection
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.websocket import WebSocketClosedError

from gptoss_lab.routes.gateway_socket import SandboxGatewayConnection
from gptoss_lab.routes.guarded import BINARY_PROTOCOL, FILTER_MODULE, PROVISIONER, GuardedConnection

PROVISIONER_MODULE = "gptoss_lab.sandbox.provisioner"
SETTING = "kernel_websocket_connection_class"

UNPROTECTED = (
    "Kernel messages go through %s, which another configuration chose: what sandboxed kernels send is "
    "shown unfiltered, so a sandbox may run scripts in the page, and the server does not refuse cells "
    "that are pending review. Unset ServerApp.%s to be protected, or let that class extend "
    "gptoss_lab.routes.websocket.SandboxWebsocketConnection."
)


def is_sandboxed(manager: Any) -> bool:
    """Say whether a kernel manager's kernel runs in one of our sandboxes."""
    metadata = getattr(manager.kernel_spec, "metadata", None) or {}
    stanza = metadata.get("kernel_provisioner") or {}
    if stanza.get("provisioner_name") == PROVISIONER:
        return True
    # Whoever has a provisioner of ours has loaded its module; nobody else should wait for it.
    module = sys.modules.get(PROVISIONER_MODULE)
    return module is not None and isinstance(manager.provisioner, module.SandboxProvisioner)


class SandboxWebsocketConnection(GuardedConnection, ZMQChannelsWebsocketConnection):
    """Filters what sandboxed kernels say, and refuses cells that are pending review.

    The messages of all other kernels pass as they are.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sandboxed: bool | None = None
        self._filter: Any = None
        self._streams: Any = None

    async def prepare(self) -> None:
        """Have the filter loaded before the first message."""
        await super().prepare()  # type: ignore[no-untyped-call]
        if self.sandboxed:
            await asyncio.to_thread(import_module, FILTER_MODULE)

    @property
    def speaks_binary(self) -> bool:
        """Whether the page speaks the newer of the two protocols."""
        return bool(self.subprotocol == BINARY_PROTOCOL)

    @property
    def sandboxed(self) -> bool:
        """Whether the kernel runs in one of our sandboxes."""
        if self._sandboxed is None:
            self._sandboxed = is_sandboxed(self.kernel_manager)
        return self._sandboxed

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass a message of the page on, unless it would run what nobody has accepted."""
        if not self.channels:
            super().handle_incoming_message(incoming_msg)
            return
        if self.refuses(incoming_msg):
            return
        if self.sandboxed:
            self.note_question(incoming_msg)
        super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Pass a message of the kernel on; that of a sandbox is filtered first, in order."""
        if not self.sandboxed:
            super().handle_outgoing_message(stream, outgoing_msg)
            return
        self.pass_in_order(stream, outgoing_msg, sum(map(len, outgoing_msg)))

    def on_kernel_restarted(self) -> None:
        """Say why the kernel ended before the page hears that it starts again."""
        self._tell_end()
        super().on_kernel_restarted()  # type: ignore[no-untyped-call]

    def on_restart_failed(self) -> None:
        """Say why the kernel ended before the page hears that it is dead."""
        self._tell_end()
        super().on_restart_failed()  # type: ignore[no-untyped-call]

    def disconnect(self) -> None:  # type: ignore[override] # as in the base
        """Drop what still waits: the page has left."""
        self.stop_passing()
        super().disconnect()  # type: ignore[no-untyped-call]

    def _clean(self, stream: Any, parts: list[bytes]) -> list[bytes] | str | None:
        """Return the message as it may be shown, None when it may not be, or what is wrong with it."""
        if self._filter is None:
            self._filter = import_module(FILTER_MODULE)
            self._streams = self._filter.Streams()
        may_ask = self.may_ask()
        try:
            _, signed = self.session.feed_identities(parts)
            return self._filter.clean_parts(  # type: ignore[no-any-return] # loaded on first use
                stream.channel, signed[1:], self.session, may_ask, self._streams
            )
        except Exception as error:  # noqa: BLE001 - whatever a sandbox can provoke, the message is dropped
            return type(error).__name__

    def _show(self, stream: Any, cleaned: list[bytes] | str | None) -> None:
        if isinstance(cleaned, str):
            self._tell_once(f"It sent a message that cannot be read ({cleaned})")
        elif cleaned is not None and not stream.closed():
            with contextlib.suppress(WebSocketClosedError):  # tornado is about to call disconnect
                super().handle_outgoing_message(stream, cleaned)

    def _tell_end(self) -> None:
        """Write under the cell that ran how its sandbox ended; Jupyter's own words do not say it."""
        ended = getattr(self.kernel_manager.provisioner, "exit", None) if self.sandboxed else None
        if ended is None or self._last_request is None:
            return
        why = ended.reason or f"the kernel ended with status {ended.code}"
        text = f"The sandbox has ended: {why}. Its variables and files are lost.\n"
        self._answer("iopub", "stream", {"name": "stderr", "text": text}, self._last_request)


OURS: dict[type, type] = {
    ZMQChannelsWebsocketConnection: SandboxWebsocketConnection,
    GatewayWebSocketConnection: SandboxGatewayConnection,
}
"""What takes the place of each of Jupyter's own: of kernels here, and of those on a gateway."""


def put_in_force(serverapp: Any) -> None:
    """Let a server's kernel websockets be ours, unless someone chose others."""
    ours = OURS.get(serverapp.web_app.settings.get(SETTING))
    if ours is not None:
        serverapp.kernel_websocket_connection_class = ours
        serverapp.web_app.settings[SETTING] = ours


def warn_unless_in_force(serverapp: Any) -> None:
    """Say what is not protected where someone chose other websockets."""
    chosen = serverapp.web_app.settings.get(SETTING)
    if not issubclass(chosen, GuardedConnection):
        serverapp.log.warning(UNPROTECTED, f"{chosen.__module__}.{chosen.__qualname__}", SETTING)
