"""Control group files of both versions."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.sandbox.cgroup import find_cgroup
from gptoss_lab.sandbox.runtime import ResourceUsage

CONTAINER = "c0ffee" * 8


def _proc(folder: Path, text: str) -> Path:
    (folder / "proc" / "42").mkdir(parents=True)
    (folder / "proc" / "42" / "cgroup").write_text(text)
    return folder / "proc"


def _write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_version_1(tmp_path: Path) -> None:
    """Each controller has its own tree; the peak is the kernel's."""
    path = f"/docker/{CONTAINER}"
    proc = _proc(tmp_path, f"4:memory:{path}\n3:cpu,cpuacct:{path}\n2:pids:{path}\n0::/\n")
    _write(
        tmp_path / "memory" / path[1:],
        memory__usage_in_bytes="15\n",
        memory__max_usage_in_bytes="30\n",
        memory__stat="cache 9\ntotal_inactive_file 5\n",
        memory__oom_control="oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    )
    _write(tmp_path / "pids" / path[1:], pids__current="3\n")
    stat = "nr_throttled 7\nthrottled_time 1500000000\n"
    _write(tmp_path / "cpu" / path[1:], cpu__stat=stat)
    _write(tmp_path / "cpuacct" / path[1:], cpuacct__usage="2500000000\n")
    found = find_cgroup(42, CONTAINER, root=tmp_path, proc=proc)
    assert found is not None
    assert found.read() == ResourceUsage(10, 30, 2.5, 3, 1.5, 2)


def test_version_2(tmp_path: Path) -> None:
    """One tree; an old kernel without a peak gives None for it, not a guess."""
    path = f"/system.slice/docker-{CONTAINER}.scope"
    proc = _proc(tmp_path, f"0::{path}\n")
    _write(
        tmp_path / path[1:],
        memory__current="15\n",
        memory__stat="inactive_file 5\n",
        memory__events="oom 3\noom_kill 2\n",
        pids__current="3\n",
        cpu__stat="usage_usec 2500000\nthrottled_usec 500000\n",
    )
    found = find_cgroup(42, CONTAINER, root=tmp_path, proc=proc)
    assert found is not None
    assert found.read() == ResourceUsage(10, None, 2.5, 3, 0.5, 2)


def test_another_process_of_the_same_number_is_not_believed(tmp_path: Path) -> None:
    """With a daemon elsewhere the pid is a stranger's: its group lacks the container's id."""
    proc = _proc(tmp_path, "0::/user.slice\n")
    assert find_cgroup(42, CONTAINER, root=tmp_path, proc=proc) is None
    assert find_cgroup(43, CONTAINER, root=tmp_path, proc=proc) is None


def test_a_group_that_is_gone_reads_as_none(tmp_path: Path) -> None:
    """After the container's end there are no figures, and no error."""
    path = f"/docker/{CONTAINER}"
    proc = _proc(tmp_path, f"0::{path}\n")
    _write(tmp_path / path[1:], memory__current="10\n")
    found = find_cgroup(42, CONTAINER, root=tmp_path, proc=proc)
    assert found is not None
    (found.memory / "memory.current").unlink()
    assert found.read() is None
