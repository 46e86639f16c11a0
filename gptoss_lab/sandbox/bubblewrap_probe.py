"""Whether `bwrap` can make a sandbox on this machine, and if not, what would let it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from gptoss_lab.sandbox.bubblewrap_command import Mode, probe_command
from gptoss_lab.sandbox.bubblewrap_interpreter import Interpreter

MIN_VERSION = (0, 7)  # the first with --size, which bounds the folders that can be written
PROBE_TIMEOUT_S = 10.0
INSTALL_HINTS = {
    "apt-get": "sudo apt install bubblewrap",
    "dnf": "sudo dnf install bubblewrap",
    "pacman": "sudo pacman -S bubblewrap",
    "zypper": "sudo zypper install bubblewrap",
    "apk": "sudo apk add bubblewrap",
}


class Probe(NamedTuple):
    """What a short try-out of `bwrap` found. `mode` is None where it cannot be used."""

    mode: Mode | None
    version: str
    reason: str = ""
    hint: str = ""


def probe(interpreter: Interpreter) -> Probe:
    """Try whether `bwrap` can make a sandbox here, as root or as an ordinary user. Blocks."""
    program = shutil.which("bwrap")
    if program is None:
        return Probe(None, "", "bubblewrap is not installed", f"Install it: `{install_command()}`.")
    version = _run([program, "--version"]).stdout.strip().removeprefix("bubblewrap ")
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if numbers < MIN_VERSION:
        return Probe(None, version, f"bubblewrap {version} is too old", "Install bubblewrap 0.7 or newer.")
    if interpreter.problem:
        return Probe(None, version, interpreter.problem, "Run the server with a CPython from your system.")
    complaint = ""
    modes: tuple[Mode, ...] = ("root", "user") if os.geteuid() == 0 else ("user",)
    for mode in modes:
        with probe_command(interpreter, mode) as command:
            tried = _run(command.argv, command.fds)
        if tried.returncode == 0:
            return Probe(mode, version)
        complaint = tried.stderr.strip()[-400:] or f"exit status {tried.returncode}"
    return Probe(None, version, f"bubblewrap cannot make a sandbox here: {complaint}", namespace_hint())


def install_command() -> str:
    """Return the command that installs bubblewrap on this system."""
    known = (command for tool, command in INSTALL_HINTS.items() if shutil.which(tool))
    return next(known, INSTALL_HINTS["apt-get"])


def namespace_hint(sys_folder: Path = Path("/proc/sys")) -> str:
    """Say what forbids namespaces to this user, and how to allow them."""
    settings = {
        "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
        "kernel/unprivileged_userns_clone": ("0", "1"),
        "user/max_user_namespaces": ("0", "15000"),
    }
    for name, (forbids, allows) in settings.items():
        file = sys_folder / name
        if file.exists() and file.read_text(encoding="ascii").strip() == forbids:
            return f"Ask the administrator to run `sudo sysctl -w {name.replace('/', '.')}={allows}`."
    return "In a container, start it with permission to make namespaces, or use Docker or Podman instead."


def _run(argv: list[str], fds: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - our own command line, no shell
            argv,
            pass_fds=fds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(argv, 1, "", str(error))
