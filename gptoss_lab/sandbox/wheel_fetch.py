"""Fetch wheels for an environment that is being built: a program of its own, standard library only.

It runs where the build runs, in the builder or beside the server, and never in a sandbox. It is given
one JSON argument: `pip` (the command), `folder` (empty, ours), `packages`, `constraints`, `max_bytes`,
and `exact` for pins whose dependencies are not followed and which may be missing. It passes pip's lines
on and ends with a line of JSON behind `RESULT `.

No code of a package runs: source distributions are never built, and wheels are only unpacked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

RESULT = "RESULT "
WATCH_S = 0.5
ROOM = 3  # a file may be in the cache, in a temporary place and in its folder
TAIL_LINES = 15
CHUNK_BYTES = 1 << 20
NO_NETWORK = ("Retrying (", "onnection broken", "Temporary failure in name resolution", "unreachable")
FULL = ("No space left on device", "Disk quota exceeded")
CONFLICT = ("ResolutionImpossible", "conflicting dependencies")
MISSING = re.compile(r"No matching distribution found for ([^\s;(]+)")
METADATA = re.compile(r"[^/]+\.dist-info/METADATA")


class FetchError(Exception):
    """Pip did not do it: `kind` of problem, its last words, the package that it names."""

    def __init__(self, kind: str, words: str = "", package: str = "") -> None:
        super().__init__(kind)
        self.kind, self.words, self.package = kind, words, package


def main() -> None:
    """Do as the argument says and tell the result."""
    asked = json.loads(sys.argv[1])
    try:
        result = fetch(asked)
    except FetchError as failure:
        result = {"problem": failure.kind, "words": failure.words[-2000:], "package": failure.package}
    sys.stdout.write(f"{RESULT}{json.dumps(result)}\n")


def fetch(asked: dict[str, Any]) -> dict[str, Any]:
    """Resolve, download and describe.

    Raises:
        FetchError: Something is not to be had, does not fit, or is too large.
    """
    folder = Path(asked["folder"])
    for name in ("tmp", "cache", "wheels"):
        (folder / name).mkdir(parents=True)
    pins: list[str] = asked["packages"] if asked["exact"] else resolve(asked, folder)
    missing = download(asked, folder, pins)
    wheels = sorted((folder / "wheels").glob("*.whl"))
    if sum(path.stat().st_size for path in wheels) > asked["max_bytes"]:
        raise FetchError("too_large")
    return {"wheels": [describe(path) for path in wheels], "missing": missing}


def resolve(asked: dict[str, Any], folder: Path) -> list[str]:
    """Return exact pins of what is not installed yet; what is installed keeps its version."""
    report, constraints = folder / "report.json", folder / "constraints.txt"
    constraints.write_text("\n".join([*asked["constraints"], ""]), encoding="utf-8")
    words = ["install", "--dry-run", "--report", str(report), "--constraint", str(constraints)]
    run_pip(asked, folder, [*words, *asked["packages"]])
    rows = [row["metadata"] for row in json.loads(report.read_text(encoding="utf-8"))["install"]]
    return [f"{row['name']}=={row['version']}" for row in rows]


def download(asked: dict[str, Any], folder: Path, pins: list[str]) -> list[str]:
    """Download the pins as wheels; return those that are not to be had, where that is allowed.

    Raises:
        FetchError: One is not to be had where all must be, or they are too large.
    """
    missing: list[str] = []
    while pins:
        try:
            run_pip(asked, folder, ["download", "--no-deps", "--dest", str(folder / "wheels"), *pins])
            break
        except FetchError as failure:
            lost = [pin for pin in pins if bare_name(pin) == bare_name(failure.package)]
            if not asked["exact"] or failure.kind != "unknown" or not lost:
                raise
            missing += lost
            pins = [pin for pin in pins if pin not in lost]
    return missing


def run_pip(asked: dict[str, Any], folder: Path, words: list[str]) -> None:
    """Run pip, pass its lines on, and end it when it fetches too much.

    Raises:
        FetchError: It failed.
    """
    options = ["--only-binary", ":all:", "--progress-bar", "off", "--cache-dir", str(folder / "cache")]
    command = [*asked["pip"], "--no-input", "--disable-pip-version-check", words[0], *options, *words[1:]]
    environment = {**uncoloured(), "TMPDIR": str(folder / "tmp"), "PYTHONUNBUFFERED": "1"}
    ended, over = threading.Event(), threading.Event()
    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603 - pip, with names that were looked at
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    ) as process:

        def watch() -> None:
            while not ended.wait(WATCH_S):
                if size_of(folder) > ROOM * asked["max_bytes"]:
                    over.set()
                    process.kill()

        watcher = threading.Thread(target=watch)
        watcher.start()
        for raw in process.stdout or ():
            lines.append(raw.decode("utf-8", "replace").rstrip())
            sys.stdout.write(f"{lines[-1]}\n")
            sys.stdout.flush()
        status = process.wait()
        ended.set()
        watcher.join()
    if over.is_set():
        raise FetchError("too_large")
    if status:
        problem = failure_of(lines)
        raise problem


def uncoloured() -> dict[str, str]:
    """Return this environment without the order to colour pip's words: they are read here."""
    return {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}


def failure_of(lines: list[str]) -> FetchError:
    """Tell from pip's words what went wrong."""
    words, last = "\n".join(lines), "\n".join(lines[-TAIL_LINES:])
    if any(sign in words for sign in FULL):
        return FetchError("full", last)
    if any(sign in words for sign in NO_NETWORK):
        return FetchError("network", last)
    if any(sign in words for sign in CONFLICT):
        return FetchError("conflict", last)
    found = MISSING.search(words)
    return FetchError("unknown", last, found[1]) if found else FetchError("failed", last)


def size_of(folder: Path) -> int:
    """Add up what lies there; files may vanish meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118 - os.walk's words
    return total


def describe(wheel: Path) -> dict[str, str]:
    """Return a wheel's name, version and hash; the first two as its metadata has them."""
    digest = hashlib.sha256()
    with wheel.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    with zipfile.ZipFile(wheel) as archive:
        place = next(name for name in archive.namelist() if METADATA.fullmatch(name))
        head = archive.read(place).decode("utf-8", "replace").partition("\n\n")[0]
    fields = dict(re.findall(r"^(Name|Version): *(\S+)", head, re.MULTILINE))
    return {"name": fields["Name"], "version": fields["Version"], "sha256": digest.hexdigest()}


def bare_name(requirement: str) -> str:
    """Return a requirement's name in the one form that can be compared."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[ ]", requirement)[0]).lower()


if __name__ == "__main__":
    main()
