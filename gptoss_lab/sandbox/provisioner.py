"""Start sandboxed kernels for any Jupyter client: lifecycle verbs only.

Source: https://jupyter-client.readthedocs.io/en/stable/provisioning.html
"""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Dict, Enum, Unicode

from gptoss_lab.errors import PolicyError, SandboxLostError
from gptoss_lab.sandbox.agent import kernel_argv
from gptoss_lab.sandbox.catalog import choose_runtime, make_runtimes
from gptoss_lab.sandbox.data import Shown, check_data
from gptoss_lab.sandbox.files import WorkingFolder
from gptoss_lab.sandbox.home import at_home
from gptoss_lab.sandbox.launch import end_soon, launch, make_folder, relay_limits, server_config
from gptoss_lab.sandbox.policy import kernel_env
from gptoss_lab.sandbox.pool import Likeness, WarmKernel, claim
from gptoss_lab.sandbox.profiles import Rules, check_stanza, rules_of
from gptoss_lab.sandbox.registry import SandboxRecord
from gptoss_lab.sandbox.relay import Relay, inner_ports, outer_ports
from gptoss_lab.sandbox.running import RunningKernel
from gptoss_lab.sandbox.runtime import Exit, LaunchSpec, ResourceUsage, Runtime
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import Environment, LimitOverrides, Limits, RuntimeName
from gptoss_lab.schemas.sandboxes import SandboxPurpose

SHUTDOWN_WAIT_S = 3.0
STABLE_START_S = 20.0
MADE_WITH = frozenset({"kernel_id", "kernel_spec", "parent"})
"""What `jupyter_client` makes a provisioner with; the rest comes from the kernelspec."""
PURPOSES = get_args(SandboxPurpose)


