"""The Python that a bubblewrap sandbox runs: the server's own, or that of a person's kernel."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = Path("/opt/env")
RELOCATED = Path("/opt/python")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter without its packages.

    Args:
        prefix: Where it is installed on this machine.
        inner: Where the sandbox sees that.
        python: The name of its program, with its version.
        version: Its version in full.
        libdir: The folder of its library below the prefix.
        more: Further folders of packages, which are sought before the environment's.
    """

    prefix: Path
    inner: Path
    python: str = f"python{sys.version_info.major}.{sys.version_info.minor}"
    version: str = platform.python_version()
    libdir: str = sys.platlibdir
    more: tuple[Path, ...] = ()

    @classmethod
    def of_server(cls) -> Interpreter:
        """Return the interpreter below any virtual environment that the server runs in."""
        prefix = Path(sys.base_prefix).resolve()
        return cls(prefix, inner_prefix(prefix))

    @property
    def site(self) -> Path:
        """Where the environment's packages are mounted."""
        return ENVIRONMENT / "lib" / self.python / "site-packages"

    @property
    def problem(self) -> str:
        """Say why it cannot run in a sandbox; empty when it can."""
        file = self.prefix / "bin" / self.python
        return "" if file.exists() else f"the interpreter has no {file}"

    def mounts(self) -> list[str]:
        """Mount the interpreter and its library, with its own packages hidden, and the further folders."""
        options: list[str] = []
        if self.inner != self.prefix:
            for name in dict.fromkeys(("bin", "lib", self.libdir)):
                if (self.prefix / name).is_dir():
                    options += ["--ro-bind", str(self.prefix / name), str(self.inner / name)]
            packages = Path(self.libdir, self.python, "site-packages")
            if (self.prefix / packages).is_dir():
                place = str(self.inner / packages)
                options += ["--perms", "0555", "--size", "4096", "--tmpfs", place, "--remount-ro", place]
        for number, folder in enumerate(self.more):
            options += ["--ro-bind", str(folder), str(ENVIRONMENT / "more" / str(number))]
        return options

    def environment(self) -> dict[str, str]:
        """Return the variables that make it start at its place inside."""
        found = {"PATH": f"{ENVIRONMENT}/bin:/usr/local/bin:/usr/bin:/bin"}
        if self.inner != self.prefix:
            # An interpreter with a shared library finds it by an absolute path that is not there.
            found["LD_LIBRARY_PATH"] = str(self.inner / "lib")
        if self.more:
            folders = (ENVIRONMENT / "more" / str(number) for number in range(len(self.more)))
            found["PYTHONPATH"] = ":".join(map(str, folders))
        return found

    def settings(self) -> str:
        """Return the `pyvenv.cfg` that makes the environment's packages importable."""
        version = self.version
        return f"home = {self.inner}/bin\ninclude-system-site-packages = false\nversion = {version}\n"


def inner_prefix(prefix: Path) -> Path:
    """Return where a sandbox sees an interpreter's prefix."""
    return prefix if prefix.is_relative_to("/usr") else RELOCATED
