"""A Docker daemon of the test's own, which may be killed, with our image in it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "tools" / "dockerd.sh"


class OwnDockerd:
    """One daemon in a folder. Root only. Call `remove` at the end.

    Args:
        folder: A folder with a short path; all that the daemon keeps is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/docker.sock"

    def start(self) -> None:
        """Start it and wait until it answers."""
        run("sh", str(SCRIPT), "start", str(self.folder))

    def copy(self, image: str) -> None:
        """Copy an image from the daemon that the other tests use, unless it is here already."""
        if run("docker", "-H", self.host, "images", "-q", image).strip():
            return
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as save:
            run("docker", "-H", self.host, "load", stdin=save.stdout)
        assert save.returncode == 0

    def end(self, *, kill: bool) -> None:
        """End it, with or without a chance to say goodbye to its containers."""
        if not kill:
            run("sh", str(SCRIPT), "stop", str(self.folder))
            return
        pid = int((self.folder / "pid").read_text())
        below = {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
        os.kill(pid, signal.SIGKILL)
        # Its containerd dies with it, but later, and holds the socket that the next one needs.
        while any(Path(f"/proc/{gone}").exists() for gone in {pid, *below}):
            time.sleep(0.05)
        (self.folder / "pid").unlink(missing_ok=True)

    def remove(self) -> None:
        """End it for good, with the containers that a killed one left."""
        self.start()
        left = run("docker", "-H", self.host, "ps", "-aq").split()
        if left:
            run("docker", "-H", self.host, "rm", "-f", *left)
        self.end(kill=False)
        while (
            f" {self.folder}/data " in Path("/proc/mounts").read_text()
        ):  # a daemon that was killed leaves its own mount
            run("umount", "--lazy", str(self.folder / "data"))


def run(*words: str, stdin: object = None) -> str:
    """Run a program that must succeed; return what it printed."""
    done = subprocess.run(words, stdin=stdin, capture_output=True, text=True, check=False, timeout=180)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return str(done.stdout)
