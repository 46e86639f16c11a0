"""Sandboxes without a daemon: `bwrap`, every namespace unshared, a private environment.

The one file that decides whether bubblewrap can be used here; how is told in its neighbours.
"""

from __future__ import annotations

import asyncio
import json
import platform
import shutil
import time
from pathlib import Path

from gptoss_lab.errors import (
    NotFoundError,
    PackageRefusedError,
    SandboxError,
    SandboxUnavailableError,
)
from gptoss_lab.sandbox import host_r
from gptoss_lab.sandbox.additions import Additions
from gptoss_lab.sandbox.agent.files import FILES_PORT
from gptoss_lab.sandbox.bubblewrap_cgroup import Cgroup, make_cgroup, reap_cgroups
from gptoss_lab.sandbox.bubblewrap_command import UID, Mode, kernel_command
from gptoss_lab.sandbox.bubblewrap_content import Content, content_of
from gptoss_lab.sandbox.bubblewrap_interpreter import Interpreter
from gptoss_lab.sandbox.bubblewrap_probe import Probe, probe
from gptoss_lab.sandbox.bubblewrap_sandbox import BubblewrapSandbox
from gptoss_lab.sandbox.bubblewrap_seccomp import denied_calls
from gptoss_lab.sandbox.data import require_readable
from gptoss_lab.sandbox.environment_archive import load_environment, save_environment
from gptoss_lab.sandbox.environment_layers import extend_environment
from gptoss_lab.sandbox.environment_mirror import mirror_environment
from gptoss_lab.sandbox.environments import Environments
from gptoss_lab.sandbox.kernel_environment import KernelEnvironment
from gptoss_lab.sandbox.runtime import LaunchSpec, Report, Sandbox, Wish
from gptoss_lab.sandbox.within import within
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import RuntimeName, SandboxImage, SandboxStatus
from gptoss_lab.schemas.sandboxes import Isolation

PROBE_FRESH_S = 60.0
START_TIMEOUT_S = 20.0
BUILD_HINT = "Build it once with `jupyter gptoss sandbox build python`."
NO_GVISOR = "gVisor is required, and bubblewrap shares this machine's kernel"
GVISOR_HINT = "Use Docker with runsc among its runtimes, or set the sandbox's isolation to gvisor or runc."

_PROBES: dict[str, tuple[float, Probe]] = {}
"""What was found, by the path of `bwrap`: kernels make a runtime each, and a probe takes 50 ms."""


