"""Write the locks of the sandbox environments: exact versions with hashes, resolved by uv.

Run it with `make lock`. What is locked already stays as it is, unless `--upgrade` is given.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gptoss_lab.sandbox.lock import FOLDER
from gptoss_lab.sandbox.packages import PYTHON_PACKAGES

UV = "uv>=0.9,<1"
OLDEST_PYTHON = "3.10"
MACHINES = ("x86_64", "aarch64")
LEFT_OUT = ("debugpy",)
"""A fifth of ipykernel's start, loaded wherever it is there; our kernels offer no debugger."""
HEADER = f"# Written by `make lock`: Python {OLDEST_PYTHON} and newer, Linux on {' and '.join(MACHINES)}.\n"


def project() -> str:
    """Return the project file that uv resolves: our list, and the machines that must have wheels."""
    needed = [f"sys_platform == 'linux' and platform_machine == '{machine}'" for machine in MACHINES]
    return "\n".join([
        "[project]",
        'name = "sandbox"',
        'version = "0"',
        f'requires-python = ">={OLDEST_PYTHON}"',
        f"dependencies = {json.dumps(PYTHON_PACKAGES)}",
        "[tool.uv]",
        f"required-environments = {json.dumps(needed)}",
        f"exclude-dependencies = {json.dumps(LEFT_OUT)}",
        "",
    ])


def find_uv(folder: Path) -> str:
    """Return uv: the one that is installed, else one that is fetched into `folder`."""
    found = shutil.which("uv")
    if found:
        return found
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", folder, UV], check=True)
    return str(folder / "bin" / "uv")


def lock(target: Path, *, upgrade: bool) -> None:
    """Resolve and write one lock."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").write_text(project(), encoding="ascii")
        made = folder / target.name
        if target.exists() and not upgrade:
            shutil.copy(target, made)
        options = ["--universal", "--python-version", OLDEST_PYTHON, "--only-binary", ":all:"]
        options += ["--generate-hashes", "--no-header", "--no-annotate", "--output-file", made.name]
        command = [find_uv(folder / "uv"), "pip", "compile", *options, "--quiet", "pyproject.toml"]
        environment = {**os.environ}
        if environment.get("PIP_CERT"):
            environment.setdefault("SSL_CERT_FILE", environment["PIP_CERT"])
        subprocess.run(command, cwd=folder, env=environment, check=True)
        text = made.read_text(encoding="ascii").removeprefix(HEADER)
        target.write_text(HEADER + text, encoding="ascii")


def main() -> None:
    """Write every lock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    lock(FOLDER / "python.txt", upgrade=parser.parse_args().upgrade)


if __name__ == "__main__":
    main()
