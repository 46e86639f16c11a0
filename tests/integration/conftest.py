"""Real programs in folders of their own; each test leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.chat_server import ChatServer
from tests.integration.station import BIN, Station, until

GONE_WITHIN_S = 5.0
BUILD_S = 900
NONE_WARM = {"python": 0}  # so that a sandbox that is seen is one that works
RUNTIMES = [
    pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
    pytest.param("docker", marks=pytest.mark.docker),
]
MakeStation = Callable[..., Station]


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest, data_dir: Path) -> str:
    """Each runtime that can be here, with its environment built."""
    name = str(request.param)
    ensure_built(name, data_dir)
    return name


@cache
def ensure_built(runtime: str, data: Path, language: str = "python") -> None:
    """Build the environment of a runtime for a language; quick where that was done before."""
    words = ("jupyter-gptoss", "sandbox", "build", language, "--runtime", runtime)
    environment = {**os.environ, "GPTOSS_LAB_DATA_DIR": str(data)}
    command = [str(BIN / words[0]), *words[1:]]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=BUILD_S
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def stations(tmp_path: Path, data_dir: Path) -> Iterator[MakeStation]:
    """Make a station; what was started from it must be gone soon after the test."""
    made: list[Station] = []

    def make(**config: Any) -> Station:
        folder = tmp_path / f"station-{len(made)}"
        folder.mkdir()
        made.append(Station(folder, data_dir, config))
        return made[-1]

    yield make
    for station in made:
        station.close()


@pytest.fixture
async def station(stations: MakeStation, runtime: str) -> AsyncIterator[Station]:
    """A station whose sandboxes are of one runtime."""
    one = stations(sandbox={"runtime": runtime, "warm": NONE_WARM})
    yield one
    await nothing_left(one, docker=runtime == "docker")


@pytest.fixture
async def busy_station(stations: MakeStation, runtime: str) -> AsyncIterator[Station]:
    """A station whose model writes a cell that never ends, so that a test finds the sandbox at work."""
    async with ChatServer("endless") as model:
        one = stations(sandbox={"runtime": runtime, "warm": NONE_WARM}, model={"url": model.url})
        yield one
        await nothing_left(one, docker=runtime == "docker")


async def nothing_left(station: Station, *, docker: bool, within_s: float = GONE_WITHIN_S) -> float:
    """Wait until no process and no container is left; return how long that took.

    Raises:
        AssertionError: Something is left.
    """

    def gone() -> bool:
        return not station.left() and not (docker and station.containers())

    try:
        return await until(gone, "something is left", within_s)
    except AssertionError:
        raise AssertionError(
            f"left after {within_s} s: {station.left()} {station.containers() if docker else ''}"
        ) from None
