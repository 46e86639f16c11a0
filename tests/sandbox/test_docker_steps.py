"""What is done in a builder, seen by a builder that only writes down."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

import pytest

from gptoss_lab.sandbox.docker_builder import Builder
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.docker_pip import PipSettings
from gptoss_lab.sandbox.docker_steps import LAST_STEP, Record, prepare
from gptoss_lab.sandbox.lock import python_lock
from gptoss_lab.sandbox.recipes import RECIPES
from gptoss_lab.schemas.base import Language


class WrittenDown(Builder):
    """Keeps the commands and answers what the record asks for."""

    def __init__(self, answer: dict[str, object], *, bare: bool = True) -> None:
        super().__init__(DockerClient(""), "", PipSettings())
        self.commands: list[list[str]] = []
        self.files: dict[str, bytes] = {}
        self._answer = answer
        self._bare = bare

    async def run(
        self, command: Sequence[str], say: Callable[[str], Awaitable[None]] | None = None
    ) -> list[str]:
        self.commands.append(list(command))
        if say is not None:
            await say("busy")
        if command[0] == "dpkg-query":
            return ["tini=0.19.0-1 r-cran-dplyr=1.1.4-4 "]
        return ["a warning", json.dumps(self._answer)]

    async def write(self, path: str, content: bytes) -> None:
        self.files[path] = content

    async def lacks(self, path: str) -> bool:
        return self._bare and path == "/usr/bin/tini"


async def prepared(builder: Builder, language: Language) -> tuple[Record, list[int]]:
    """Prepare, and return the record with the steps that were told."""
    steps: list[int] = []

    async def report(text: str, done: int, total: int) -> None:
        assert text
        assert total == LAST_STEP
        steps.append(done)

    return await prepare(builder, RECIPES[language], report), steps


async def test_python_gets_the_locked_wheels_only() -> None:
    """Only files with the lock's hashes are installed, as wheels, into an environment of its own."""
    builder = WrittenDown({"version": "3.12.1", "packages": {"numpy": "2.1"}, "library": "/opt/kernel/lib"})
    record, steps = await prepared(builder, "python")
    pip = next(command for command in builder.commands if "pip" in command)
    assert pip[pip.index("--only-binary") + 1] == ":all:"
    assert "--require-hashes" in pip
    assert builder.files[pip[pip.index("--requirement") + 1]].decode() == python_lock().text
    assert record.system == {"tini": "0.19.0-1", "r-cran-dplyr": "1.1.4-4"}
    assert (record.version, record.packages["numpy"]) == ("3.12.1", "2.1")
    assert steps == sorted(steps)


@pytest.mark.parametrize(("bare", "expected"), [(True, 1), (False, 0)])
async def test_the_init_is_installed_where_the_system_lacks_it(bare: bool, expected: int) -> None:
    """A base of ours has tini already, one of a registry does not."""
    builder = WrittenDown({"version": "3.12.1", "packages": {}, "library": "/x"}, bare=bare)
    await prepared(builder, "python")
    assert sum("tini" in command for command in builder.commands) == expected


async def test_r_gets_debian_packages_and_the_python_of_the_agent() -> None:
    """One call of the package manager brings everything, and R itself says what is there."""
    builder = WrittenDown({"version": "4.5.0", "packages": {"dplyr": "1.1.4"}})
    record, steps = await prepared(builder, "r")
    apt = next(command for command in builder.commands if "apt-get" in command[2])
    assert {"python3", "tini", *RECIPES["r"].packages} <= set(apt)
    assert builder.commands[-2][0] == "Rscript"
    assert record.system["r-cran-dplyr"] == "1.1.4-4"
    assert (record.version, record.library) == ("4.5.0", "")
    assert steps == sorted(steps)
