"""Watches the processes of one bubblewrap sandbox: measures them, and ends it above its limits.

One thread per sandbox. It samples `/proc` and waits for the end of `bwrap` in the same loop.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gptoss_lab.sandbox.runtime import Exit, ResourceUsage
from gptoss_lab.schemas.execution import Limits

PERIOD_S = 0.05
KILL_PATIENCE_S = 2.0
MAX_FILES = 200_000
ALONE = 3  # bwrap's init, our agent and the kernel: nothing worth sharing among them
TMPFS = ("tmp", "sandbox", "dev/shm")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
KILLED = 128 + signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Process:
    """One process, from `/proc/PID/stat`."""

    pid: int
    threads: int
    rss_bytes: int
    cpu_s: float


class Watchdog(threading.Thread):
    """Samples a sandbox until it ends.

    Args:
        process: The `bwrap` that was started here; this thread waits for it.
        limits: What the sandbox may use.
        on_exit: Called in this thread with the way it ended.
        bounded: What a control group limits already, exactly: memory and pids are then left to it.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: Limits,
        on_exit: Callable[[int], None],
        *,
        bounded: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(name=f"sandbox-{process.pid}", daemon=True)
        self._process = process
        self._limits = limits
        self._on_exit = on_exit
        self._bounded = bounded
        self._usage = ResourceUsage()
        self._lock = threading.Lock()
        self._kill_at: float | None = None
        self.verdict: Exit | None = None

    def run(self) -> None:
        """Sample until the sandbox ends."""
        while (code := self._wait()) is None:
            self._watch()
        self._on_exit(code if code >= 0 else 128 - code)

    def usage(self) -> ResourceUsage:
        """Measure now; after the end, return the last figures with the peak."""
        processes = list(self._processes())
        if processes:
            self._note(processes, marks=True)
        with self._lock:
            return self._usage

    def kill(self, verdict: Exit | None = None) -> None:
        """End the sandbox with everything in it; the first verdict is the one that is kept."""
        with self._lock:
            self.verdict = self.verdict or verdict
            self._kill_at = self._kill_at or time.monotonic()
        if self._process.poll() is None:
            inits = children(self._process.pid)
            for pid in inits:
                # Everything else in the namespace dies with its init, and bwrap ends after it.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if not inits:
                self._process.kill()

    def _wait(self) -> int | None:
        try:
            return self._process.wait(PERIOD_S)
        except subprocess.TimeoutExpired:
            return None

    def _watch(self) -> None:
        if self._kill_at is not None and time.monotonic() > self._kill_at + KILL_PATIENCE_S:
            self._process.kill()
        processes = list(self._processes())
        self._note(processes, marks=False)
        if self._too_much_memory(processes):
            self.kill(Exit(KILLED, oom=True, reason="it used more memory than its limit"))
        elif self._too_many(processes):
            self.kill(Exit(KILLED, reason="it started more processes and threads than its limit"))
        elif any(files_in(process.pid) > MAX_FILES for process in processes[:1]):
            self.kill(Exit(KILLED, reason="it made more files than its limit"))

    def _too_much_memory(self, processes: list[Process]) -> bool:
        """Say whether the limit is passed; shared pages count once, and only the exact figure may kill."""
        limit = self._limits.memory_bytes
        if "memory" in self._bounded or sum(process.rss_bytes for process in processes) <= limit:
            return False
        # While many processes end, what they shared moves to the rest and is met more than once.
        return shared_out(processes) > limit and shared_out(self._processes()) > limit

    def _too_many(self, processes: list[Process]) -> bool:
        return "pids" not in self._bounded and sum(it.threads for it in processes) > self._limits.pids

    def _processes(self) -> Iterator[Process]:
        """List what runs inside, the namespace's init first; stop early in a fork bomb."""
        waiting = children(self._process.pid)
        seen = 0
        while waiting and seen <= self._limits.pids * 2:
            pid = waiting.pop(0)
            process = read_process(pid)
            if process is not None:
                seen += 1
                yield process
                waiting += children(pid)

    def _note(self, processes: list[Process], *, marks: bool) -> None:
        if not processes:
            return
        used = sum(process.rss_bytes for process in processes)
        if len(processes) > ALONE and used > (self._usage.peak_memory_bytes or 0):
            used = shared_out(processes)
        peak = used
        if marks and len(processes) <= ALONE:
            peak = max(used - process.rss_bytes + high_water_bytes(process.pid) for process in processes)
        cpu_s = sum(process.cpu_s for process in processes)
        with self._lock:
            self._usage = replace(
                self._usage,
                memory_bytes=used,
                peak_memory_bytes=max(peak, used, self._usage.peak_memory_bytes or 0),
                cpu_s=max(cpu_s, self._usage.cpu_s or 0.0),
                pids=sum(process.threads for process in processes),
            )


def children(pid: int) -> list[int]:
    """List a process's children.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_task.5.html (children, since 3.5)
    """
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - a hot loop
    except OSError:
        return found
    for thread in threads:
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_bytes().split())
    return found


def read_process(pid: int) -> Process | None:
    """Read one process; None once it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name stands in parentheses and may hold anything; the fields after it start with the state.
    fields = text[text.rindex(b")") + 2 :].split()
    ticks = sum(map(int, fields[11:15]))
    return Process(pid, int(fields[17]), int(fields[21]) * PAGE_BYTES, ticks / TICKS_PER_S)


def shared_out(processes: Iterable[Process]) -> int:
    """Return the memory of processes in bytes, with what they share counted once."""
    return sum(pss_bytes(process.pid, process.rss_bytes) for process in processes)


def pss_bytes(pid: int, otherwise: int) -> int:
    """Return a process's proportional share of memory: 0 once it has ended, `otherwise` if that is hidden."""
    return _kilobytes(f"/proc/{pid}/smaps_rollup", b"Pss:", otherwise)


def high_water_bytes(pid: int) -> int:
    """Return the most resident memory that a process ever had; 0 once it has ended."""
    return _kilobytes(f"/proc/{pid}/status", b"VmHWM:", 0)


def files_in(pid: int) -> int:
    """Count the files in the sandbox's own file systems; 0 where they may not be looked at.

    Until `bwrap` has changed its root a process sees this machine's folders, which do not count.
    """
    counts = [0]
    for name in TMPFS:
        place = f"/proc/{pid}/root/{name}"
        with contextlib.suppress(OSError):
            if os.stat(place).st_dev != _own_device(name):  # noqa: PTH116 - a hot loop
                state = os.statvfs(place)
                counts.append(state.f_files - state.f_ffree)
    return max(counts)


def _own_device(name: str) -> int | None:
    try:
        return os.stat(f"/{name}").st_dev  # noqa: PTH116 - a hot loop
    except OSError:
        return None


def _kilobytes(file: str, key: bytes, otherwise: int) -> int:
    try:
        lines = Path(file).read_bytes().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError:
        return otherwise
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(key)), 0)