class BubblewrapRuntime:
    """Starts kernels with bubblewrap.

    Args:
        folder: Holds the built environments; made when the first is built.
        additions: What was added to them.
    """

    name: RuntimeName = "bubblewrap"

    def __init__(self, folder: Path, additions: Additions | None = None) -> None:
        self._interpreter = Interpreter.of_server()
        self._environments = Environments(folder)
        self._additions = additions or Additions(folder / "additions.json")
        self._sandboxes: set[BubblewrapSandbox] = set()

    async def status(self, language: Language, isolation: Isolation = "gvisor") -> SandboxStatus:
        """Say whether bubblewrap can start a kernel for `language` so isolated, and if not, why."""
        if isolation == "require-gvisor":
            return SandboxStatus(available=False, reason=NO_GVISOR, hint=GVISOR_HINT)
        probe = await self._try_out()
        if probe.mode is None:
            return SandboxStatus(available=False, version=probe.version, reason=probe.reason, hint=probe.hint)
        if language == "r" and (reason := await asyncio.to_thread(host_r.problem)):
            hint = host_r.install_hint()
            return SandboxStatus(available=False, version=probe.version, reason=reason, hint=hint)
        image = await self.find_image(language)
        refused = len(denied_calls(platform.machine()))
        filtered = f"own filter: {refused} system calls are refused" if refused else "none for this machine"
        return SandboxStatus(
            available=True,
            runtime="bubblewrap",
            isolation="namespaces, shared Linux kernel" + ("" if refused else ", no system-call filter"),
            seccomp=filtered,
            data="mount",
            image=image.id if image else "",
            image_ready=image is not None,
            version=probe.version,
            reason="" if image else "the environment is not built",
            hint="" if image else BUILD_HINT,
        )

    async def find_image(self, language: Language) -> SandboxImage | None:
        """Return the environment for this version and this Python with what was added, or the machine's R."""
        stock = await self.find_stock(language)
        chosen = await asyncio.to_thread(self._additions.chosen, stock) if stock is not None else ""
        if stock is None or chosen == stock.id:
            return stock
        return await asyncio.to_thread(self._environments.get, chosen)

    async def find_stock(self, language: Language) -> SandboxImage | None:
        """Return that environment as it is without additions."""
        if language == "r":
            return await asyncio.to_thread(host_r.image)
        return await asyncio.to_thread(self._environments.find, language)

    async def launch(self, spec: LaunchSpec) -> Sandbox:
        """Start a kernel.

        Raises:
            SandboxUnavailableError: bubblewrap cannot be used here, or gVisor is required.
            ImageMissingError: The environment is not built.
            PolicyError: The data cannot be read by the sandbox's user.
            SandboxError: It could not be started.
        """
        if spec.isolation == "require-gvisor":
            raise SandboxUnavailableError(NO_GVISOR, hint=GVISOR_HINT)
        content = await asyncio.to_thread(content_of, self._environments, self._interpreter, spec)
        probe = await self._try_out()
        if probe.mode is None:
            raise SandboxUnavailableError(probe.reason, hint=probe.hint)
        if probe.mode == "root":  # as an ordinary user it would read as that one
            await asyncio.to_thread(require_readable, spec.data)
        cgroup = await asyncio.to_thread(make_cgroup, spec.sandbox_id, spec.limits)
        sandbox = BubblewrapSandbox(spec.sandbox_id, spec.image_id, spec.limits, cgroup)
        try:
            sandbox.keep(await asyncio.to_thread(self._environments.hold, spec.image_id))
            await self._start(sandbox, spec, probe.mode, content, cgroup)
        except BaseException:
            # Whatever went wrong, a cancelled start above all, nothing may stay behind.
            await asyncio.shield(sandbox.close())
            raise
        self._sandboxes = {other for other in self._sandboxes if not other.ended} | {sandbox}
        return sandbox

    async def build(self, language: Language, report: Report) -> SandboxImage:
        """Build the environment for `language`; reuse it when nothing changed.

        Raises:
            SandboxError: The build failed; the message ends with the tool's last lines.
        """
        if language == "r":
            return await asyncio.to_thread(host_r.require)
        return await self._environments.build(language, report)

    async def extend(self, image: SandboxImage, wish: Wish, report: Report) -> SandboxImage:
        """Return an environment with more packages; see `Runtime.extend`.

        Raises:
            PackageRefusedError: A package is not to be had, does not fit, or the R is the machine's own.
        """
        if image.language == "r":
            raise PackageRefusedError(
                "bubblewrap runs the machine's own R, which is not changed from here",
                hint="Install the package on the machine, or use Docker or Podman.",
            )
        if image.kernel:
            raise PackageRefusedError(
                f"This is the environment of the kernel {image.kernel} itself, which is only read",
                hint="Install the package there, then mirror the kernel again.",
            )
        return await extend_environment(self._environments, image, wish, report)

    async def mirror(self, kernel: KernelEnvironment, report: Report) -> SandboxImage:
        """Make an environment that mounts the kernel's own; see `Runtime.mirror`."""
        return await mirror_environment(self._environments, kernel, report)

    async def images(self) -> list[SandboxImage]:
        """List the environments that we built, newest first."""
        return await asyncio.to_thread(self._environments.images)

    async def remove_image(self, image_id: str) -> None:
        """Remove an environment that we built.

        Raises:
            NotFoundError: There is none of that id.
            ConflictError: A sandbox runs in it.
        """
        if not await asyncio.to_thread(self._environments.remove, image_id):
            raise NotFoundError(f"There is no sandbox environment {image_id}")

    async def save(self, image: SandboxImage, target: Path, *, force: bool) -> None:
        """Write an environment to a file; see `Runtime.save`."""
        await save_environment(self._environments, image, target, force=force)

    async def load(self, source: Path, report: Report) -> SandboxImage:
        """Take an environment from a file; see `Runtime.load`."""
        return await load_environment(self._environments, source, report)

    async def library_root(self, image: SandboxImage) -> Path | None:
        """Return the environment's site-packages, for reading only."""
        return await asyncio.to_thread(self._environments.packages_folder, image.id)

    async def reap(self) -> int:
        """Remove what dead servers left behind.

        Their sandboxes died with them; what stays is empty control groups and unfinished builds.
        """
        await asyncio.to_thread(self._environments.reap)
        return await asyncio.to_thread(reap_cgroups)

    async def close(self) -> None:
        """End the sandboxes that are still open."""
        sandboxes, self._sandboxes = self._sandboxes, set()
        await asyncio.gather(*(sandbox.close() for sandbox in sandboxes))

    async def _start(
        self,
        sandbox: BubblewrapSandbox,
        spec: LaunchSpec,
        mode: Mode,
        content: Content,
        cgroup: Cgroup,
    ) -> None:
        owner = UID if mode == "root" else None
        config = {
            "connection_info": dict(spec.connection_info),
            # The variable is for the agent's interpreter; R would look there for libraries of its own.
            "argv": [*(("env", "-u", "LD_LIBRARY_PATH") if spec.language == "r" else ()), *spec.argv],
            "mode": "pipe",
            "uid": owner,
            "gid": owner,
            "files_port": FILES_PORT,
            "read_only": [item.target for item in spec.data],
        }
        line = json.dumps(config).encode() + b"\n"
        command = kernel_command(content.interpreter, mode, content.packages, spec, cgroup=cgroup.controllers)
        try:
            with command as made:
                await within(sandbox.start(made, line), START_TIMEOUT_S)
        except (OSError, ValueError, EOFError, asyncio.TimeoutError) as error:
            words = await sandbox.complaint() or str(error) or "it did not answer in time"
            raise SandboxError(f"The bubblewrap sandbox did not start: {words}") from error

    async def _try_out(self) -> Probe:
        """Probe once for the whole process; where it failed, again after a while."""
        program = shutil.which("bwrap") or ""
        tried_at, found = _PROBES.get(program, (0.0, None))
        stale = found is None or (found.mode is None and time.monotonic() - tried_at > PROBE_FRESH_S)
        if found is None or stale:
            found = await asyncio.to_thread(probe, self._interpreter)
            _PROBES[program] = (time.monotonic(), found)
        return found
