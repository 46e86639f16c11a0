"""Control groups on made-up hierarchies of both versions."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gptoss_lab.sandbox import bubblewrap_cgroup
from gptoss_lab.sandbox.bubblewrap_cgroup import Cgroup, find_mounts, make_cgroup, reap_cgroups
from gptoss_lab.schemas.execution import Limits

LIMITS = Limits(memory_bytes=1 << 28, pids=77, cpus=1.5)
V1_FILES = {
    "memory": ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
    "pids": ("pids.max",),
    "cpu": ("cpu.cfs_period_us", "cpu.cfs_quota_us"),
}


@pytest.fixture
def hierarchy(tmp_path: Path) -> Path:
    """A folder that stands for a mounted hierarchy."""
    folder = tmp_path / "cgroup"
    folder.mkdir()
    return folder


def fake_proc(folder: Path, groups: str, mounts: str) -> Path:
    """Write what the kernel would tell in /proc/self."""
    proc = folder / "proc"
    proc.mkdir(exist_ok=True)
    (proc / "cgroup").write_text(groups)
    (proc / "mountinfo").write_text(mounts)
    return proc


def grow(monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...]) -> None:
    """Make new folders come with control files, as the kernel's do, and go with them."""
    mkdir, rmdir = Path.mkdir, Path.rmdir

    def make(self: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        mkdir(self, mode, parents, exist_ok)
        for name in (*files, "cgroup.procs"):
            (self / name).touch()

    def remove(self: Path) -> None:
        for file in self.iterdir():
            file.unlink()
        rmdir(self)

    monkeypatch.setattr(Path, "mkdir", make)
    monkeypatch.setattr(Path, "rmdir", remove)


def test_finds_its_place_in_both_versions(tmp_path: Path) -> None:
    """The place below a mount is told relative to the mount's own root, as in a container."""
    proc = fake_proc(
        tmp_path,
        "4:memory:/docker/abc/job\n1:cpu,cpuacct:/\n0::/user.slice\n",
        "30 25 0:26 /docker/abc /cg/memory rw - cgroup cgroup rw,memory\n"
        "31 25 0:27 / /cg/cpu rw shared:1 - cgroup cgroup rw,cpu,cpuacct\n"
        "32 25 0:28 / /cg/unified rw - cgroup2 cgroup2 rw\n"
        "33 25 0:29 / /tmp rw - tmpfs tmpfs rw,memory\n",
    )
    found = {mount.controllers: mount.folder for mount in find_mounts(proc)}
    assert found == {
        frozenset({"memory"}): Path("/cg/memory/job"),
        frozenset({"cpu", "cpuacct"}): Path("/cg/cpu"),
        frozenset(): Path("/cg/unified/user.slice"),
    }
    assert find_mounts(tmp_path / "nothing") == []


def test_limits_a_version_1_group(hierarchy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory with swap, processes and processor time are written where each controller is."""
    mounts = []
    for controller in V1_FILES:
        (hierarchy / controller).mkdir()
        mounts.append(bubblewrap_cgroup.Mount(frozenset({controller}), hierarchy / controller))
    monkeypatch.setattr(bubblewrap_cgroup, "find_mounts", lambda: mounts)
    grow(monkeypatch, tuple(name for names in V1_FILES.values() for name in names))
    cgroup = make_cgroup("box", LIMITS)
    name = f"gptoss-{os.getpid()}-box"
    assert cgroup.controllers == {"memory", "pids", "cpu"}
    assert (hierarchy / "memory" / name / "memory.memsw.limit_in_bytes").read_text() == f"{1 << 28}\n"
    assert (hierarchy / "pids" / name / "pids.max").read_text() == "77\n"
    assert (hierarchy / "cpu" / name / "cpu.cfs_quota_us").read_text() == "150000\n"
    cgroup.remove()
    assert not list(hierarchy.glob("*/gptoss-*"))


def test_limits_a_version_2_group_beside_ours(hierarchy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One folder holds every limit; a group of ours that has a limit of its own is not left."""
    own = hierarchy / "app.scope"
    own.mkdir()
    (own / "memory.max").write_text("max\n")
    monkeypatch.setattr(bubblewrap_cgroup, "find_mounts", lambda: [bubblewrap_cgroup.Mount(frozenset(), own)])
    grow(monkeypatch, ("memory.max", "memory.swap.max", "pids.max", "cpu.max"))
    cgroup = make_cgroup("box", LIMITS)
    folder = own / f"gptoss-{os.getpid()}-box"
    assert (folder / "memory.max").read_text() == f"{1 << 28}\n"
    assert (folder / "memory.swap.max").read_text() == "0\n"
    assert (folder / "cpu.max").read_text() == "150000 100000\n"
    assert bubblewrap_cgroup._parents(bubblewrap_cgroup.Mount(frozenset(), own)) == [own, hierarchy]
    (own / "memory.max").write_text("1000\n")
    assert bubblewrap_cgroup._parents(bubblewrap_cgroup.Mount(frozenset(), own)) == [own]
    cgroup.remove()


def test_leaves_nothing_where_it_may_not_limit(hierarchy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without the control files is no group: it goes again, and nothing is limited."""
    mount = bubblewrap_cgroup.Mount(frozenset({"memory"}), hierarchy)
    monkeypatch.setattr(bubblewrap_cgroup, "find_mounts", lambda: [mount])
    assert make_cgroup("box", LIMITS).controllers == frozenset()
    assert not list(hierarchy.iterdir())


def test_enters_every_group_before_the_command_runs(tmp_path: Path) -> None:
    """The command's own process id stands in each group."""
    folders = {"memory": tmp_path / "a", "pids": tmp_path / "b"}
    for folder in folders.values():
        folder.mkdir()
    command = Cgroup(folders).command(["sh", "-c", 'echo $$ "$1"', "sh", "it's"])
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    pid, word = run.stdout.split(maxsplit=1)
    assert word == "it's\n"
    assert [(folder / "cgroup.procs").read_text().strip() for folder in folders.values()] == [pid, pid]
    assert Cgroup({}).command(["true"]) == ["true"]


def test_counts_memory_kills(tmp_path: Path) -> None:
    """Both versions tell of them; a group that is gone tells of none."""
    (tmp_path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert Cgroup({"memory": tmp_path}).oom_kills() == 2
    (tmp_path / "memory.events").write_text("low 0\noom 3\noom_kill 1\n")
    assert Cgroup({"memory": tmp_path}).oom_kills() == 1
    assert Cgroup({"memory": tmp_path / "gone"}).oom_kills() == 0


def test_reaps_groups_of_dead_servers_only(hierarchy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group named after a living process stays."""
    mount = bubblewrap_cgroup.Mount(frozenset({"memory"}), hierarchy)
    monkeypatch.setattr(bubblewrap_cgroup, "find_mounts", lambda: [mount])
    for name in ("gptoss-999999999-x", f"gptoss-{os.getpid()}-x", "gptoss-name-x"):
        (hierarchy / name).mkdir()
    assert reap_cgroups() == 1
    assert sorted(path.name for path in hierarchy.iterdir()) == sorted([
        f"gptoss-{os.getpid()}-x",
        "gptoss-name-x",
    ])
