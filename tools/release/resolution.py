"""The packages that a wheel needs, resolved for a Python that is not here."""

from __future__ import annotations

import os
import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from shutil import which
from zipfile import ZipFile

UV = "uv>=0.9,<1"


def uv(folder: Path) -> str:
    """Return uv: the one beside this Python or on the path, else one that is fetched into `folder`.

    Raises:
        subprocess.CalledProcessError: It cannot be fetched; pip has said why.
    """
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else which("uv")
    if found:
        return found
    place = folder / "uv"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", place, UV], check=True)
    return str(place / "bin" / "uv")


def resolve(wheel: Path, version: str, folder: Path) -> list[str]:
    """Return why a Python of a version cannot have what a wheel needs, in wheels; empty where it can."""
    wanted = folder / f"requirements-{version}.in"
    wanted.write_text("\n".join(requirements(wheel)), encoding="utf-8")
    done = subprocess.run(
        [
            uv(folder),
            "pip",
            "compile",
            "--quiet",
            f"--python-version={version}",
            "--only-binary=:all:",
            "--output-file",
            folder / f"requirements-{version}.txt",
            wanted,
        ],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return [f"Python {version}: {done.stderr.strip()}"] if done.returncode else []


def environment() -> dict[str, str]:
    """Return the variables for uv; the certificate that pip is told of is uv's, too."""
    own = {**os.environ}
    if own.get("PIP_CERT"):
        own.setdefault("SSL_CERT_FILE", own["PIP_CERT"])
    return own


def requirements(wheel: Path) -> list[str]:
    """Return what a wheel depends on, without its extras."""
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = Parser().parsestr(archive.read(name).decode())
    return [line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line]
