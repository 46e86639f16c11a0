"""Start the kernel, pass signals on, and kill it when the server goes away.

Runs inside the sandbox: as its init in a container, where nothing inside can then stop it or hold the
pipe that it watches, and below bubblewrap's own init elsewhere. One JSON line arrives on standard input:
`{"connection_info": {…}, "argv": […], "mode": "exec"|"pipe", "uid": …, "gid": …, "files_port": …}`.
After it, in mode "exec", standard input carries a byte now and then, at least every `pulse_s`: its end, or
silence for longer, means that the server or its daemon died. In mode "pipe" the relay's frames follow, with
signals among them. With a `files_port` the working folder is served there; with `read_only` these places
must be mounted so.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import sys
import time
from typing import Any, NoReturn

from gptoss_lab.sandbox.agent.files import FileServer
from gptoss_lab.sandbox.agent.mux import READ, Mux, run

CONNECTION_FILE = "/tmp/kernel-connection.json"  # noqa: S108 - the sandbox's own /tmp
DEAD_MAN_STATUS = 75
GRACE_S = 0.05
MAX_CONFIG_BYTES = 64 << 10
PR_SET_DUMPABLE = 4
PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
CAPABILITY_VERSION_3 = 0x20080522
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def read_config(fd: int) -> dict[str, Any]:
    """Read the first line, and not a byte more: what follows belongs to the relay."""
    line = bytearray()
    while len(line) < MAX_CONFIG_BYTES:
        byte = os.read(fd, 1)
        if byte == b"\n":
            config: dict[str, Any] = json.loads(line)
            return config
        if not byte:
            break
        line += byte
    sys.exit(DEAD_MAN_STATUS)


def drop_privileges(uid: int | None, gid: int | None) -> None:
    """Become an ordinary user for good, where one is named: hold no capability, and gain none."""
    if uid is None or gid is None:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    number = 0
    while (bounded := libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0)) >= 0:
        if bounded and libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0):
            sys.exit(f"capability {number} cannot be given up")
        number += 1
    if os.getgroups():
        os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    # The change of user emptied every set but the inheritable one.
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        sys.exit("the capabilities cannot be given up")


def forbid_tracing() -> None:
    """Keep same-uid code from attaching to this process."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def write_connection_file(info: dict[str, Any]) -> None:
    """Write the kernel's connection file, for its own user only."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW
    fd = os.open(CONNECTION_FILE, flags, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        json.dump(info, file)


def require_read_only(places: list[str]) -> None:
    """End where the person's files could be written, whatever the daemon made of their mounts."""
    for place in places:
        if not (os.statvfs(place).f_flag & os.ST_RDONLY or place in read_only_mounts()):
            sys.exit(f"{place} is not mounted read-only")


def read_only_mounts() -> set[str]:
    """Return where read-only mounts are, as gVisor tells it, whose file systems do not."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs start time
        rows = [line.split() for line in file]
    mounts = {row[4].replace("\\040", " "): row[5].split(",") for row in rows}
    return {place for place, options in mounts.items() if "ro" in options}


def make_home() -> None:
    """Make the home folder that the environment names."""
    home = os.environ.get("HOME", "")
    if home:
        os.makedirs(home, mode=0o700, exist_ok=True)  # noqa: PTH103 - pathlib costs start time


def spawn(argv: list[str], *, pipe: bool) -> int:
    """Start the kernel as the leader of its own process group; return its pid."""
    command = [part.replace("{connection_file}", CONNECTION_FILE) for part in argv]
    actions: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    if pipe:
        actions.append((os.POSIX_SPAWN_DUP2, 2, 1))
    return os.posix_spawnp(
        command[0],
        command,
        dict(os.environ),
        file_actions=actions,
        setpgroup=0,
        setsigmask=(),
        setsigdef=(*FORWARDED, signal.SIGCHLD, signal.SIGPIPE),
    )


class Keeper:
    """Watches the kernel: passes signals to its group, ends with it or before it."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.pid = 0
        self.mux: Mux | None = None
        self.files: FileServer | None = None
        self.pulse_s = 0.0
        self.heard_at = time.monotonic()
        self.wakeup, wakeup_end = os.pipe()
        for fd in (self.wakeup, wakeup_end):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(wakeup_end)
        for signum in (*FORWARDED, signal.SIGCHLD):
            signal.signal(signum, lambda _signum, _frame: None)
        selector.register(self.wakeup, READ, self.on_wakeup)

    def keep(self, pid: int) -> None:
        """Take charge of a kernel, which may have ended already."""
        self.pid = pid
        self.reap()

    def on_wakeup(self, _mask: int) -> None:
        """Handle the signals that arrived."""
        for signum in os.read(self.wakeup, 512):
            if signum == signal.SIGCHLD:
                self.reap()
            else:
                self.forward(signum)

    def on_stdin(self, _mask: int) -> None:
        """Die with the server; a byte only says that it lives."""
        if not os.read(0, 4096):
            self.end()
        self.heard_at = time.monotonic()

    def patience_s(self) -> float | None:
        """Return how long to wait for the server's next byte; end when it is overdue.

        The pipe stays open when the daemon that feeds it is killed, so that its end would never come.
        """
        if not self.pulse_s:
            return None
        left_s = self.heard_at + self.pulse_s - time.monotonic()
        if left_s <= 0:
            self.end()
        return left_s

    def forward(self, signum: int) -> None:
        """Pass a signal to the kernel's process group."""
        try:
            os.killpg(self.pid, signum)
        except ProcessLookupError:
            self.reap()

    def reap(self) -> None:
        """Take leave of children that have ended; end with the kernel's status when it is among them."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.follow(status)
            if self.files is not None:
                self.files.children.discard(pid)

    def follow(self, status: int) -> NoReturn:
        """End as the kernel did, after what it said last."""
        if self.mux is None:
            time.sleep(GRACE_S)
        else:
            self.mux.drain(GRACE_S * 10)
        code = os.waitstatus_to_exitcode(status)
        os._exit(code if code >= 0 else 128 - code)

    def end(self) -> NoReturn:
        """Kill the kernel and everything in its group, then end."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        os._exit(DEAD_MAN_STATUS)


def main() -> None:
    """Read the configuration, start the kernel and keep it."""
    selector = selectors.DefaultSelector()
    keeper = Keeper(selector)
    config = read_config(0)
    drop_privileges(config.get("uid"), config.get("gid"))
    forbid_tracing()
    require_read_only(config.get("read_only", []))
    make_home()
    write_connection_file(config["connection_info"])
    if config.get("files_port"):
        keeper.files = FileServer(selector, config["files_port"])  # before the kernel can take the port
    pipe = config["mode"] == "pipe"
    keeper.keep(spawn(config["argv"], pipe=pipe))
    if pipe:
        keeper.mux = Mux(selector, (0, 1), keeper.forward, keeper.end)
    else:
        keeper.pulse_s = config.get("pulse_s", 0.0)
        selector.register(0, READ, keeper.on_stdin)
    run(selector, keeper.mux, keeper.patience_s)
