"""Start sandboxed kernels for any Jupyter client: lifecycle verbs only.

Source: https://jupyter-client.readthedocs.io/en/stable/provisioning.html
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from pydantic import ValidationError
from traitlets import Dict, Enum

from gptoss_lab.errors import PolicyError, SandboxLostError
from gptoss_lab.sandbox.catalog import choose_runtime, make_runtimes
from gptoss_lab.sandbox.files import WorkingFolder
from gptoss_lab.sandbox.policy import kernel_env, resolve
from gptoss_lab.sandbox.reaper import own_lease, socket_folder_prefix
from gptoss_lab.sandbox.relay import Relay, inner_ports, outer_ports
from gptoss_lab.sandbox.runtime import Exit, LaunchSpec, ResourceUsage, Runtime, Sandbox
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides, Limits, RuntimeName

SHUTDOWN_WAIT_S = 3.0
STABLE_START_S = 20.0
JOB_RELAY_BYTES = 64 << 20
JOB_RELAY_FACTOR = 16
MESSAGE_BYTES = 128 << 20
APP_SECTION = "GptossLabApp"


class SandboxProvisioner(KernelProvisionerBase):
    """Provisions one kernel in a sandbox, or fails: nothing is ever run without one.

    The administrator's maxima come from `GptossLabApp.sandbox`. The kernelspec, which a person may
    write, and `gptoss_limits`, given at the start, can only narrow them.
    """

    language = Enum(["python", "r"], default_value="python", help="The kernel's language.")
    limits = Dict(default_value={}, help="A narrowing of the server's limits.")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.connection_info: KernelConnectionInfo = {}
        self._runtimes: tuple[Runtime, ...] = ()
        self._runtime: Runtime | None = None
        self._image_id = ""
        self._limits = Limits()
        self._byte_limit: int | None = None
        self._folder: Path | None = None
        self._sandbox: Sandbox | None = None
        self._relay: Relay | None = None
        self._watch: asyncio.Task[None] | None = None
        self._exit: Exit | None = None
        self._usage = ResourceUsage()

    @property
    def has_process(self) -> bool:
        """Whether there is a sandbox that was not waited for yet."""
        return self._sandbox is not None

    @property
    def runtime_name(self) -> RuntimeName:
        """The runtime that holds the kernel; "none" before the first start."""
        return self._runtime.name if self._runtime is not None else "none"

    @property
    def image(self) -> str:
        """The image or environment that the kernel runs in."""
        return self._image_id

    @property
    def exit(self) -> Exit | None:
        """How the last sandbox ended; None while it runs."""
        return self._exit

    @property
    def resolved_limits(self) -> Limits:
        """The limits of the last start."""
        return self._limits

    @property
    def files(self) -> WorkingFolder:
        """The working folder of the running sandbox.

        Raises:
            SandboxLostError: There is none, or it has ended.
        """
        if self._relay is None or self._exit is not None:
            raise SandboxLostError("The sandbox has ended, and its files with it")
        return WorkingFolder(self._relay.files_address, self._limits.disk_bytes)

    async def usage(self) -> ResourceUsage:
        """Measure what the kernel uses; the last figures once it has ended."""
        if self._sandbox is not None:
            self._usage = await self._sandbox.usage()
        return self._usage

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose the runtime and the limits, and prepare the connection.

        Raises:
            SandboxUnavailableError: No runtime answers.
            ImageMissingError: The chosen runtime has no image.
            PolicyError: The kernelspec or the caller asks for more than is allowed.
        """
        config = self._server_config()
        narrowing: LimitOverrides | Mapping[str, Any] | None = kwargs.pop("gptoss_limits", None)
        self._limits = resolve(config.limits, self.limits, narrowing or {})
        job_bytes = max(JOB_RELAY_BYTES, JOB_RELAY_FACTOR * self._limits.output_bytes)
        self._byte_limit = None if narrowing is None else job_bytes
        for name in ("env", "extra_arguments"):
            kwargs.pop(name, None)  # the caller's environment and words stay outside
        prepared = await super().pre_launch(env={}, **kwargs)
        environment = kernel_env(prepared["env"], self._limits)
        await self._choose(config)
        await self._prepare_connection()
        return {**prepared, "cmd": list(self.kernel_spec.argv), "env": environment}

    async def launch_kernel(self, cmd: Sequence[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the sandbox and its relay; a failure leaves neither.

        Raises:
            SandboxError: It could not be started.
        """
        assert self._runtime is not None  # noqa: S101 - pre_launch chose it or raised
        assert self._folder is not None  # noqa: S101 - as above
        self._exit = None
        info: KernelConnectionInfo = self._manager.get_connection_info()
        inner = {
            **info,
            "transport": "tcp",
            "ip": "127.0.0.1",
            **inner_ports(),
            "key": self._manager.session.key.decode(),
        }
        spec = LaunchSpec(
            sandbox_id=str(self.kernel_id),
            language=self._language,
            image_id=self._image_id,
            argv=cmd,
            connection_info=inner,
            limits=self._limits,
            env=kwargs["env"],
        )
        try:
            self._sandbox = await self._runtime.launch(spec)
            message_limit = MESSAGE_BYTES if self._byte_limit is None else None
            self._relay = Relay(
                self._sandbox, self._folder, byte_limit=self._byte_limit, message_limit=message_limit
            )
            await self._relay.start()
        except BaseException:
            await asyncio.shield(self.cleanup())  # after a failed start nobody else does
            raise
        self._watch = asyncio.create_task(self._remember_end(self._sandbox, self._relay))
        self.connection_info = info
        return info

    async def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs. Asks nobody: the end is watched."""
        if self._sandbox is None:
            return 0
        return None if self._exit is None else self._exit.code

    async def wait(self) -> int | None:
        """Wait for the end, then release the sandbox."""
        if self._watch is not None:
            await asyncio.shield(self._watch)
        await self._release()
        return 0 if self._exit is None else self._exit.code

    async def send_signal(self, signum: int) -> None:
        """Deliver a signal to the kernel's process group; 0 only asks whether it lives."""
        if self._sandbox is not None and self._exit is None and signum != 0:
            await self._sandbox.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the sandbox now."""
        del restart
        if self._sandbox is not None:
            await self._sandbox.kill()

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        del restart
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Release the sandbox; unless a restart follows, the folder and the runtimes too."""
        await self._release()
        if restart:
            return
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
            self._folder = None
        for runtime in self._runtimes:
            await runtime.close()
        self._runtimes = ()

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        """Return how long a kernel may take to end by itself."""
        return min(recommended, SHUTDOWN_WAIT_S)

    def get_stable_start_time(self, recommended: float = 10.0) -> float:
        """Return how long a restart may take."""
        return max(recommended, STABLE_START_S)

    @property
    def _manager(self) -> Any:
        """The kernel manager that made us."""
        return self.parent

    @property
    def _language(self) -> Language:
        return "r" if self.language == "r" else "python"

    def _server_config(self) -> SandboxConfig:
        section = self.config.get(APP_SECTION, {})
        try:
            return SandboxConfig.model_validate(dict(section.get("sandbox") or {}))
        except (ValidationError, TypeError, ValueError) as error:
            raise PolicyError(
                f"The server's sandbox configuration is not valid: {error}",
                hint=f"Correct {APP_SECTION}.sandbox in the Jupyter configuration.",
            ) from error

    async def _choose(self, config: SandboxConfig) -> None:
        if not self._runtimes:
            self._runtimes = make_runtimes(config)
        self._runtime = await choose_runtime(self._runtimes, self._language)
        found = await self._runtime.find_image(self._language)
        assert found is not None  # noqa: S101 - choose_runtime saw it
        self._image_id = found.id

    async def _prepare_connection(self) -> None:
        """Name our unix sockets in the kernel manager's connection file."""
        manager = self._manager
        if self._folder is None:
            self._folder = await asyncio.to_thread(_make_folder)
        manager.transport = "ipc"
        manager.ip = str(self._folder / "k")
        for name, number in outer_ports().items():
            setattr(manager, name, number)
        manager.write_connection_file()

    async def _remember_end(self, sandbox: Sandbox, relay: Relay) -> None:
        ended = await sandbox.wait()
        with contextlib.suppress(OSError):
            self._usage = await sandbox.usage()
        self._exit = replace(ended, reason=relay.reason) if relay.reason else ended

    async def _release(self) -> None:
        """Close the relay and the sandbox. Idempotent; a cancelled caller does not stop it."""
        sandbox, relay, watch = self._sandbox, self._relay, self._watch
        self._sandbox = self._relay = self._watch = None

        async def close() -> None:
            if relay is not None:
                await relay.close()
            if sandbox is not None:
                await sandbox.close()
            if watch is not None:
                await watch

        await asyncio.shield(asyncio.ensure_future(close()))


def _make_folder() -> Path:
    prefix = socket_folder_prefix(own_lease().owner)
    return Path(tempfile.mkdtemp(prefix=prefix.name, dir=prefix.parent))
