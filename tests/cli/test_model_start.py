"""`jupyter gptoss model start|stop|status|logs`."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from gptoss_lab.cli import model_start, model_view, servers
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.model import (
    EngineMemory,
    EngineMetrics,
    EnginePhase,
    EngineProgress,
    ModelLogs,
    ModelState,
)
from tests.fakes.models import OLLAMA, failure, until
from tests.fakes.services import FakeServices

Invoke = Callable[..., Result]


class FakeServerModel:
    """The model of a running server, through whose phases a test leads it."""

    url = "http://localhost:8888/"

    def __init__(self, *phases: EnginePhase) -> None:
        self.phases = list(phases)
        self.told: list[str] = []

    async def state(self) -> ModelState:
        """Go one phase further, and stay in the last."""
        phase = self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]
        broken = phase == "failed"
        loading = phase not in {"ready", "failed", "stopped"}
        return ModelState(
            engine="vllm",
            phase=phase,
            model="gpt-oss-20b",
            source="openai/gpt-oss-20b",
            version="0.32.0",
            max_model_len=8192,
            progress=EngineProgress(percent=43, remaining_s=20) if loading else None,
            failure=failure("oom_gpu", "No room", "Free some.") if broken else None,
            memory=EngineMemory(weights_bytes=13_800_000_000),
            metrics=EngineMetrics(tokens_per_s=42.0, ttft_s=0.1),
            found=(OLLAMA,),
            restarts=1,
        )

    async def start(self, attach: str = "") -> ModelState:
        """Begin."""
        self.told.append(f"start {attach}".strip())
        return await self.state()

    async def stop(self) -> ModelState:
        """End."""
        self.told.append("stop")
        return ModelState(phase="stopped", model="gpt-oss-20b")

    async def logs(self) -> ModelLogs:
        """Return many lines."""
        return ModelLogs(lines=tuple(f"line {number}" for number in range(100)))


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> FakeServerModel:
    """The one server that runs."""
    model = FakeServerModel("resolving", "loading_weights", "ready")
    monkeypatch.setattr(model_view, "LOOK_EVERY_S", 0.01)

    async def find(wanted: str = "") -> FakeServerModel:
        model.told.append(f"find {wanted}".strip())
        return model

    monkeypatch.setattr(servers, "find_server", find)
    return model


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No server runs."""
    monkeypatch.setattr(servers, "running_servers", list)
    monkeypatch.setattr(model_view, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(model_start, "LOOK_EVERY_S", 0.01)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def test_start_shows_the_phases_of_the_running_server(running: FakeServerModel, invoke: Invoke) -> None:
    """Until it is ready, then says where."""
    result = invoke("model", "start", "--server", "http://localhost:8888/", "--attach", OLLAMA.url)
    assert (result.exit_code, running.told) == (
        0,
        ["find http://localhost:8888/", f"start {OLLAMA.url}"],
    )
    assert "loading weights (43%)" in result.stderr
    assert "gpt-oss-20b is ready in http://localhost:8888/" in result.stdout


def test_start_need_not_wait(running: FakeServerModel, invoke: Invoke) -> None:
    """The server goes on by itself."""
    running.phases = ["resolving"]
    result = invoke("model", "start", "--no-wait", "--json")
    assert (result.exit_code, json.loads(result.stdout)["phase"]) == (0, "resolving")


def test_a_start_that_fails_says_why(running: FakeServerModel, invoke: Invoke) -> None:
    """The last lines of the engine, what happened, and what to do."""
    running.phases = ["starting", "failed"]
    result = invoke("model", "start")
    assert result.exit_code == 1
    for words in ("last words", "No room. (oom_gpu)", "Free some."):
        assert words in result.stderr


def test_status_in_words_and_as_json(running: FakeServerModel, invoke: Invoke) -> None:
    """What is known and nothing else; a failure is exit code 1."""
    running.phases = ["ready"]
    result = invoke("model", "status")
    assert result.exit_code == 0
    for words in (
        "gpt-oss-20b: ready",
        "engine: vllm 0.32.0",
        "weights 13.8 GB",
        "42.0 tokens/s, first token after 0.10 s",
        "window: 8,192 tokens",
        "Ollama at http://127.0.0.1:11434/v1",
    ):
        assert words in result.stdout
    assert "GPU" not in result.stdout
    running.phases = ["loading_weights"]
    assert "loading weights 43 %, about 20 s" in invoke("model", "status").stdout
    running.phases = ["failed"]
    result = invoke("model", "status", "--json")
    assert (result.exit_code, json.loads(result.stdout)["failure"]["code"]) == (1, "oom_gpu")
    assert "No room" in invoke("model", "status").stderr


def test_stop_and_logs(running: FakeServerModel, invoke: Invoke) -> None:
    """Stop waits for the end; logs are the last ones."""
    result = invoke("model", "stop")
    assert (result.exit_code, running.told[-1]) == (0, "stop")
    result = invoke("model", "logs", "-n", "2")
    assert (result.exit_code, result.stdout) == (0, "line 98\nline 99\n")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("verb", ["stop", "status", "logs"])
def test_without_a_server_it_says_so(verb: str, invoke: Invoke) -> None:
    """And how to start one."""
    result = invoke("model", verb)
    assert result.exit_code == 2
    assert "No Jupyter server of yours that has gptoss_lab runs." in result.stderr
    assert "jupyter lab" in result.stderr


def list_of(keys: Path) -> list[Path]:
    """Return the files of keys."""
    return list(keys.glob("*.key"))


async def lead(services: FakeServices, keys: Path, modes: list[str]) -> None:
    """Lead the hosted model through its life; note what its key is kept with."""
    await until(lambda: services.parts.supervisors)
    services.parts.supervisor.reach("loading_weights", percent=50, left_s=10)
    state, seen = services.models.state, [0]

    def counted() -> ModelState:
        seen[0] += 1
        return state()

    services.models.state = counted  # type: ignore[method-assign]
    await until(lambda: seen[0] > 2)
    services.parts.supervisor.reach("ready")
    await until(lambda: list_of(keys))
    (key,) = list_of(keys)
    modes.append(f"{stat.S_IMODE(key.stat().st_mode):o} {key.read_text()}")
    services.parts.supervisor.reach("stopped")


@pytest.mark.usefixtures("alone")
def test_without_a_server_the_model_is_hosted_here(
    services: FakeServices, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its phases are shown, its address is printed, and its key lies in a file of this user alone."""
    keys = tmp_path / "gptoss_lab"
    modes: list[str] = []
    start = services.models.start
    leading: list[asyncio.Future[None]] = []

    async def begin(request: object = None) -> ModelState:
        assert request is None
        leading.append(asyncio.ensure_future(lead(services, keys, modes)))
        return await start()

    monkeypatch.setattr(services.models, "start", begin)
    result = invoke("model", "start")
    assert (result.exit_code, modes) == (0, ["600 secret"])
    assert "hosted here, until Ctrl-C" in result.stderr
    assert "loading weights (50%)" in result.stderr
    assert "'url': 'unix:///run/engine.sock'" in result.stdout
    assert "secret" not in result.output
    assert not list(keys.glob("*.key"))
    assert services.closed


@pytest.mark.usefixtures("alone")
def test_a_model_that_cannot_be_hosted_here(services: FakeServices, invoke: Invoke) -> None:
    """Exit code 1, with what to do."""
    services.parts.error = EngineLoadError("No engine.", reason="engine_missing", hint="Install it.")
    result = invoke("model", "start")
    assert result.exit_code == 1
    assert "No engine. (engine_missing)" in result.stderr
    assert "Install it." in result.stderr


def test_a_state_with_nothing_known_is_short() -> None:
    """No empty facts."""
    assert model_view._headline(ModelState()) == "no model: not set up"
    assert model_view._memory(ModelState()) == ""
    assert model_view._speed(EngineMetrics()) == ""
