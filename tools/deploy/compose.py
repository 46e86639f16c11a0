"""Docker Compose, which Debian's next release has: downloaded once, unpacked, never installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.debian import unobtainable
from tools.deploy.files import DEPLOY
from tools.release.toolbox import data

SUITE = "trixie"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PROGRAM = "usr/libexec/docker/cli-plugins/docker-compose"
MADE = ("engine.env", "server.env", "token", "token-prometheus", "grafana-password")
"""What the first lines of compose.yaml have a person make."""


def problems() -> Iterator[str]:
    """Yield what Compose says of the file; say so where there is no Compose."""
    reason = unobtainable() or ("" if KEYRING.is_file() else f"{KEYRING} is not there")
    if reason:
        print(f"deploy: Compose was not asked: {reason}")
        return
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "deploy"
        shutil.copytree(DEPLOY, copy)
        for made in MADE:
            (copy / "compose" / made).write_text("A=b\n", encoding="utf-8")
        file = str(copy / "compose" / "compose.yaml")
        command = [str(program()), "--file", file, "config", "--quiet"]
        given = {**os.environ, "GPTOSS_REVISION": "main"}
        done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
        if done.returncode or "warn" in done.stderr.lower():
            yield f"docker compose config: {done.stderr.strip()}"
        given.pop("GPTOSS_REVISION")
        without = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
        if not without.returncode:
            yield "docker compose config passes without a revision of the weights, which must be named"


def program() -> Path:
    """Return Compose, downloaded where it is not there.

    Raises:
        subprocess.CalledProcessError: It cannot be had; apt has said why.
    """
    place = data() / f"compose-{SUITE}"
    if (place / PROGRAM).is_file():
        return place / PROGRAM
    print("deploy: downloading Debian's docker-compose", flush=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as name:
        folder = Path(name)
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True)
        source = f"deb [signed-by={KEYRING}] http://deb.debian.org/debian {SUITE} main\n"
        (folder / "sources.list").write_text(source, encoding="ascii")
        own = (
            *("-o", f"Dir::Etc::sourcelist={folder / 'sources.list'}", "-o", "Dir::Etc::sourceparts=-"),
            *("-o", f"Dir::State::lists={folder / 'lists'}", "-o", f"Dir::Cache={folder / 'cache'}"),
            *("-o", "APT::Sandbox::User=root"),
        )
        subprocess.run(["apt-get", "-qq", *own, "update"], check=True)
        subprocess.run(["apt-get", "-qq", *own, "download", "docker-compose"], cwd=folder, check=True)
        (archive,) = folder.glob("docker-compose_*.deb")
        subprocess.run(["dpkg", "-x", archive, folder / "files"], check=True)
        shutil.rmtree(place, ignore_errors=True)
        (folder / "files").rename(place)
    return place / PROGRAM
