"""The part of a container's creation that shows a person's files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gptoss_lab.errors import PolicyError
from gptoss_lab.sandbox.data import Shown
from gptoss_lab.sandbox.docker_client import DaemonFacts
from gptoss_lab.sandbox.docker_data import data_mounts, plan_data
from gptoss_lab.sandbox.policy import ContainerPlan, container_body
from gptoss_lab.schemas.execution import Limits

LOCAL = DaemonFacts("27.0", "1.47", is_podman=False, default_runtime="runc", is_local=True)
REMOTE = DaemonFacts("27.0", "1.47", is_podman=False, default_runtime="runc")
PODMAN = DaemonFacts("5.0", "1.41", is_podman=True, default_runtime="crun", is_local=True)


def test_a_folder_is_a_nameless_volume_with_flags() -> None:
    """The local volume driver mounts with the flags that Docker's bind mounts do not take."""
    (mount,) = data_mounts([Shown(Path("/study"), "/data", is_folder=True)], LOCAL, "")["Mounts"]
    assert (mount["Type"], mount["Target"]) == ("volume", "/data")
    assert not {"Source", "ReadOnly"} & set(mount)
    options = mount["VolumeOptions"]["DriverConfig"]["Options"]
    assert options == {"type": "none", "o": "bind,ro,nosuid,nodev,noexec", "device": "/study"}


def test_a_file_is_a_read_only_bind() -> None:
    """A volume cannot be over a file."""
    (mount,) = data_mounts([Shown(Path("/b.csv"), "/data/b.csv", is_folder=False)], LOCAL, "")["Mounts"]
    assert (mount["Type"], mount["Source"], mount["ReadOnly"]) == ("bind", "/b.csv", True)


def test_gvisor_is_told_by_a_bind() -> None:
    """Its mounts do not take over the flags of a volume's."""
    shown = [Shown(Path("/study"), "/data", is_folder=True)]
    (mount,) = data_mounts(shown, LOCAL, "runsc")["Mounts"]
    assert (mount["Type"], mount["ReadOnly"]) == ("bind", True)


def test_podman_takes_the_flags_in_a_bind() -> None:
    """Its short form has the flags; a colon would end the path there."""
    shown = [Shown(Path("/study"), "/data", is_folder=True)]
    assert data_mounts(shown, PODMAN, "") == {"Binds": ["/study:/data:ro,nosuid,nodev,noexec"]}
    with pytest.raises(PolicyError, match="colon"):
        data_mounts([Shown(Path("/a:rw"), "/data", is_folder=True)], PODMAN, "")


async def test_a_remote_daemon_gets_a_copy(tmp_path: Path) -> None:
    """It does not see this machine's files: a folder in memory waits for them, and nothing is mounted."""
    shown = [Shown(tmp_path, "/data", is_folder=True)]
    plan = await plan_data(shown, REMOTE, "", Limits(disk_bytes=1 << 20))
    assert (plan.copies, plan.mounts) == (True, {})
    assert plan.tmpfs["/data"] == (
        "rw,nosuid,nodev,noexec,size=1048576,nr_inodes=65536,uid=65532,gid=65532,mode=0700"
    )
    body = container_body(
        ContainerPlan("image", "program", {}, {}, Limits(), mounts=plan.mounts, tmpfs=plan.tmpfs)
    )
    assert "/data" in body["HostConfig"]["Tmpfs"]
    assert "Mounts" not in body["HostConfig"]


async def test_a_local_daemon_mounts(tmp_path: Path) -> None:
    """What its user may read is mounted; what it may not is refused; without data there is nothing."""
    await asyncio.to_thread(tmp_path.chmod, 0o755)
    shown = [Shown(tmp_path, "/data", is_folder=True)]
    plan = await plan_data(shown, LOCAL, "", Limits())
    assert (plan.copies, plan.tmpfs, len(plan.mounts["Mounts"])) == (False, {}, 1)
    await asyncio.to_thread(tmp_path.chmod, 0o700)
    with pytest.raises(PolicyError, match="not readable by the sandbox"):
        await plan_data(shown, LOCAL, "", Limits())
    nothing = await plan_data((), LOCAL, "", Limits())
    assert (nothing.mounts, nothing.tmpfs, nothing.copies) == ({}, {}, False)
