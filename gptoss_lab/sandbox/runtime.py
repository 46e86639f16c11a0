"""What a sandbox runtime must be able to do.

A runtime starts one kernel in isolation and hands back a byte stream: the relay's frames
(`gptoss_lab.sandbox.relay`). Everything above this line is the same for every runtime.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gptoss_lab.sandbox.data import Shown
from gptoss_lab.sandbox.kernel_environment import KernelEnvironment
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import Limits, RuntimeName, SandboxImage, SandboxStatus
from gptoss_lab.schemas.sandboxes import Isolation

Report = Callable[[str, int, int], Awaitable[None]]
"""Called with a sentence, the steps done and the steps in all (0 while unknown)."""


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """One kernel to start.

    `argv` holds the literal `{connection_file}`; the agent replaces it. `connection_info` is the
    kernel's own view: tcp on 127.0.0.1 inside the sandbox. `env` is complete: nothing of the
    server's environment is added.
    """

    sandbox_id: str
    language: Language
    image_id: str
    argv: Sequence[str]
    connection_info: Mapping[str, Any]
    limits: Limits
    env: Mapping[str, str] = field(default_factory=dict)
    isolation: Isolation = "gvisor"
    labels: Mapping[str, str] = field(default_factory=dict)
    data: Sequence[Shown] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """Packages to add, by their distributions' names, and those that may not come with them either."""

    packages: tuple[str, ...]
    denied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Exit:
    """How a sandbox ended. `code` is the exit status, 128 + n for signal n.

    `lost` says that it was taken from under the kernel: its daemon or its relay went away.
    """

    code: int
    oom: bool = False
    reason: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class ResourceUsage:
    """What a sandbox uses now. A figure that the runtime cannot measure is None.

    `throttled_s` is how long it was held back at its processor limit; `oom_kills` counts processes
    that were ended at its memory limit.
    """

    memory_bytes: int | None = None
    peak_memory_bytes: int | None = None
    cpu_s: float | None = None
    pids: int | None = None
    throttled_s: float | None = None
    oom_kills: int | None = None


class Sandbox(Protocol):
    """A started sandbox. `reader` and `writer` carry the relay's frames, handshake done.

    With `copies_data` it has a folder for the data, and what is shown is to be copied there.
    """

    copies_data: bool
    id: str
    image_id: str
    reader: asyncio.StreamReader

    async def write(self, data: bytes) -> None:
        """Send relay bytes into the sandbox; returns once they are accepted."""

    async def wait(self) -> Exit:
        """Return once the sandbox has ended; may be awaited by many, and after the end."""

    async def signal(self, signum: int) -> None:
        """Deliver a signal to the kernel's process group. A sandbox that has ended ignores it."""

    async def kill(self) -> None:
        """End the sandbox now, with everything in it. Idempotent."""

    async def usage(self) -> ResourceUsage:
        """Measure what the sandbox uses now."""

    async def close(self) -> None:
        """Kill, then release every descriptor, task and folder. Idempotent."""


class Runtime(Protocol):
    """A way to isolate a kernel on this machine."""

    name: RuntimeName

    async def status(self, language: Language, isolation: Isolation = "gvisor") -> SandboxStatus:
        """Say whether this runtime can start a kernel for `language` so isolated, and if not, why."""

    async def find_image(self, language: Language) -> SandboxImage | None:
        """Return this version's image with what was added to it; never build or pull."""

    async def find_stock(self, language: Language) -> SandboxImage | None:
        """Return this version's image as it is without additions; never build or pull."""

    async def launch(self, spec: LaunchSpec) -> Sandbox:
        """Start a kernel.

        Raises:
            SandboxUnavailableError: The runtime does not answer, or cannot isolate as is required.
            ImageMissingError: `spec.image_id` is not here.
            SandboxError: It could not be started.
        """

    async def build(self, language: Language, report: Report) -> SandboxImage:
        """Build the environment for `language`; reuse it when nothing changed.

        Raises:
            SandboxError: The build failed; the message ends with the tool's last lines.
        """

    async def extend(self, image: SandboxImage, wish: Wish, report: Report) -> SandboxImage:
        """Put packages on an image and return what comes of it; the image itself stays.

        Packages are fetched and resolved outside every sandbox, and only such that are built
        already: nobody's build code runs. What the image holds keeps its version.

        Raises:
            PackageRefusedError: A package is not to be had, does not fit, or is too large.
            SandboxError: The build failed; the message ends with the tool's last lines.
            StorageError: The disk is full or not writable.
        """

    async def mirror(self, kernel: KernelEnvironment, report: Report) -> SandboxImage:
        """Make an image of the environment of a person's own kernel, in its versions.

        What cannot be had is left out, and named by the image; a missing ipykernel is added.

        Raises:
            PackageRefusedError: There is no ipykernel that fits what is installed.
            SandboxError: The build failed; the message ends with the tool's last lines.
            StorageError: The disk is full or not writable.
        """

    async def images(self) -> list[SandboxImage]:
        """List the images that we built, newest first."""

    async def remove_image(self, image_id: str) -> None:
        """Remove an image that we built.

        Raises:
            NotFoundError: There is none of that id, or it is not ours.
            ConflictError: A sandbox runs in it, or another image is built on it.
        """

    async def save(self, image: SandboxImage, target: Path, *, force: bool) -> None:
        """Write an image to one file, whole or not at all.

        Raises:
            RequestError: There is such a file and it is not to be replaced, or it cannot be carried.
            StorageError: The disk is full or not writable.
            SandboxError: The runtime refused.
        """

    async def load(self, source: Path, report: Report) -> SandboxImage:
        """Take an image from a file that `save` wrote; one that is here already is left as it is.

        Raises:
            RequestError: The file is not an image of ours, or not for this machine.
            StorageError: The disk is full or not writable.
            SandboxError: The runtime refused.
        """

    async def library_root(self, image: SandboxImage) -> Path | None:
        """Return a folder on this machine with the image's site-packages, for reading only."""

    async def reap(self) -> int:
        """Remove what dead servers of ours left behind; return how many sandboxes that was."""

    async def close(self) -> None:
        """Release the runtime's own descriptors."""
