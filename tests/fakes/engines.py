"""A supervisor over the engine that plays one."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil

from gptoss_lab.engines.launch import Endpoint, EngineSetting, LaunchCommand, LineFact
from gptoss_lab.engines.status import EngineStatus, Patience
from gptoss_lab.engines.supervisor import EngineSupervisor
from gptoss_lab.engines.vllm import VllmLauncher
from gptoss_lab.schemas.model import EngineFailure, EngineKind, EnginePhase

FAKE = Path(__file__).with_name("fake_engine.py")
LOGS = Path(__file__).with_name("engine_logs")
HASTE = Patience(
    poll_s=0.02,
    watch_s=0.05,
    health_s=20.0,
    probe_s=20.0,
    leave_s=5.0,
    backoff_s=(0.01, 0.02, 0.03),
    settled_s=60.0,
)
WAIT_S = 30.0


class FakeLauncher:
    """Starts the fake with the setting's extra arguments, and understands it as vLLM."""

    kind: EngineKind = "vllm"

    def command(self, setting: EngineSetting, endpoint: Endpoint) -> LaunchCommand:
        argv = (str(setting.python), str(FAKE), "--uds", str(endpoint.socket), *setting.extra_args)
        return LaunchCommand(argv, {"PATH": "/usr/bin:/bin", "VLLM_API_KEY": endpoint.key}, setting.weights)

    def read_line(self, line: str) -> LineFact | None:
        return VllmLauncher().read_line(line)

    def diagnose(
        self, phase: EnginePhase, code: int | None, tail: Sequence[str], setting: EngineSetting
    ) -> EngineFailure:
        return VllmLauncher().diagnose(phase, code, tail, setting)


class Hosted:
    """A supervisor of a fake, and what it said."""

    def __init__(
        self,
        folder: Path,
        *args: str,
        patience: Patience = HASTE,
        idle_stop_s: float = 0.0,
        sleep: bool = False,
        start_timeout_s: float = WAIT_S,
    ) -> None:
        self.said: list[EngineStatus] = []
        setting = EngineSetting(
            python=Path(sys.executable),
            weights=folder,
            served_name="gpt-oss-20b",
            shutdown_timeout_s=2.0,
            start_timeout_s=start_timeout_s,
            sleep=sleep,
            extra_args=args,
        )
        self.supervisor = EngineSupervisor(
            FakeLauncher(),
            setting,
            folder=folder / "starts",
            on_change=self.said.append,
            idle_stop_s=idle_stop_s,
            patience=patience,
        )

    @property
    def phases(self) -> list[EnginePhase]:
        """The phases that were announced, each once for as long as it lasted."""
        phases = [status.phase for status in self.said]
        return [phase for place, phase in enumerate(phases) if place == 0 or phase != phases[place - 1]]

    async def until(self, holds: Callable[[EngineStatus], bool]) -> EngineStatus:
        """Wait until a status is as wanted."""
        deadline_s = asyncio.get_running_loop().time() + WAIT_S
        while not holds(self.supervisor.status):
            assert asyncio.get_running_loop().time() < deadline_s, (
                self.supervisor.status,
                self.supervisor.logs(),
            )
            await asyncio.sleep(0.01)
        return self.supervisor.status

    async def tell(self, word: str) -> None:
        """Have the fake misbehave."""
        endpoint = self.supervisor.endpoint
        assert endpoint is not None
        transport = httpx.AsyncHTTPTransport(uds=str(endpoint.socket), verify=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://engine") as client:
            try:
                await client.post(f"/fake/{word}")
            except httpx.HTTPError:
                assert word in {"crash", "kill"}


@asynccontextmanager
async def hosted(folder: Path, *args: str, **options: object) -> AsyncIterator[Hosted]:
    """Lend a supervisor, not started yet, and close it."""
    engine = Hosted(folder, *args, **options)  # type: ignore[arg-type] # handed through
    try:
        yield engine
    finally:
        await engine.supervisor.close()


def children() -> list[psutil.Process]:
    """Return the engines and tethers that this process started."""
    return [process for process in psutil.Process().children(recursive=True) if process.is_running()]


async def pid_in(path: Path) -> int:
    """Wait for the number that a child of the fake writes."""
    deadline_s = time.monotonic() + WAIT_S
    while time.monotonic() < deadline_s:
        text = await asyncio.to_thread(lambda: path.read_text("ascii") if path.exists() else "")
        if text:
            return int(text)
        await asyncio.sleep(0.01)
    raise AssertionError(f"no number in {path}")


def known(engine: Hosted) -> list[psutil.Process]:
    """Return what the supervisor has seen below the tether."""
    life = engine.supervisor._life
    return life._process._known if life and life._process else []
