"""Sandboxes to attack: every runtime, and both languages where an attack differs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from tests.sandbox.attacks.cells import Cells, cells
from tests.sandbox.attacks.dockerd import OwnDockerd
from tests.sandbox.attacks.target import Target, target
from tests.sandbox.conformance import require_image

DOCKER, BUBBLEWRAP = pytest.mark.docker, pytest.mark.bubblewrap
CANARY = "hush-hush-a-variable-of-the-server"
Place = tuple[str, Language]
PYTHON = [
    pytest.param(("docker", "python"), id="docker-python", marks=DOCKER),
    pytest.param(("bubblewrap", "python"), id="bubblewrap-python", marks=BUBBLEWRAP),
]
R = [
    pytest.param(("docker", "r"), id="docker-r", marks=DOCKER),
    pytest.param(("bubblewrap", "r"), id="bubblewrap-r", marks=BUBBLEWRAP),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip for who may not look into other users' processes: the attacks are judged from outside."""
    if os.geteuid() == 0:
        return
    here = Path(__file__).parent
    for item in items:
        marked = any(item.get_closest_marker(kind) is not None for kind in ("docker", "bubblewrap"))
        if marked and item.path.is_relative_to(here):
            item.add_marker(pytest.mark.skip(reason="only root can look into a sandbox from outside"))


@pytest.fixture(params=[*PYTHON, *R])
async def place(request: pytest.FixtureRequest) -> Place:
    """A runtime and a language."""
    runtime, language = request.param
    await require_image(runtime, language)
    return runtime, language


@pytest.fixture(params=PYTHON)
async def python_place(request: pytest.FixtureRequest) -> Place:
    """A runtime with Python: for what another language would do in the same words."""
    runtime, language = request.param
    await require_image(runtime, language)
    return runtime, language


@pytest.fixture
async def victim(place: Place) -> AsyncIterator[Target]:
    """A kernel that one test may ruin, in each language."""
    async with target(*place) as made:
        yield made


@pytest.fixture
async def python_victim(python_place: Place) -> AsyncIterator[Target]:
    """A Python kernel that one test may ruin."""
    async with target(*python_place) as made:
        yield made


@pytest.fixture
async def jail(place: Place) -> AsyncIterator[Cells]:
    """Cells of generated code, in each language."""
    async with cells(*place) as made:
        yield made


@pytest.fixture
async def python_jail(python_place: Place) -> AsyncIterator[Cells]:
    """Cells of generated Python."""
    async with cells(*python_place) as made:
        yield made


@pytest.fixture(scope="session")
def dockerd_with_image() -> Iterator[OwnDockerd]:
    """A daemon of the test run's own, which has the Python image; it is copied once."""
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("only root can start a dockerd of its own, where it is installed")
    folder = Path(tempfile.mkdtemp(prefix="gl-dockerd-"))
    made = OwnDockerd(folder)
    try:
        made.start()
        yield made
    finally:
        made.remove()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def own_dockerd(dockerd_with_image: OwnDockerd) -> OwnDockerd:
    """The daemon of the test run's own, running."""
    await require_image("docker")
    (made,) = make_runtimes(SandboxConfig(runtime="docker"))
    image = await made.find_image("python")
    await made.close()
    assert image is not None
    await asyncio.to_thread(dockerd_with_image.start)
    await asyncio.to_thread(dockerd_with_image.copy, image.tag)
    return dockerd_with_image


@pytest_asyncio.fixture(params=[*PYTHON, *R], scope="module", loop_scope="module")
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[Target]:
    """A kernel for the attacks of one file that leave it as it was."""
    async with shared_target(*request.param) as made:
        yield made


@pytest_asyncio.fixture(params=PYTHON, scope="module", loop_scope="module")
async def python_shared(request: pytest.FixtureRequest) -> AsyncIterator[Target]:
    """A Python kernel for the attacks of one file that leave it as it was."""
    async with shared_target(*request.param) as made:
        yield made


@contextlib.asynccontextmanager
async def shared_target(runtime: str, language: Language) -> AsyncIterator[Target]:
    """Start a kernel whose own environment of the test run outlasts one test."""
    with pytest.MonkeyPatch.context() as patch:
        folder = os.environ.get("GPTOSS_LAB_TEST_DATA_DIR", "")
        if not folder:
            pytest.skip("set GPTOSS_LAB_TEST_DATA_DIR to keep the built sandbox environments")
        patch.setenv("GPTOSS_LAB_DATA_DIR", folder)
        patch.setenv("SECRET_CANARY", CANARY)
        await require_image(runtime, language)
        async with target(runtime, language) as made:
            yield made
