"""How a container is given a person's files: mounts from a daemon that sees them, a place for a copy else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gptoss_lab.errors import PolicyError
from gptoss_lab.sandbox.data import DATA_DIR, Shown, require_readable
from gptoss_lab.sandbox.data_copy import copied_bytes
from gptoss_lab.sandbox.docker_client import DaemonFacts
from gptoss_lab.sandbox.docker_isolation import is_gvisor
from gptoss_lab.sandbox.policy import INODES, OWNED
from gptoss_lab.schemas.execution import Limits

OPTIONS = "ro,nosuid,nodev,noexec"


@dataclass(frozen=True, slots=True)
class DataPlan:
    """What a container's host configuration gets for the data, and whether it is to be copied in."""

    mounts: Mapping[str, Any] = field(default_factory=dict)
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    copies: bool = False


async def plan_data(shown: Sequence[Shown], facts: DaemonFacts, oci: str, limits: Limits) -> DataPlan:
    """Decide how the data gets into a container of that OCI runtime.

    Raises:
        PolicyError: The sandbox's user could not read it, or Podman cannot be told of it.
    """
    if not shown:
        return DataPlan()
    if facts.is_local:
        await asyncio.to_thread(require_readable, shown)
        return DataPlan(mounts=data_mounts(shown, facts, oci))
    size = copied_bytes(limits)
    owner = "mode=1777" if facts.is_podman else f"nr_inodes={INODES},{OWNED}"
    options = f"rw,nosuid,nodev,noexec,size={size},{owner}"
    return DataPlan(tmpfs={DATA_DIR: options}, copies=True)


def data_mounts(shown: Sequence[Shown], facts: DaemonFacts, oci: str) -> dict[str, Any]:
    """Return the part of a container's host configuration that mounts what is shown.

    Docker's bind mounts take no flags but read-only. Its local volume driver does: a nameless
    volume over a folder, which goes with its container. It is not asked to be read-only a second time:
    that would be a new mount with that flag alone. A volume cannot be over a single file. gVisor has
    mounts of its own, which know of no flags but those that it is told.

    Raises:
        PolicyError: Podman cannot be told of a path with a colon.
    """
    if facts.is_podman:
        named = next((item.source for item in shown if ":" in str(item.source)), None)
        if named is not None:
            raise PolicyError(f"{named} has a colon in its path, and cannot be shown", hint="Rename it.")
        return {"Binds": [f"{item.source}:{item.target}:{OPTIONS}" for item in shown]}
    bound = is_gvisor(facts, oci)
    return {"Mounts": [_bind(item) if bound or not item.is_folder else _volume(item) for item in shown]}


def _volume(item: Shown) -> dict[str, Any]:
    options = {"type": "none", "o": f"bind,{OPTIONS}", "device": str(item.source)}
    return {
        "Type": "volume",
        "Target": item.target,
        "VolumeOptions": {"NoCopy": True, "DriverConfig": {"Name": "local", "Options": options}},
    }


def _bind(item: Shown) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": str(item.source),
        "Target": item.target,
        "ReadOnly": True,
        "BindOptions": {"Propagation": "rprivate"},
    }
