"""The parent of an engine, which sees to it that nothing of the engine outlives whoever started it.

Run as a script, by path, with the standard library only:

    python -I -S tether.py --patience 15 --socket PATH -- PROGRAM ARGUMENT...

It holds the engine by four ties. Its standard input is a pipe that nobody writes to: its end means that
the owner is gone, however it went. Linux tells it the same by a signal. It adopts what the engine
leaves behind (`PR_SET_CHILD_SUBREAPER`), so that a child that made a session of its own is still found
below it, and it ends with the engine's own status only when nothing is left below. And if the tether
itself is killed, Linux kills the engine.

SIGTERM is a normal stop: the engine is told the same, has its time to drain, and what is left is killed.

Source: https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
OWNER_GONE = signal.SIGHUP
ORPHAN_PATIENCE_S = 2.0  # to give devices and shared memory back; the owner promises five seconds in all
LEFTOVER_PATIENCE_S = 0.5
KILL_PERIOD_S = 0.02
OOM_SCORE = "500"  # where memory runs out, the engine goes before the server and its notebooks
NOT_STARTED = 127


class Tether:
    """One engine and everything that comes of it.

    Args:
        patience_s: How long it may take to end after SIGTERM.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._kill_at: float | None = None
        self._status: int | None = None
        self._main = 0
        self._wake, wake = os.pipe()
        for end in (self._wake, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, OWNER_GONE):
            signal.signal(number, lambda *_: None)

    def run(self, argv: list[str]) -> int:
        """Start the engine, and return its status, as of `Popen.returncode`, when nothing is left of it."""
        try:
            engine = subprocess.Popen(  # noqa: S603 - what our own launcher composed
                argv,
                stdin=subprocess.DEVNULL,
                preexec_fn=_tied,  # noqa: PLW1509 - there is one thread here
            )
        except OSError as error:
            print(f"tether: cannot start {argv[0]}: {error.strerror}", file=sys.stderr, flush=True)  # noqa: T201
            return NOT_STARTED
        self._main = engine.pid
        while self._status is None:
            self._reap()
            if self._kill_at is not None and time.monotonic() >= self._kill_at:
                _kill_all()
            if self._status is None:
                self._attend()
        self._end_leftovers()
        return self._status

    def _attend(self) -> None:
        """Wait for a signal, the owner's end, or the time to kill."""
        timeout_s = None
        if self._kill_at is not None:
            timeout_s = max(self._kill_at - time.monotonic(), KILL_PERIOD_S)
        watched = [self._wake] if self._orphaned else [self._wake, 0]
        ready, _, _ = select.select(watched, [], [], timeout_s)
        if 0 in ready and not _says_something():
            self._begin_end(ORPHAN_PATIENCE_S)
            self._orphaned = True
        if self._wake in ready:
            signals = os.read(self._wake, 512)
            if OWNER_GONE in signals:
                self._begin_end(ORPHAN_PATIENCE_S)
            if signal.SIGTERM in signals or signal.SIGINT in signals:
                self._begin_end(self._patience_s)

    _orphaned = False

    def _begin_end(self, patience_s: float) -> None:
        kill_at = time.monotonic() + patience_s
        self._kill_at = kill_at if self._kill_at is None else min(self._kill_at, kill_at)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._main, signal.SIGTERM)

    def _end_leftovers(self) -> None:
        """Let the engine's children follow it, then kill those that do not."""
        kill_at = time.monotonic() + LEFTOVER_PATIENCE_S
        while self._reap():
            if time.monotonic() >= kill_at:
                _kill_all()
            time.sleep(KILL_PERIOD_S)

    def _reap(self) -> bool:
        """Collect the ended, and say whether any child is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self._main:
                self._status = os.waitstatus_to_exitcode(status)


def _says_something() -> bool:
    try:
        return bool(os.read(0, 512))
    except OSError:
        return False


def _tied() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, OWNER_GONE):
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(OOM_SCORE)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _kill_all() -> None:
    """Kill everything below; what was forked meanwhile is found the next time."""
    below = list(_descendants(os.getpid()))
    for pid in below:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _descendants(root: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    waiting = [root]
    while waiting:
        for child in children.get(waiting.pop(), []):
            waiting.append(child)
            yield child


def _parents() -> Iterator[tuple[int, int]]:
    if not os.path.isdir("/proc/self"):  # noqa: PTH112 - macOS: ps says the same
        listing = subprocess.run(
            ["/bin/ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False
        )
        for line in listing.stdout.splitlines():
            pid, parent = line.split()
            yield int(pid), int(parent)
        return
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                yield int(name), int(file.read().rpartition(b")")[2].split()[1])


def _end_as(status: int) -> None:
    """End with a status of our child: by the same signal, if it was one."""
    if status >= 0:
        sys.exit(status)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if -status not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)


def main(argv: list[str], start: Callable[[float], Tether] = Tether) -> None:
    """Run the program that is given after `--`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--patience", type=float, required=True, help="seconds between SIGTERM and SIGKILL")
    parser.add_argument("--socket", required=True, help="removed before the start and after the end")
    parser.add_argument("program", nargs="+")
    given = parser.parse_args(argv)
    tether = start(given.patience)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    _prctl(PR_SET_PDEATHSIG, OWNER_GONE)
    _remove(given.socket)
    try:
        status = tether.run(given.program)
    finally:
        _remove(given.socket)
    _end_as(status)


def _remove(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - no pathlib: it would double the time to start


if __name__ == "__main__":
    main(sys.argv[1:])
