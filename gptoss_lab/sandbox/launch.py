"""The steps of a provisioner's verbs: read what is allowed, start with a relay, end by the manager."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.multikernelmanager import MultiKernelManager
from jupyter_core.utils import ensure_async

from gptoss_lab.configuration import SECTION, plain_section, read_sections
from gptoss_lab.errors import PolicyError, RequestError
from gptoss_lab.sandbox.data_copy import copy_data
from gptoss_lab.sandbox.files import WorkingFolder
from gptoss_lab.sandbox.home import is_blocking
from gptoss_lab.sandbox.reaper import own_lease, socket_folder_prefix
from gptoss_lab.sandbox.relay import Relay
from gptoss_lab.sandbox.runtime import LaunchSpec, Runtime, Sandbox
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.sections import parse_section

JOB_RELAY_BYTES = 64 << 20
JOB_RELAY_FACTOR = 16
MESSAGE_BYTES = 128 << 20

_ENDING: set[asyncio.Task[None]] = set()
"""Kernels that are being ended; kept here, for an end takes the provisioner's own tasks."""


async def server_config(loaded: Mapping[str, Any]) -> SandboxConfig:
    """Return what the administrator allows, from the server's files where no server started us.

    Args:
        loaded: The configuration that the provisioner was made with.

    Raises:
        PolicyError: It cannot be read, or is wrong: then nothing is known to be allowed.
    """
    section = loaded.get(SECTION, {})
    try:
        if "sandbox" in section:
            found = plain_section("sandbox", section["sandbox"])
        else:
            found = (await asyncio.to_thread(read_sections)).get("sandbox", {})
        return parse_section(SandboxConfig, f"c.{SECTION}.sandbox", found)
    except RequestError as error:
        raise PolicyError(
            f"The server's sandbox configuration is not valid: {error.message}", hint=error.hint
        ) from error


def relay_limits(output_bytes: int, *, for_job: bool) -> dict[str, int | None]:
    """Return what a relay lets out: of a job's kernel so many bytes, of a person's so large messages."""
    if not for_job:
        return {"byte_limit": None, "message_limit": MESSAGE_BYTES}
    return {"byte_limit": max(JOB_RELAY_BYTES, JOB_RELAY_FACTOR * output_bytes), "message_limit": None}


async def launch(
    runtime: Runtime, spec: LaunchSpec, folder: Path, limits: Mapping[str, int | None]
) -> tuple[Sandbox, Relay]:
    """Start a sandbox and its relay, and copy in what it is shown; a failure leaves neither.

    Raises:
        SandboxError: It could not be started.
    """
    sandbox = await runtime.launch(spec)
    relay = Relay(sandbox, folder, byte_limit=limits["byte_limit"], message_limit=limits["message_limit"])
    try:
        await relay.start()
        if sandbox.copies_data:
            room = WorkingFolder(relay.files_address, spec.limits.disk_bytes, "data")
            await copy_data(spec.data, room, spec.limits)
    except BaseException:
        await asyncio.shield(asyncio.gather(relay.close(), sandbox.close()))
        raise
    return sandbox, relay


def end_soon(manager: Any, kernel_id: str) -> None:
    """End a kernel whose time is over, as its manager would: the manager's state stays true."""
    task = asyncio.create_task(_end(manager, kernel_id), name=f"overdue-{kernel_id}")
    _ENDING.add(task)
    task.add_done_callback(_ENDING.discard)


async def _end(manager: Any, kernel_id: str) -> None:
    fleet = manager.parent
    blocking = is_blocking(manager)  # its fleet would wait for the loop that this runs on
    if isinstance(fleet, MultiKernelManager) and kernel_id in fleet and not blocking:
        # Without this the fleet would take the end for a crash and start the kernel again.
        await ensure_async(fleet.shutdown_kernel(kernel_id, now=True))
    elif manager.provisioner is not None:
        await manager.provisioner.kill()


def make_folder() -> Path:
    """Make a folder for the sockets of one kernel; of a dead server it is found by its name."""
    prefix = socket_folder_prefix(own_lease().owner)
    return Path(tempfile.mkdtemp(prefix=prefix.name, dir=prefix.parent))
