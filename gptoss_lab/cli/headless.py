"""A Jupyter Server without a screen: our interface, kernels in sandboxes, and nothing else."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_server.serverapp import ServerApp
from traitlets import default

from gptoss_lab.errors import GptossError

EXTENSION = "gptoss_lab"
PROVISIONER = "gptoss-sandbox"
STOPS = (signal.SIGINT, signal.SIGTERM)


class SandboxKernelSpecManager(KernelSpecManager):
    """Knows the kernels that run in a sandbox, and no others."""

    @default("ensure_native_kernel")
    def _no_native_kernel(self) -> bool:
        return False

    def find_kernel_specs(self) -> dict[str, str]:
        """Return the folders of those that run in a sandbox, by name."""
        found: dict[str, str] = super().find_kernel_specs()
        return {name: folder for name, folder in found.items() if self._is_sandboxed(name)}

    def get_kernel_spec(self, kernel_name: str) -> Any:
        """Return one; another does not exist here.

        Raises:
            NoSuchKernel: There is none of that name, or it runs in no sandbox.
        """
        spec = super().get_kernel_spec(kernel_name)
        stanza = spec.metadata.get("kernel_provisioner")
        if not isinstance(stanza, dict) or stanza.get("provisioner_name") != PROVISIONER:
            raise NoSuchKernel(kernel_name)
        return spec

    def _is_sandboxed(self, name: str) -> bool:
        try:
            self.get_kernel_spec(name)
        except (NoSuchKernel, ValueError, OSError):
            return False  # not ours, or one whose file cannot be read
        return True


class HeadlessServer(ServerApp):
    """Jupyter Server with our extension alone, and of its own services what a kernel needs.

    Attributes:
        ended_by: The signal that stopped it; 0 while it runs.
    """

    default_services = ("api", "kernels", "kernelspecs", "sessions")  # type: ignore[assignment] # fewer
    ended_by = 0
    on_ready: Callable[[], None] = staticmethod(lambda: None)

    @default("log_level")
    def _quiet(self) -> int:
        return logging.WARNING

    def find_server_extensions(self) -> None:
        """Load ours, whatever else is installed; called by Jupyter Server."""
        self.jpserver_extensions = {EXTENSION: True}

    def init_signal(self) -> None:
        """Stop at the first SIGINT or SIGTERM, with or without a terminal; called by Jupyter Server."""
        for number in STOPS:
            signal.signal(number, self._stop_once)

    def start_ioloop(self) -> None:
        """Run, and say so when it listens; called by Jupyter Server."""
        self.io_loop.add_callback(self.on_ready)  # after the socket is bound, which was queued before
        super().start_ioloop()

    def _stop_once(self, number: int, _frame: object) -> None:
        for each in STOPS:
            signal.signal(each, signal.SIG_DFL)  # a second one ends it at once
        self.ended_by = number
        self.stop(from_signal=True)

    def _find_http_port(self) -> None:
        """Try the address, so that a person hears why it cannot be had.

        Raises:
            GptossError: It cannot.
        """
        try:
            found = socket.getaddrinfo(
                self.ip or None, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            family, *_, address = found[0]
            with socket.create_server(address, family=family) as probe:
                self.port = probe.getsockname()[1]
        except OSError as error:
            message, hint = _explained(error, self.ip, self.port)
            raise GptossError(message, hint=hint) from error


def _explained(error: OSError, ip: str, port: int) -> tuple[str, str]:
    """Return why an address cannot be had, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {ip} is taken by another program",
            f"Name another with --port, or 0 for any that is free; `ss -ltnp sport = :{port}` shows whose.",
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}", "Name one above 1023 with --port."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return (
            f"This machine has no address {ip}",
            "`ip address` lists those that it has; 127.0.0.1 is always there.",
        )
    why = os.strerror(error.errno) if error.errno else str(error)
    return f"Listening on {ip}, port {port}, failed: {why}", "Name another --ip or --port."
