"""The R of this machine, as a sandbox that sees its /usr would find it."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.packages import packages_hash
from gptoss_lab.sandbox.recipes import SYSTEM_PATH
from gptoss_lab.schemas.execution import SandboxImage

KERNEL_PACKAGE = "IRkernel"
LAYOUT = "host R 1"
SHOWN = Path("/usr")
ETC = Path("/etc/R")
ASK_TIMEOUT_S = 30.0
# The site's own settings may hold a token; what is left is the same on every machine of a distribution.
PRIVATE_SUFFIX = ".site"
_ASK = "writeLines(c(R.home(), .Library.site, .Library))"
_FIELD = re.compile(r"^(Package|Version): *(\S+)\s*$", re.MULTILINE)

FRESH_S = 60.0
_ASKED: dict[str, tuple[float, HostR | None]] = {}

ADD_KERNEL = 'sudo Rscript -e \'install.packages("IRkernel", repos = "https://cloud.r-project.org")\''
INSTALL_HINTS = {
    "apt-get": "sudo apt install r-base-core r-cran-irkernel",
    "dnf": f"sudo dnf install R-core && {ADD_KERNEL}",
    "pacman": f"sudo pacman -S r && {ADD_KERNEL}",
    "zypper": f"sudo zypper install R-base && {ADD_KERNEL}",
}


@dataclass(frozen=True)
class HostR:
    """An R below /usr, with the folders of packages that a sandbox would see."""

    home: Path
    libraries: tuple[Path, ...]

    @cached_property
    def packages(self) -> dict[str, str]:
        """Return the installed packages with their versions; the first folder that has one counts."""
        found: dict[str, str] = {}
        for library in self.libraries:
            for file in library.glob("*/DESCRIPTION"):
                fields = dict(_FIELD.findall(file.read_text(encoding="utf-8", errors="replace")))
                found.setdefault(file.parent.name, fields.get("Version", ""))
        return dict(sorted(found.items()))

    @property
    def version(self) -> str:
        """Return R's own version, which its base package has too."""
        return self.packages.get("base", "")

    @property
    def problem(self) -> str:
        """Say why no kernel can be started with it; empty when one can."""
        return "" if KERNEL_PACKAGE in self.packages else f"the R of this machine lacks {KERNEL_PACKAGE}"

    def image(self) -> SandboxImage:
        """Describe it as an environment: its id changes when R or any package does."""
        rows = [f"{name}=={version}" for name, version in self.packages.items()]
        name = packages_hash(rows, LAYOUT, str(self.home))
        changed = max(folder.stat().st_mtime for folder in self.libraries if folder.is_dir())
        return SandboxImage(
            id=name,
            runtime="bubblewrap",
            language="r",
            tag=f"gptoss-sandbox-r:{name}",
            built_at=datetime.fromtimestamp(changed, timezone.utc).isoformat(timespec="seconds"),
            packages=self.packages,
        )


def problem() -> str:
    """Say why this machine can start no R kernel; empty when it can. Blocks for a moment."""
    host = _known()
    return f"no R that works is installed below {SHOWN}" if host is None else host.problem


def image() -> SandboxImage | None:
    """Return the environment that this machine's R makes, where it can start a kernel. Blocks."""
    host = _known()
    return None if host is None or host.problem else host.image()


def require() -> SandboxImage:
    """Return it as `image` does. Blocks.

    Raises:
        SandboxError: It cannot start a kernel.
    """
    if (found := image()) is None:
        raise SandboxError(f"There is nothing to build: {problem()}", hint=install_hint())
    return found


def _known() -> HostR | None:
    """Return the R of this machine. Where it lies is asked once; where there is none, again later."""
    asked_at, host = _ASKED.get(SYSTEM_PATH, (float("-inf"), None))
    if host is None and time.monotonic() - asked_at > FRESH_S:
        host = find_r()
        _ASKED[SYSTEM_PATH] = (time.monotonic(), host)
    return host and replace(host)


def find_r() -> HostR | None:
    """Ask the R on the sandbox's search path where its packages are. Blocks for a moment."""
    program = shutil.which("R", path=SYSTEM_PATH)
    if program is None:
        return None
    # --vanilla and an empty environment: what it answers is what it would answer in a sandbox.
    try:
        asked = subprocess.run(  # noqa: S603 - a program of the system, found on a fixed path
            [program, "--vanilla", "--no-echo", "-e", _ASK],
            env={"PATH": SYSTEM_PATH, "HOME": "/nonexistent", "R_DEFAULT_PACKAGES": "NULL"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASK_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    home, *libraries = (Path(line).resolve() for line in asked.stdout.splitlines() if line.startswith("/"))
    shown = tuple(folder for folder in dict.fromkeys(libraries) if folder.is_relative_to(SHOWN))
    return HostR(home, shown) if home.is_relative_to(SHOWN) and shown else None


def install_hint() -> str:
    """Return the sentence that tells how to make R kernels work on this system."""
    known = (command for tool, command in INSTALL_HINTS.items() if shutil.which(tool))
    return f"Run `{next(known, ADD_KERNEL)}`, or start Docker or Podman."


def system_files() -> list[Path]:
    """Return what R reads outside /usr: its settings but the site's own, and Debian's choice of BLAS."""
    settings = sorted(path for path in ETC.glob("*") if path.is_file() and path.suffix != PRIVATE_SUFFIX)
    others = [Path("/etc/alternatives"), Path("/var/cache/fontconfig")]
    return [*settings, *(path for path in others if path.is_dir())]
