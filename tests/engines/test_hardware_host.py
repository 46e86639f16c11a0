"""The processor, the memory and the limits that a container sets."""

from __future__ import annotations

from pathlib import Path

import psutil

from gptoss_lab.engines.hardware_host import cores_of, free_disk, read_cpu, read_host

GIB = 1 << 30


def tree(root: Path, files: dict[str, str]) -> Path:
    """Write files under a folder that stands for the root of a machine."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_features_of_a_server_processor_are_read() -> None:
    """Those that decide what an engine can do."""
    text = "processor\t: 0\nmodel name\t: Xeon 6\nflags\t\t: fpu avx2 avx512f amx_bf16 amx_tile amx_int8\n"
    assert read_cpu(text) == ("Xeon 6", ("avx2", "avx512f", "amx_tile", "amx_int8", "amx_bf16"))
    assert read_cpu("Features : fp asimd bf16\n") == ("", ("neon", "bf16"))


def test_a_container_of_version_two_limits(tmp_path: Path) -> None:
    """The tightest of a group and those above it; cache that is given back is no use."""
    group = "sys/fs/cgroup/user.slice/lab"
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/user.slice/lab\n",
            f"{group}/memory.max": "max\n",
            f"{group}/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/user.slice/memory.max": f"{GIB}\n",
            "sys/fs/cgroup/user.slice/memory.current": f"{GIB // 2}\n",
            "sys/fs/cgroup/user.slice/memory.stat": f"anon 5\ninactive_file {GIB // 4}\n",
        },
    )
    host = read_host(root)
    assert host.memory_bytes == GIB
    assert host.available_bytes == GIB - GIB // 4
    assert host.cores == min(2, cores_of(tmp_path / "nothing"))


def test_a_container_of_version_one_limits(tmp_path: Path) -> None:
    """Where the path is the host's, the mount itself is the group."""
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n2:freezer:/x\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        },
    )
    host = read_host(root)
    assert (host.memory_bytes, host.available_bytes, host.cores) == (GIB, GIB - 1000, 1)


def test_without_limits_the_machine_counts(tmp_path: Path) -> None:
    """An unlimited group says "max", and 2**63 in version one."""
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/../escape\n4:memory:/\n",
            "sys/fs/cgroup/memory.max": "max\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "0\n",
        },
    )
    assert read_host(root).memory_bytes == psutil.virtual_memory().total


def test_the_disk_of_a_folder_to_come(tmp_path: Path) -> None:
    """The nearest folder that is there is asked."""
    assert free_disk(tmp_path / "a" / "b") > 0
