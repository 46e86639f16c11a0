"""Build the packages, look into them, and use the wheel where there is no Node, in every Python that is here.

    python -m tools.wheel

For a Python that this machine lacks, the packages that the wheel needs are resolved for it instead.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.release import build, contents
from tools.release.installed import Installation
from tools.release.interpreters import SUPPORTED, TOO_OLD, find
from tools.release.resolution import resolve, uv

AT_ONCE = 2


def main() -> int:
    """Build, look, install, use, remove; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="gptoss-wheel-") as name:
        folder = Path(name)
        wheel = build.wheel(folder / "wheel")
        problems = [*packed(wheel, folder), *used(wheel, folder)]
    for problem in problems:
        print(f"wheel: {problem}")
    print(f"wheel: {len(problems)} problems" if problems else "wheel: all of it is there and works")
    return 1 if problems else 0


def packed(wheel: Path, folder: Path) -> Iterator[str]:
    """Yield what is wrong with what the packages hold."""
    known = contents.tracked()
    source = build.sdist(folder / "sdist")
    for package in (wheel, source):
        files = contents.files_of(package)
        check = contents.wheel_problems if package is wheel else contents.sdist_problems
        yield from check(files, known)
        yield from contents.leaks(files)
        yield from contents.metadata_problems(files)
    inside = build.unpack(source, folder / "unpacked")
    if build.wheel(folder / "from-sdist", inside).read_bytes() != wheel.read_bytes():
        yield "the wheel that the source distribution builds is not the one that the checkout builds"
    for kind, before in ((build.wheel, wheel), (build.sdist, source)):
        if kind(folder / f"again-{before.suffix}").read_bytes() != before.read_bytes():
            yield f"{before.name} is not the same when it is built again"
    print(f"wheel: {wheel.name} and {source.name} hold what they should", flush=True)


def used(wheel: Path, folder: Path) -> list[str]:
    """Return what does not work in the Pythons that are here, and what cannot be had for the others."""

    def one(version: str) -> Sequence[str]:
        python = find(version)
        if python is None:
            said = resolve(wheel, version, folder)
            print(f"wheel: no Python {version} here; its packages are resolved only", flush=True)
            return said
        # With this Python pip installs, as a person does; uv is there for the time that the others take.
        program = "" if python == Path(sys.executable) else uv(folder)
        place = Installation(python, folder / version, program)
        found = [f"Python {version}: {problem}" for problem in place.problems(wheel)]
        print(f"wheel: installed, used and removed in Python {version}", flush=True)
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*(said for several in pool.map(one, SUPPORTED) for said in several), *refused(wheel, folder)]


def refused(wheel: Path, folder: Path) -> Iterator[str]:
    """Yield a problem where a Python that is too old does not hear so."""
    old = next((python for version in TOO_OLD if (python := find(version))), None)
    if old is None:
        print("wheel: no Python here that is too old; what it is told was not seen")
        return
    yield from Installation(old, folder / "old").refusal(wheel)
    yield from bootstrap_refusal(old)


def bootstrap_refusal(python: Path) -> Iterator[str]:
    """Yield a problem where `make` with a Python that is too old does not say so at once."""
    done = subprocess.run(
        [python, build.ROOT / "tools" / "bootstrap.py"], capture_output=True, text=True, check=False
    )
    if done.returncode != 1 or "or newer is needed" not in done.stdout:
        yield f"`make` does not say that a Python is too old: {done.stdout}{done.stderr}"


if __name__ == "__main__":
    raise SystemExit(main())
