"""Unpack the Debian packages that tests and benchmarks read: documentation, papers with code, Prometheus.

    python -m tools.debian

They are downloaded and unpacked into the test data, never installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "prometheus",
    "python-pandas-doc",
    "python-sklearn-doc",
    "python3.11-doc",
    "r-cran-lme4",
    "r-doc-html",
)
MARK = ".unpacked"


def unpacked(package: str) -> Path:
    """Return the folder that holds a package's files as `/` would, there or not."""
    return _data() / "debian" / package


def missing() -> str:
    """Say why tests lack packages; empty where they have them all."""
    lacking = [package for package in PACKAGES if not (unpacked(package) / MARK).is_file()]
    return f"{', '.join(lacking)} not unpacked; `python -m tools.debian` does that" if lacking else ""


def unobtainable() -> str:
    """Say why packages cannot be had here; empty where they can."""
    lacking = [program for program in ("apt-get", "dpkg") if shutil.which(program) is None]
    return f"{' and '.join(lacking)} not installed, which a Debian machine has" if lacking else ""


def make() -> None:
    """Download and unpack what is not there.

    Raises:
        subprocess.CalledProcessError: A package cannot be had.
    """
    wanted = [package for package in PACKAGES if not (unpacked(package) / MARK).is_file()]
    if not wanted:
        return
    base = _data() / "debian"
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as folder:
        for package in wanted:
            _unpack(package, Path(folder))


def _unpack(package: str, folder: Path) -> None:
    print(f"Unpacking {package}", flush=True)
    if _download(package, folder):
        subprocess.run(["apt-get", "-qq", "update"], check=True, stdout=sys.stderr)
        if status := _download(package, folder):
            raise subprocess.CalledProcessError(status, ["apt-get", "download", package])
    (archive,) = folder.glob(f"{package}_*.deb")
    files = folder / package
    subprocess.run(["dpkg", "-x", archive, files], check=True, stdout=sys.stderr)
    (files / MARK).write_text(f"{archive.name}\n", encoding="utf-8")
    shutil.rmtree(unpacked(package), ignore_errors=True)
    files.rename(unpacked(package))


def _download(package: str, folder: Path) -> int:
    command = ["apt-get", "-qq", "download", "-o", "APT::Sandbox::User=root", package]
    return subprocess.run(command, cwd=folder, check=False, stdout=sys.stderr).returncode


def _data() -> Path:
    return Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or ROOT / ".local" / "test-data").resolve()


if __name__ == "__main__":
    make()
    print(f"The packages are in {_data() / 'debian'}")
