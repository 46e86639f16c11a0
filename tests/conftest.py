"""What every test can use, and which kinds of test this machine can run.

`GPTOSS_REQUIRE=docker,bubblewrap,vllm,debian` turns a skip of that kind into a failure.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import warnings
from functools import cache
from pathlib import Path

import pytest

from tools import debian
from tools.engine import missing

pytest_plugins = ["pytest_jupyter.jupyter_server", "tests.tiny.fixture"]

REQUIRED = frozenset(filter(None, os.environ.get("GPTOSS_REQUIRE", "").split(",")))


@cache
def docker_reason() -> str:
    """Say why no Docker test can run here; empty when they can."""
    import docker  # noqa: PLC0415 - a quarter second that unit tests need not pay
    from docker.errors import DockerException  # noqa: PLC0415

    reason = ""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # the client leaves a refused connection's socket open
        client = docker.from_env(version="1.40", timeout=5)  # a version, so that nothing is asked before ping
        try:
            client.ping()
        except (DockerException, OSError) as error:
            reason = f"no Docker daemon answers ({type(error).__name__}); start dockerd or set DOCKER_HOST"
        client.close()
        gc.collect()
    return reason


@cache
def bubblewrap_reason() -> str:
    """Say why no bubblewrap test can run here; empty when they can."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return "bwrap is not installed; apt install bubblewrap"
    probe = [bwrap, "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true"]
    run = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=20)
    return "" if run.returncode == 0 else f"bwrap cannot make namespaces here: {run.stderr.strip()}"


@cache
def vllm_reason() -> str:
    """Say why no test on a real engine can run here; empty when they can."""
    if missing():
        return missing()
    probe = ["unshare", "--user", "--map-root-user", "--net", "true"]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        return "unshare cannot make a network namespace here, and the engine is to have no network"
    return ""


REASONS = {
    "docker": docker_reason,
    "bubblewrap": bubblewrap_reason,
    "vllm": vllm_reason,
    "debian": cache(debian.missing),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, with the reason."""
    for item in items:
        for kind, reason_of in REASONS.items():
            if item.get_closest_marker(kind) is None:
                continue
            reason = reason_of()
            if reason and kind not in REQUIRED:
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail what the machine was required to run and cannot."""
    for kind in REQUIRED & REASONS.keys():
        if item.get_closest_marker(kind) is not None and REASONS[kind]():
            pytest.fail(f"GPTOSS_REQUIRE names {kind}, but {REASONS[kind]()}", pytrace=False)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Keep every test out of the person's own data folder.

    Tests that need the built sandbox environments (they take minutes to make) use the shared one.
    """
    shared = os.environ.get("GPTOSS_LAB_TEST_DATA_DIR", "")
    wants_images = any(request.node.get_closest_marker(kind) for kind in REASONS if kind != "debian")
    folder = Path(shared) if shared and wants_images else tmp_path / "gptoss-data"
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(folder))
    return folder


@pytest.fixture
async def jp_asyncio_loop() -> asyncio.AbstractEventLoop:
    """Let pytest-jupyter's server live in the loop that pytest-asyncio runs the test in."""
    return asyncio.get_running_loop()
