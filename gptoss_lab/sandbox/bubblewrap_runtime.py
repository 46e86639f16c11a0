"""Sandboxes without a daemon: `bwrap`, every namespace unshared, a private environment.

The one file that decides whether bubblewrap can be used here; how is told in its neighbours.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from gptoss_lab.errors import ImageMissingError, NotFoundError, SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox.agent.files import FILES_PORT
from gptoss_lab.sandbox.bubblewrap_cgroup import Cgroup, make_cgroup, reap_cgroups
from gptoss_lab.sandbox.bubblewrap_command import UID, Interpreter, Mode, kernel_command, probe_command
from gptoss_lab.sandbox.bubblewrap_sandbox import BubblewrapSandbox
from gptoss_lab.sandbox.bubblewrap_seccomp import filter_program
from gptoss_lab.sandbox.environments import Environments
from gptoss_lab.sandbox.runtime import LaunchSpec, Report, Sandbox
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import RuntimeName, SandboxImage, SandboxStatus

MIN_VERSION = (0, 7)  # the first with --size, which bounds the folders that can be written
PROBE_TIMEOUT_S = 10.0
PROBE_FRESH_S = 60.0
START_TIMEOUT_S = 20.0
BUILD_HINT = "Build it once with `jupyter gptoss sandbox build python`."
INSTALL_HINTS = {
    "apt-get": "sudo apt install bubblewrap",
    "dnf": "sudo dnf install bubblewrap",
    "pacman": "sudo pacman -S bubblewrap",
    "zypper": "sudo zypper install bubblewrap",
    "apk": "sudo apk add bubblewrap",
}


class Probe(NamedTuple):
    """What a short try-out of `bwrap` found. `mode` is None where it cannot be used."""

    mode: Mode | None
    version: str
    reason: str = ""
    hint: str = ""


_PROBES: dict[str, tuple[float, Probe]] = {}
"""What was found, by the path of `bwrap`: kernels make a runtime each, and a probe takes 50 ms."""


class BubblewrapRuntime:
    """Starts kernels with bubblewrap.

    Args:
        folder: Holds the built environments; made when the first is built.
    """

    name: RuntimeName = "bubblewrap"

    def __init__(self, folder: Path) -> None:
        self._interpreter = Interpreter.of_server()
        self._environments = Environments(folder)
        self._sandboxes: set[BubblewrapSandbox] = set()

    async def status(self, language: Language) -> SandboxStatus:
        """Say whether bubblewrap can start a kernel for `language`, and if not, why."""
        if language != "python":
            return SandboxStatus(
                available=False,
                reason="bubblewrap sandboxes hold Python only",
                hint="Start Docker or Podman for the other languages.",
            )
        probe = await self._try_out()
        if probe.mode is None:
            return SandboxStatus(available=False, version=probe.version, reason=probe.reason, hint=probe.hint)
        image = await self.find_image(language)
        filtered = "" if filter_program() else ", no system-call filter for this machine"
        return SandboxStatus(
            available=True,
            runtime="bubblewrap",
            isolation=f"namespaces, shared Linux kernel{filtered}",
            image=image.id if image else "",
            image_ready=image is not None,
            version=probe.version,
            reason="" if image else "the environment is not built",
            hint="" if image else BUILD_HINT,
        )

    async def find_image(self, language: Language) -> SandboxImage | None:
        """Return the environment for this version of ours and this Python; never build."""
        return await asyncio.to_thread(self._environments.find, language)

    async def launch(self, spec: LaunchSpec) -> Sandbox:
        """Start a kernel.

        Raises:
            SandboxUnavailableError: bubblewrap cannot be used here.
            ImageMissingError: The environment is not built.
            SandboxError: It could not be started.
        """
        packages = await asyncio.to_thread(self._environments.packages_folder, spec.image_id)
        if packages is None:
            raise ImageMissingError(f"The sandbox environment {spec.image_id or 'for Python'} is not built")
        probe = await self._try_out()
        if probe.mode is None:
            raise SandboxUnavailableError(probe.reason, hint=probe.hint)
        cgroup = await asyncio.to_thread(make_cgroup, spec.sandbox_id, spec.limits)
        sandbox = BubblewrapSandbox(spec.sandbox_id, spec.image_id, spec.limits, cgroup)
        try:
            await self._start(sandbox, spec, probe.mode, packages, cgroup)
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
        if language != "python":
            raise SandboxError("bubblewrap sandboxes hold Python only", hint="Start Docker or Podman for R.")
        return await self._environments.build(language, report)

    async def images(self) -> list[SandboxImage]:
        """List the environments that we built, newest first."""
        return await asyncio.to_thread(self._environments.images)

    async def remove_image(self, image_id: str) -> None:
        """Remove an environment that we built.

        Raises:
            NotFoundError: There is none of that id.
        """
        if not await asyncio.to_thread(self._environments.remove, image_id):
            raise NotFoundError(f"There is no sandbox environment {image_id}")

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
        self, sandbox: BubblewrapSandbox, spec: LaunchSpec, mode: Mode, packages: Path, cgroup: Cgroup
    ) -> None:
        owner = UID if mode == "root" else None
        config = {
            "connection_info": dict(spec.connection_info),
            "argv": list(spec.argv),
            "mode": "pipe",
            "uid": owner,
            "gid": owner,
            "files_port": FILES_PORT,
        }
        line = json.dumps(config).encode() + b"\n"
        command = kernel_command(
            self._interpreter, mode, packages, spec.limits, spec.env, cgroup=cgroup.controllers
        )
        try:
            with command as made:
                await asyncio.wait_for(sandbox.start(made, line), START_TIMEOUT_S)
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


def probe(interpreter: Interpreter) -> Probe:
    """Try whether `bwrap` can make a sandbox here, as root or as an ordinary user. Blocks."""
    program = shutil.which("bwrap")
    if program is None:
        return Probe(None, "", "bubblewrap is not installed", f"Install it: `{install_command()}`.")
    version = _run([program, "--version"]).stdout.strip().removeprefix("bubblewrap ")
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if numbers < MIN_VERSION:
        return Probe(None, version, f"bubblewrap {version} is too old", "Install bubblewrap 0.7 or newer.")
    if interpreter.problem:
        return Probe(None, version, interpreter.problem, "Run the server with a CPython from your system.")
    complaint = ""
    modes: tuple[Mode, ...] = ("root", "user") if os.geteuid() == 0 else ("user",)
    for mode in modes:
        with probe_command(interpreter, mode) as command:
            tried = _run(command.argv, command.fds)
        if tried.returncode == 0:
            return Probe(mode, version)
        complaint = tried.stderr.strip()[-400:] or f"exit status {tried.returncode}"
    return Probe(None, version, f"bubblewrap cannot make a sandbox here: {complaint}", namespace_hint())


def install_command() -> str:
    """Return the command that installs bubblewrap on this system."""
    known = (command for tool, command in INSTALL_HINTS.items() if shutil.which(tool))
    return next(known, INSTALL_HINTS["apt-get"])


def namespace_hint(sys_folder: Path = Path("/proc/sys")) -> str:
    """Say what forbids namespaces to this user, and how to allow them."""
    settings = {
        "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
        "kernel/unprivileged_userns_clone": ("0", "1"),
        "user/max_user_namespaces": ("0", "15000"),
    }
    for name, (forbids, allows) in settings.items():
        file = sys_folder / name
        if file.exists() and file.read_text(encoding="ascii").strip() == forbids:
            return f"Ask the administrator to run `sudo sysctl -w {name.replace('/', '.')}={allows}`."
    return "In a container, start it with permission to make namespaces, or use Docker or Podman instead."


def _run(argv: list[str], fds: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - our own command line, no shell
            argv,
            pass_fds=fds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(argv, 1, "", str(error))