class SandboxProvisioner(KernelProvisionerBase):
    """Provisions one kernel in a sandbox, or fails: nothing is ever run without one.

    The administrator's maxima come from `GptossLabApp.sandbox`. The kernelspec, which a person may
    write, names one of its profiles, and `gptoss_limits`, given at the start, can only narrow them.
    `gptoss_image` names an image of ours to run in place of this version's.
    """

    language = Enum(["python", "r"], default_value="python", help="The kernel's language.")
    profile = Unicode("", help="The name of a profile of the server's configuration.")
    limits = Dict(default_value={}, help="A narrowing of the server's limits.")

    def __init__(self, **kwargs: Any) -> None:
        check_stanza({key: value for key, value in kwargs.items() if key not in MADE_WITH})
        super().__init__(**kwargs)
        self.connection_info: KernelConnectionInfo = {}
        self._runtimes: tuple[Runtime, ...] = ()
        self._runtime: Runtime | None = None
        self._image_id = ""
        self._environment: Environment | None = None
        self._next_image = ""
        self._next_data: tuple[str, ...] | None = None
        self._rules = Rules(Limits(), "gvisor")
        self._data: tuple[Shown, ...] = ()
        self._for_job = False
        self.was_warm = False  # the running kernel had been started before it was asked for
        self._folder: Path | None = None
        self._isolation = ""
        self._purpose: SandboxPurpose = "notebook"
        self._owner = ""
        self._host = ""
        self._started = False
        self._likeness: Likeness | None = None
        self._kernel: RunningKernel | None = None
        self._last: RunningKernel | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a sandbox that was not waited for yet."""
        return self._kernel is not None

    @property
    def runtime_name(self) -> RuntimeName:
        """The runtime that holds the kernel; "none" before the first start."""
        return self._runtime.name if self._runtime is not None else "none"

    @property
    def image(self) -> str:
        """The image or environment that the kernel runs in."""
        return self._image_id

    @property
    def environment(self) -> Environment | None:
        """What that holds; None before the first start."""
        return self._environment

    @property
    def isolation(self) -> str:
        """How the kernel is kept apart, in words."""
        return self._isolation

    def move(self, image: str) -> None:
        """Run in another image of ours from the next start on; whoever asks restarts the kernel."""
        self._next_image = image

    def show(self, data: Sequence[str]) -> None:
        """Show these files, to which a person agreed, from the next start on, in place of all before."""
        self._next_data = tuple(data)

    @property
    def data(self) -> tuple[str, ...]:
        """The files and folders of this machine that the kernel is shown."""
        return tuple(str(item.source) for item in self._data)

    @property
    def exit(self) -> Exit | None:
        """How the last sandbox ended; None while it runs."""
        return self._last.exit if self._last is not None else None

    @property
    def resolved_limits(self) -> Limits:
        """The limits of the last start."""
        return self._rules.limits

    @property
    def files(self) -> WorkingFolder:
        """The working folder of the running sandbox.

        Raises:
            SandboxLostError: There is none, or it has ended.
        """
        if self._kernel is None or self._kernel.exit is not None:
            raise SandboxLostError("The sandbox has ended, and its files with it")
        return WorkingFolder(self._kernel.relay.files_address, self._rules.limits.disk_bytes)

    @at_home
    async def usage(self) -> ResourceUsage:
        """Measure what the kernel uses; the last figures once it has ended."""
        return ResourceUsage() if self._last is None else await self._last.usage()

    @at_home
    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose the runtime and the limits, and prepare the connection.

        Raises:
            SandboxUnavailableError: No runtime answers.
            ImageMissingError: The chosen runtime has no image, or none has the one that was named.
            PolicyError: The kernelspec or the caller asks for more than is allowed, or for something else.
        """
        config = await server_config(self.config)
        narrowing: LimitOverrides | Mapping[str, Any] | None = kwargs.pop("gptoss_limits", None)
        self._rules = rules_of(config, self.profile, self.limits, narrowing or {})
        self._take_labels(kwargs)
        # An execution may have many cells, and its sandbox many executions: each cell is bounded.
        self._for_job = narrowing is not None and self._purpose != "execute"
        named = str(kwargs.pop("gptoss_image", ""))
        asked = kwargs.pop("gptoss_data", ())
        asked = asked if self._next_data is None else self._next_data
        self._data = await asyncio.to_thread(check_data, asked, allowed=config.allow_data)
        for name in ("env", "extra_arguments"):
            kwargs.pop(name, None)  # the caller's environment and words stay outside
        prepared = await super().pre_launch(env={}, **kwargs)
        environment = kernel_env(prepared["env"], self._rules.limits, self._language)
        await self._choose(config, named)
        await self._prepare_connection()
        return {**prepared, "cmd": kernel_argv(self.kernel_spec.argv), "env": environment}

    @at_home
    async def launch_kernel(self, cmd: Sequence[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the sandbox and its relay; a failure leaves neither.

        Raises:
            SandboxError: It could not be started.
        """
        assert self._runtime is not None  # noqa: S101 - pre_launch chose it or raised
        assert self._folder is not None  # noqa: S101 - as above
        self._last = None
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
            limits=self._rules.limits,
            isolation=self._rules.isolation,
            env=kwargs["env"],
            data=self._data,
        )
        likeness = Likeness.of(spec, self._runtime.name, self._host)
        # A restart keeps its address, which a warm kernel has not.
        warm = None if self._started or self._purpose == "warm" else claim(likeness)
        self.was_warm = warm is not None
        try:
            if warm is not None:
                return await self._adopt(warm)
            sandbox, relay = await launch(self._runtime, spec, self._folder, self._relay_limits)
            self._kernel = self._last = RunningKernel(sandbox, relay, self._record(relay), self._overdue)
        except BaseException:
            await asyncio.shield(self.cleanup())  # after a failed start nobody else does
            raise
        self._likeness, self._started = likeness, True
        self.connection_info = info
        return info

    async def detach(self) -> WarmKernel:
        """Give the kernel away, with all that belongs to it: the manager has none any more.

        Raises:
            SandboxLostError: There is none, or it has ended.
        """
        kernel, folder = self._kernel, self._folder
        if kernel is None or folder is None or self._likeness is None or kernel.exit is not None:
            raise SandboxLostError("The sandbox has ended, and cannot be handed over")
        warm = WarmKernel(
            kernel, self._likeness, folder, self.connection_info, self._runtimes, self._language
        )
        self._kernel, self._folder, self._runtimes = None, None, ()
        self._manager.transport = "tcp"  # at its end the manager would remove the sockets of the address
        return warm

    async def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs. Asks nobody: the end is watched."""
        if self._kernel is None:
            return 0
        return None if self._kernel.exit is None else self._kernel.exit.code

    @at_home
    async def wait(self) -> int | None:
        """Wait for the end, then release the sandbox."""
        if self._kernel is not None:
            await self._kernel.wait()
        await self._release()
        return 0 if self.exit is None else self.exit.code

    @at_home
    async def send_signal(self, signum: int) -> None:
        """Deliver a signal to the kernel's process group; 0 only asks whether it lives."""
        if self._kernel is not None and signum != 0:
            await self._kernel.signal(signum)

    @at_home
    async def kill(self, restart: bool = False) -> None:
        """End the sandbox now."""
        del restart
        if self._kernel is not None:
            await self._kernel.kill()

    @at_home
    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        del restart
        if self._kernel is not None:
            self._kernel.ask()
        await self.send_signal(signal.SIGTERM)

    @at_home
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
    def _relay_limits(self) -> dict[str, int | None]:
        return relay_limits(self._rules.limits.output_bytes, for_job=self._for_job)

    @property
    def _language(self) -> Language:
        return "r" if self.language == "r" else "python"

    def _take_labels(self, kwargs: dict[str, Any]) -> None:
        """Take what the caller says of the kernel's use, for the list of sandboxes.

        Raises:
            PolicyError: It is none of the known purposes.
        """
        purpose = kwargs.pop("gptoss_purpose", "notebook")
        if purpose not in PURPOSES:
            raise PolicyError(f"{purpose!r} is not what a sandbox is for: {', '.join(PURPOSES)}")
        self._purpose = purpose
        self._owner = str(kwargs.pop("gptoss_owner", ""))

    async def _choose(self, config: SandboxConfig, named: str) -> None:
        if not self._runtimes:
            self._runtimes = make_runtimes(config)
            self._host = config.docker_host
        rules = self._rules
        chosen = await choose_runtime(
            self._runtimes, self._language, rules.isolation, self._next_image or named or rules.image
        )
        self._runtime, self._isolation = chosen.runtime, chosen.status.isolation
        self._image_id, self._environment = chosen.image.id, Environment.of(chosen.image)

    async def _prepare_connection(self) -> None:
        """Name our unix sockets in the kernel manager's connection file."""
        manager = self._manager
        if self._folder is None:
            self._folder = await asyncio.to_thread(make_folder)
        manager.transport = "ipc"
        manager.ip = str(self._folder / "k")
        for name, number in outer_ports().items():
            setattr(manager, name, number)
        manager.write_connection_file()

    async def _adopt(self, warm: WarmKernel) -> KernelConnectionInfo:
        """Make a warm kernel this manager's; the manager takes over its address and its key."""
        own, self._folder = self._folder, warm.folder
        self._kernel = self._last = warm.kernel
        self._runtimes = (*self._runtimes, *warm.runtimes)
        self._started, self._likeness = True, warm.likeness
        warm.kernel.relay.hold(**self._relay_limits)
        await warm.kernel.hand_over(self._record(warm.kernel.relay), self._overdue)
        if own is not None:
            await asyncio.to_thread(shutil.rmtree, own, ignore_errors=True)
        self.connection_info = warm.info
        return self.connection_info

    def _record(self, relay: Relay) -> SandboxRecord:
        return SandboxRecord(
            id=str(self.kernel_id),
            language=self._language,
            kernel=str(self._manager.kernel_name),
            profile=self._rules.profile,
            data=self.data,
            purpose=self._purpose,
            owner=self._owner,
            runtime=self.runtime_name,
            isolation=self._isolation,
            image=self._image_id,
            limits=self._rules.limits,
            relay=relay,
        )

    def _overdue(self) -> None:
        end_soon(self._manager, str(self.kernel_id))

    async def _release(self) -> None:
        """Close what was started. Idempotent; a cancelled caller does not stop it."""
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            await kernel.close()
