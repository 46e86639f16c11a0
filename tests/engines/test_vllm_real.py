"""The supervisor with real vLLM and the tiny model, on a CPU and with no network at all."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.engines.status import EngineStatus
from gptoss_lab.engines.supervisor import EngineSupervisor
from gptoss_lab.errors import EngineLoadError
from tests.fakes.engine_owner import LonelyLauncher
from tools.engine import engine_python

pytestmark = [
    pytest.mark.usefixtures("run_folder"),
    pytest.mark.vllm,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
ROOT = Path(__file__).resolve().parents[2]
READY_S = 400.0
PROMISED_S = 5.0


@pytest.fixture
def setting(tiny_weights: Path) -> EngineSetting:
    """Return how the tiny model is started."""
    return EngineSetting(
        python=engine_python(),
        weights=tiny_weights,
        served_name="gpt-oss-20b",
        max_model_len=2048,
        max_num_seqs=4,
        eager=True,
        kv_cache_bytes=256 << 20,
        prefix_retention=128,
        shutdown_timeout_s=30.0,
    )


@asynccontextmanager
async def supervised(
    setting: EngineSetting, folder: Path
) -> AsyncIterator[tuple[EngineSupervisor, list[EngineStatus]]]:
    """Start it, and lend its supervisor with what that says."""
    said: list[EngineStatus] = []
    supervisor = EngineSupervisor(LonelyLauncher(), setting, folder=folder, on_change=said.append)
    try:
        supervisor.start()
        yield supervisor, said
    finally:
        await supervisor.close()


@asynccontextmanager
async def streaming(endpoint: Endpoint, tokens: int) -> AsyncIterator[AsyncIterator[str]]:
    """Lend the lines of an answer of so many tokens."""
    body = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": "Write a function."}],
        "max_completion_tokens": tokens,
        "ignore_eos": True,
        "stream": True,
    }
    headers = {"Authorization": f"Bearer {endpoint.key}"}
    transport = httpx.AsyncHTTPTransport(uds=str(endpoint.socket))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://engine", timeout=120) as client,
        client.stream("POST", "/v1/chat/completions", json=body, headers=headers) as response,
    ):
        assert response.status_code == httpx.codes.OK
        yield response.aiter_lines()


async def finish_of(lines: AsyncIterator[str]) -> str | None:
    """Read an answer to its end, and return why it ended; None where it was cut."""
    reason = None
    try:
        async for line in lines:
            if line.startswith("data: {"):
                for choice in json.loads(line.removeprefix("data: ")).get("choices", []):
                    reason = choice["finish_reason"] or reason
    except httpx.TransportError:
        return None
    return reason


def engine_processes() -> list[psutil.Process]:
    """Return the engine, all that it started, and its tether."""
    return psutil.Process().children(recursive=True)


def named(processes: list[psutil.Process], name: str) -> psutil.Process:
    """Return the process of vLLM whose name begins so."""
    return next(process for process in processes if process.name().startswith(name))


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def expect_no_network(processes: list[psutil.Process]) -> None:
    """Fail where a process of the engine sees more than a loopback, and that of its own."""
    ours = Path("/proc/self/ns/net").readlink()
    for process in processes:
        if Path(f"/proc/{process.pid}/ns/net").readlink() == ours:
            assert "tether.py" in " ".join(process.cmdline()) or process.name() == "unshare"
            continue
        devices = Path(f"/proc/{process.pid}/net/dev").read_text("ascii").splitlines()[2:]
        assert [line.partition(":")[0].strip() for line in devices] == ["lo"]


async def expect_loaded(supervisor: EngineSupervisor, said: list[EngineStatus]) -> Endpoint:
    """Wait until it is ready, and fail where a phase or a figure is missing."""
    endpoint = await supervisor.ready(READY_S)
    phases = list(dict.fromkeys(status.phase for status in said))
    assert phases == ["starting", "loading_weights", "allocating_kv", "warming", "ready"]
    assert supervisor.status.version.startswith("0.3")
    assert supervisor.status.memory.kv_bytes == 256 << 20
    assert supervisor.status.memory.kv_tokens
    assert not any(endpoint.key in line for line in supervisor.logs())
    return endpoint


async def expect_restart(supervisor: EngineSupervisor, endpoint: Endpoint) -> Endpoint:
    """Kill EngineCore in the middle of an answer, and fail where it is not replaced with all of it."""
    first = engine_processes()
    with supervisor.using():
        async with streaming(endpoint, 1500) as lines:
            await anext(lines)
            named(first, "VLLM::EngineCor").kill()
            assert await finish_of(lines) is None
        assert not await supervisor.suspect()
    second = await supervisor.ready(READY_S)
    assert second.socket != endpoint.socket
    assert alive(first) == []
    assert supervisor.status.restarts == 1
    assert await supervisor.suspect()
    return second


async def test_the_model_lives_dies_and_lives_again(setting: EngineSetting, tmp_path: Path) -> None:
    """All phases, a killed EngineCore in the middle of an answer, the next one, a stop that drains."""
    async with supervised(setting, tmp_path) as (supervisor, said):
        endpoint = await expect_loaded(supervisor, said)
        expect_no_network(engine_processes())
        endpoint = await expect_restart(supervisor, endpoint)
        percents = [status.progress.percent for status in said if status.progress]
        assert percents[-1] is not None
        async with streaming(endpoint, 300) as lines:
            await anext(lines)
            stop = asyncio.create_task(supervisor.stop())
            assert await finish_of(lines) == "length"
        await stop
        assert supervisor.status.phase == "stopped"
        assert engine_processes() == []


def test_a_killed_server_leaves_no_engine(setting: EngineSetting, tmp_path: Path) -> None:
    """`kill -9` of the process that hosts it: five seconds later nothing runs, and no socket lies there."""
    given = [str(setting.python), str(setting.weights), str(tmp_path)]
    argv = [sys.executable, "-m", "tests.fakes.engine_owner", *given]
    owner = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert owner.stdout is not None
        socket = owner.stdout.readline().strip()
        assert socket.endswith(".sock"), socket
        processes = psutil.Process(owner.pid).children(recursive=True)
        assert len(processes) >= 4
    finally:
        owner.send_signal(signal.SIGKILL)
        owner.communicate()
    began_s = time.monotonic()
    while alive(processes) and time.monotonic() - began_s < PROMISED_S:
        time.sleep(0.05)
    assert alive(processes) == []
    assert not os.path.lexists(socket)


async def test_a_damaged_file_is_told(setting: EngineSetting, tmp_path: Path) -> None:
    """As such, and not tried again."""
    damaged = tmp_path / "weights"
    await asyncio.to_thread(shutil.copytree, setting.weights, damaged)
    os.truncate(damaged / "model.safetensors", 1 << 20)
    async with supervised(replace(setting, weights=damaged), tmp_path) as (supervisor, _):
        with pytest.raises(EngineLoadError) as caught:
            await supervisor.ready(READY_S)
        assert caught.value.reason == "corrupt_weights"


async def test_an_unknown_argument_is_told(setting: EngineSetting, tmp_path: Path) -> None:
    """With its name, as the parser of vLLM says it."""
    wrong = replace(setting, extra_args=("--no-such-flag",))
    async with supervised(wrong, tmp_path) as (supervisor, _):
        with pytest.raises(EngineLoadError, match="--no-such-flag") as caught:
            await supervisor.ready(READY_S)
        assert caught.value.reason == "bad_flag"
