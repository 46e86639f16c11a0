"""What a sandbox may do: limits that only narrow, an environment that is listed, a hardened container."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from gptoss_lab.errors import PolicyError
from gptoss_lab.sandbox.packages import KERNEL_ENV
from gptoss_lab.sandbox.seccomp import seccomp_profile
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import LimitOverrides, Limits

KERNEL_UID = 65532
MUX_UID = 65533
WORK_DIR = "/sandbox"
OWNED = f"uid={KERNEL_UID},gid={KERNEL_UID},mode=0700"
"""The options of a memory-backed folder that is the kernel's own."""
INODES = 65536
TMP_BYTES = 256 << 20
FILE_BYTES = 1 << 30
OPEN_FILES = 4096
SHM_BYTES = 64 << 20
ALLOWED_ENV = frozenset({
    "LANG",
    "LC_ALL",
    "TZ",
    "MPLBACKEND",
    "OMP_NUM_THREADS",
    "PYTHONHASHSEED",
    "COLUMNS",
})
MAX_ENV_VALUE = 256


def resolve(maxima: Limits, *narrowings: LimitOverrides | Mapping[str, Any]) -> Limits:
    """Return the limits that hold once every narrowing is applied in turn.

    Raises:
        PolicyError: A key is unknown, a value is malformed, or it is wider than what held before.
    """
    limits = maxima
    for narrowing in narrowings:
        asked = _overrides(narrowing).model_dump(exclude_none=True)
        for key, value in asked.items():
            held = getattr(limits, key)
            if value > held:
                raise PolicyError(f"The limit {key}={value} is wider than the {held} that is allowed")
        limits = limits.model_copy(update=asked)
    return limits


def _overrides(narrowing: LimitOverrides | Mapping[str, Any]) -> LimitOverrides:
    if isinstance(narrowing, LimitOverrides):
        return narrowing
    try:
        return LimitOverrides.model_validate(dict(narrowing))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "limits"
        raise PolicyError(f"The limit {key} is refused: {first['msg']}") from error


def kernel_env(asked: Mapping[str, str], limits: Limits, language: Language = "python") -> dict[str, str]:
    """Return the whole environment of a kernel for `language`; nothing of the server's is in it.

    Raises:
        PolicyError: A variable that is not on the list, or a value that is not plain text.
    """
    for name, value in asked.items():
        if name not in ALLOWED_ENV:
            raise PolicyError(f"The environment variable {name} is not one that a sandbox may be given")
        if len(value) > MAX_ENV_VALUE or not value.isprintable():
            raise PolicyError(f"The value of the environment variable {name} is not short plain text")
    threads = str(max(1, int(limits.cpus)))
    pools = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    return {**KERNEL_ENV[language], **pools, **asked}


@dataclass(frozen=True, slots=True)
class ContainerPlan:
    """What a container is made from. `is_podman` adapts what Podman takes differently.

    Without an `oci_runtime` the daemon takes its default. `mounts` and `tmpfs` are for the data that a
    person shows.
    """

    image_id: str
    program: str
    env: Mapping[str, str]
    labels: Mapping[str, str]
    limits: Limits
    is_podman: bool = False
    oci_runtime: str = ""
    mounts: Mapping[str, Any] = field(default_factory=dict)
    tmpfs: Mapping[str, str] = field(default_factory=dict)


def container_body(plan: ContainerPlan) -> dict[str, Any]:
    """Return the body of a container's creation: no network, no mounts but data, nothing to gain.

    Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
    """
    return {
        "Image": plan.image_id,
        # Our own program is the init: nothing inside can stop it, or hold the pipe that it watches.
        "Entrypoint": ["python3"],
        "Cmd": ["-I", "-S", "-c", plan.program],
        "User": f"{KERNEL_UID}:{KERNEL_UID}",
        "WorkingDir": WORK_DIR,
        "Hostname": "sandbox",
        "NetworkDisabled": True,
        "StopTimeout": 1,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": False,
        "Env": [f"{name}={value}" for name, value in plan.env.items()],
        "Labels": dict(plan.labels),
        "HostConfig": _host_config(plan),
    }


def _host_config(plan: ContainerPlan) -> dict[str, Any]:
    limits = plan.limits
    return {
        "NetworkMode": "none",
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "Privileged": False,
        "AutoRemove": True,
        "SecurityOpt": _security_options(plan),
        "Memory": limits.memory_bytes,
        "MemorySwap": limits.memory_bytes,
        "NanoCpus": int(limits.cpus * 1e9),
        "PidsLimit": limits.pids,
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "OomScoreAdj": 500,
        "ShmSize": min(SHM_BYTES, limits.disk_bytes),
        "Ulimits": _ulimits(plan),
        "Tmpfs": {**_tmpfs(plan), **plan.tmpfs},
        "LogConfig": {"Type": "none", "Config": {}},
        **({"Runtime": plan.oci_runtime} if plan.oci_runtime else {}),
        **plan.mounts,
    }


def _tmpfs(plan: ContainerPlan) -> dict[str, str]:
    disk_bytes = plan.limits.disk_bytes
    tmp = f"rw,nosuid,nodev,size={min(TMP_BYTES, disk_bytes)}"
    work = f"rw,nosuid,nodev,size={disk_bytes}"
    if plan.is_podman:  # it refuses owners and numbers of files
        return {"/tmp": f"{tmp},mode=1777", WORK_DIR: f"{work},mode=1777"}  # noqa: S108 - inside
    return {
        "/tmp": f"{tmp},nr_inodes={INODES},mode=1777",  # noqa: S108 - inside
        WORK_DIR: f"{work},nr_inodes={INODES},{OWNED}",
    }


def _security_options(plan: ContainerPlan) -> list[str]:
    options = ["no-new-privileges:true"]
    if not plan.is_podman:  # Podman reads the value as a file's name, and its own default is as strict
        options.append(f"seccomp={json.dumps(seccomp_profile())}")
    return options


def _ulimits(plan: ContainerPlan) -> list[dict[str, Any]]:
    file_bytes = min(FILE_BYTES, plan.limits.disk_bytes)
    bounds = {"nofile": OPEN_FILES, "core": 0, "fsize": file_bytes, "memlock": 64 << 10}
    if plan.is_podman:  # Docker's pids limit counts one container; this one counts a user's whole machine
        bounds["nproc"] = 4096
    return [{"Name": name, "Soft": bound, "Hard": bound} for name, bound in bounds.items()]
