"""Signs of life of servers."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.services.job_store.alive import ServerLock, is_alive, remove_dead

HOLD = """
import sys
from pathlib import Path
from gptoss_lab.services.job_store.alive import ServerLock
lock = ServerLock(Path(sys.argv[1]))
print(lock.name, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder where servers leave their signs."""
    made = tmp_path / "signs"
    made.mkdir()
    return made


def test_a_server_lives_until_it_ends(folder: Path) -> None:
    """Its sign goes with it; no one was ever called something else."""
    lock = ServerLock(folder)
    assert is_alive(folder, lock.name)
    remove_dead(folder)
    assert is_alive(folder, lock.name)
    lock.close()
    assert not is_alive(folder, lock.name)
    assert not is_alive(folder, "../../etc/passwd")
    assert list(folder.iterdir()) == []


def test_a_killed_server_is_dead(folder: Path) -> None:
    """The system takes its lock back, and the next server removes its sign."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    name = child.stdout.readline().strip()
    assert is_alive(folder, name)
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=60)
    child.stdin.close()
    child.stdout.close()
    assert not is_alive(folder, name)
    assert len(list(folder.iterdir())) == 1
    remove_dead(folder)
    assert list(folder.iterdir()) == []


def test_a_folder_that_refuses_is_told(tmp_path: Path) -> None:
    """With the folder in the sentence."""
    with pytest.raises(StorageError, match="nowhere"):
        ServerLock(tmp_path / "nowhere")
