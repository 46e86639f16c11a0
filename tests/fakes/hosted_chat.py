"""A child that passes for vLLM: health and metrics of its own, answers from recorded streams.

python -m tests.fakes.hosted_chat --socket PATH --delay-ms 20
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from gptoss_lab.engines.launch import Endpoint, EngineSetting, LaunchCommand, LineFact
from gptoss_lab.schemas.model import EngineFailure, EngineKind, EnginePhase
from tests.fakes.chat_server import ChatServer, Received

ROOT = Path(__file__).resolve().parents[2]
METRICS = b'vllm:num_requests_running{engine="0"} 0.0\nvllm:generation_tokens_total{engine="0"} 7.0\n'
ONE_TOKEN = json.dumps({"choices": [{"message": {"content": "y"}}]}).encode()


class HostedChatServer(ChatServer):
    """Streams to whoever asks for a stream, and gives one token to whoever does not."""

    def _refusal(self, request: Received, script: str) -> tuple[str, str, bytes] | None:
        if request.path == "/health":
            return "200 OK", "text/plain", b""
        if request.path == "/metrics":
            return "200 OK", "text/plain", METRICS
        if request.body and not request.body.get("stream"):
            return "200 OK", "application/json", ONE_TOKEN
        return super()._refusal(request, script)


class HostedChatLauncher:
    """Starts it in the place of vLLM."""

    kind: EngineKind = "vllm"

    def __init__(self, delay_ms: int = 20) -> None:
        self._delay_ms = delay_ms

    def command(self, setting: EngineSetting, endpoint: Endpoint) -> LaunchCommand:
        """Return how to start it."""
        options = ("--socket", str(endpoint.socket), "--delay-ms", str(self._delay_ms))
        argv = (sys.executable, "-m", "tests.fakes.hosted_chat", *options)
        assert setting.served_name
        return LaunchCommand(argv, {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}, ROOT)

    def read_line(self, line: str) -> LineFact | None:
        """Know one line."""
        return (
            LineFact(phase="loading_weights", message="The weights are read") if "loading" in line else None
        )

    def diagnose(
        self, phase: EnginePhase, code: int | None, tail: Sequence[str], setting: EngineSetting
    ) -> EngineFailure:
        """Say that it ended."""
        del tail, setting
        return EngineFailure(phase=phase, code="crashed", message=f"It ended with {code}.", hint="Look.")


async def _serve(socket: str, delay_ms: float) -> None:
    print("loading", flush=True)  # noqa: T201 - the supervisor reads it
    async with HostedChatServer(socket=socket, delay_ms=delay_ms):
        await asyncio.Event().wait()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", required=True)
    parser.add_argument("--delay-ms", type=float, default=0)
    options = parser.parse_args()
    asyncio.run(_serve(options.socket, options.delay_ms))


if __name__ == "__main__":
    main()
