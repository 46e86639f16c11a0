"""The `bwrap` command line: what a sandbox sees of this machine, and how it is bounded.

Inside are `/usr`, the server's own interpreter, one environment of packages, and empty folders.
The interpreter is mounted at a place of its own, so that no path of this machine's user shows.
"""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gptoss_lab.sandbox.agent import boot_source
from gptoss_lab.sandbox.bubblewrap_interpreter import ENVIRONMENT, RELOCATED, Interpreter
from gptoss_lab.sandbox.bubblewrap_seccomp import filter_program
from gptoss_lab.sandbox.data import DATA_DIR, Shown
from gptoss_lab.sandbox.runtime import LaunchSpec
from gptoss_lab.schemas.execution import Limits

Mode = Literal["root", "user"]
"""How the process inside becomes nobody: `root` drops to another uid by itself, `user` is mapped to it."""

UID = 65532
TMP_BYTES = 256 << 20
SHM_BYTES = 64 << 20
FILE_BYTES = 1 << 30
OPEN_FILES = 1024
LOCKED_BYTES = 64 << 10
OOM_SCORE = 500  # of what runs here, a sandbox is the first to go when the machine is out of memory
DATA_SLACK_BYTES = 2 << 30
CPU_FLOOR_S = 24 * 3600  # a kernel that a person uses by hand may work for long
# Until then RLIMIT_NPROC counted a user's processes outside the user namespace as well.
# Source: https://git.kernel.org/torvalds/c/21d1c5e386bc (Linux 5.14)
NPROC_PER_NAMESPACE = (5, 14)

