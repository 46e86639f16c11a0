"""Leases tell the dead from the living."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gptoss_lab.folders import run_dir
from gptoss_lab.sandbox.reaper import Lease, dead_owners, forget, socket_folder_prefix


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run folder of the test's own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return run_dir()


def test_a_held_lease_is_alive(runtime_dir: Path) -> None:
    """While a lease is held its owner is not dead, even for the same process."""
    lease = Lease(runtime_dir)
    assert dead_owners() == []
    forget(lease.owner)
    assert lease.path.exists()
    lease.release()
    assert not lease.path.exists()


def test_a_killed_process_is_dead(runtime_dir: Path) -> None:
    """A process that was killed leaves its lease behind, not held; its folders go with it."""
    code = (
        "import os, signal; from gptoss_lab.sandbox.reaper import own_lease\n"
        "print(own_lease().owner, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    owner = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    ).stdout.strip()
    assert dead_owners() == [owner]
    folder = Path(f"{socket_folder_prefix(owner)}abc")
    folder.mkdir()
    (folder / "k-1").touch()
    forget(owner)
    assert dead_owners() == []
    assert list(runtime_dir.iterdir()) == []


def test_a_process_that_ends_takes_its_lease(runtime_dir: Path) -> None:
    """An ordinary end leaves nothing."""
    code = "from gptoss_lab.sandbox.reaper import own_lease; own_lease()"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert list(runtime_dir.iterdir()) == []