ETC = {
    "/etc/passwd": f"sandbox:x:{UID}:{UID}::/tmp/home:/bin/false\n",
    "/etc/group": f"sandbox:x:{UID}:\n",
    "/etc/hosts": "127.0.0.1 localhost sandbox\n",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command line and the descriptors that it reads."""

    argv: list[str]
    fds: tuple[int, ...]


@contextmanager
def probe_command(interpreter: Interpreter, mode: Mode) -> Iterator[Command]:
    """Make a command that does nothing in a sandbox like the real ones."""
    program = "import ctypes, selectors, socket, zlib"
    with _command(interpreter, mode, [], {}, [program]) as command:
        yield command


@contextmanager
def kernel_command(
    interpreter: Interpreter,
    mode: Mode,
    packages: Path | Sequence[Path],
    spec: LaunchSpec,
    *,
    cgroup: frozenset[str],
) -> Iterator[Command]:
    """Make the command that starts the agent, which then waits for its configuration line.

    Args:
        interpreter: What runs.
        mode: How it becomes nobody.
        packages: The environment's site-packages on this machine, or what a kernel that is no
            Python reads beside /usr.
        spec: What is started: its limits, its variables, and the data that it is shown.
        cgroup: What a control group limits already.
    """
    limits = spec.limits
    mounts = [*_environment(interpreter, packages), *_data(spec.data)]
    mounts += _tmpfs("/tmp", min(TMP_BYTES, limits.disk_bytes))  # noqa: S108 - the sandbox's own
    mounts += _tmpfs("/sandbox", limits.disk_bytes)
    mounts += _tmpfs("/dev/shm", min(SHM_BYTES, limits.disk_bytes))  # noqa: S108 - the sandbox's own
    threads = str(max(1, math.ceil(limits.cpus)))
    defaults = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    program = [prelude(mode, limits, cgroup), boot_source()]
    with _command(interpreter, mode, mounts, {**defaults, **spec.env}, program) as command:
        yield command


def prelude(mode: Mode, limits: Limits, cgroup: frozenset[str]) -> str:
    """Return the lines that bound the process before anything else runs in it."""
    cpu_s = max(CPU_FLOOR_S, math.ceil(limits.wall_clock_s * max(1.0, limits.cpus)))
    bounds = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": cpu_s,
        "RLIMIT_DATA": limits.memory_bytes * 2 + DATA_SLACK_BYTES,
        "RLIMIT_FSIZE": FILE_BYTES,
        "RLIMIT_MEMLOCK": LOCKED_BYTES,
        "RLIMIT_NOFILE": OPEN_FILES,
    }
    if mode == "user" and "pids" not in cgroup and _kernel_version() >= NPROC_PER_NAMESPACE:
        bounds["RLIMIT_NPROC"] = limits.pids
    lines = [
        "import os, resource",
        f"for name, bound in {bounds!r}.items():",
        "    which = getattr(resource, name)",
        "    hard = resource.getrlimit(which)[1]",
        "    bound = bound if hard < 0 else min(bound, hard)",
        "    resource.setrlimit(which, (bound, bound))",
    ]
    lines += [
        "with open('/proc/self/oom_score_adj', 'r+') as file:",
        f"    file.write(str(max({OOM_SCORE}, int(file.read()))))",
    ]
    if "cpu" not in cgroup:
        lines += [
            "cores = sorted(os.sched_getaffinity(0))",
            "first = os.urandom(1)[0] % len(cores)",
            f"os.sched_setaffinity(0, (cores[first:] + cores[:first])[:{math.ceil(limits.cpus)}])",
        ]
    return "\n".join(lines)


@contextmanager
def _command(
    interpreter: Interpreter, mode: Mode, mounts: list[str], env: Mapping[str, str], program: list[str]
) -> Iterator[Command]:
    with ExitStack() as stack:
        fds: list[int] = []

        def data(content: bytes) -> str:
            fd = _memory_file(stack, content)
            fds.append(fd)
            return str(fd)

        argv = ["bwrap", *_namespaces(mode), *_folders(interpreter), *_system(), *interpreter.mounts()]
        argv += ["--proc", "/proc", "--dev", "/dev"]
        argv += ["--symlink", f"{interpreter.inner}/bin/{interpreter.python}", f"{ENVIRONMENT}/bin/python3"]
        argv += ["--symlink", "python3", f"{ENVIRONMENT}/bin/python"]
        files = {**ETC, f"{ENVIRONMENT}/pyvenv.cfg": interpreter.settings()}
        for place, text in files.items():
            argv += ["--perms", "0444", "--ro-bind-data", data(text.encode()), place]
        argv += mounts
        argv += ["--remount-ro", "/dev", "--remount-ro", "/"]
        if mounts:
            argv += ["--chdir", "/sandbox"]
        if filtered := filter_program():
            argv += ["--seccomp", data(filtered)]
        for name, value in {**env, **interpreter.environment()}.items():
            argv += ["--setenv", name, value]
        argv += ["--", "python3", "-I", "-S", "-c", "\n".join(program)]
        yield Command(argv, tuple(fds))


def _namespaces(mode: Mode) -> list[str]:
    options = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    options += [
        "--die-with-parent",
        "--new-session",
        "--hostname",
        "sandbox",
        "--clearenv",
        "--cap-drop",
        "ALL",
    ]
    if mode == "user":
        return [*options, "--unshare-user", "--uid", str(UID), "--gid", str(UID)]
    # The agent gives these up, the last one after it has emptied the bounding set with it.
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
    return [*options, *(word for name in kept for word in ("--cap-add", name))]


def _folders(interpreter: Interpreter) -> list[str]:
    """Make the parents of mount points readable by all: bwrap would keep them for their owner."""
    wanted = [Path("/etc"), ENVIRONMENT / "bin", ENVIRONMENT / "more", interpreter.site.parent]
    if interpreter.inner == RELOCATED:
        wanted.append(RELOCATED)
    chain = {folder for path in wanted for folder in (path, *path.parents) if folder != Path("/")}
    options: list[str] = []
    for folder in sorted(chain):
        options += ["--perms", "0755", "--dir", str(folder)]
    return options


def _system() -> list[str]:
    options = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib32", "lib64"):
        folder = Path("/", name)
        if folder.is_symlink():
            options += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            options += ["--ro-bind", str(folder), str(folder)]
    for path in ("/etc/ld.so.cache", "/etc/fonts"):
        options += ["--ro-bind-try", path, path]
    return options


def _environment(interpreter: Interpreter, packages: Path | Sequence[Path]) -> list[str]:
    if isinstance(packages, Path):
        return ["--ro-bind", str(packages), str(interpreter.site)]
    options: list[str] = []
    for folder in sorted({path.parent for path in packages}):
        options += ["--perms", "0755", "--dir", str(folder)]
    for path in packages:
        options += ["--ro-bind", str(path), str(path)]
    return options


def _data(shown: Sequence[Shown]) -> list[str]:
    """Mount what is shown; bwrap sets nosuid and nodev itself, and knows no noexec."""
    options = ["--perms", "0755", "--dir", DATA_DIR] if shown else []
    for item in shown:
        options += ["--ro-bind", str(item.source), item.target]
    return options


def _tmpfs(place: str, size: int) -> list[str]:
    return ["--perms", "1777", "--size", str(size), "--tmpfs", place]


def _memory_file(stack: ExitStack, content: bytes) -> int:
    fd = os.memfd_create("gptoss-sandbox")
    stack.callback(os.close, fd)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _kernel_version() -> tuple[int, int]:
    major, minor = platform.release().split(".")[:2]
    return int(major), int("".join(filter(str.isdigit, minor)) or 0)
