"""What an engine is asked, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gptoss_lab.engines.health import EngineProbe, TokenFault, work_done
from gptoss_lab.engines.launch import Endpoint

PATIENCE_S = 20.0


@asynccontextmanager
async def answering(folder: Path, answer: bytes) -> AsyncIterator[EngineProbe]:
    """Serve one answer to every request; b"" keeps silent."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not answer:
            await over.wait()
        writer.write(answer)
        await writer.drain()
        writer.close()

    socket = folder / "e.sock"
    server = await asyncio.start_unix_server(serve, socket)
    probe = EngineProbe(Endpoint(socket, "gpt-oss-20b", "k"))
    try:
        yield probe
    finally:
        over.set()
        await probe.close()
        server.close()


def reply(status: int, body: str = "") -> bytes:
    """Return an HTTP answer."""
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("answer", "health", "limit_s"),
    [
        (reply(200), "well", PATIENCE_S),
        (reply(503), "dead", PATIENCE_S),
        (b"", "silent", 0.05),
        (b"garbage\r\n\r\n", "silent", PATIENCE_S),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", "silent", PATIENCE_S),
    ],
)
async def test_health_has_four_answers(tmp_path: Path, answer: bytes, health: str, limit_s: float) -> None:
    """Only 200 is well."""
    async with answering(tmp_path, answer) as probe:
        assert await probe.health(limit_s) == health


async def test_an_engine_that_does_not_listen_is_absent(tmp_path: Path) -> None:
    """It may still load."""
    probe = EngineProbe(Endpoint(tmp_path / "e.sock", "m"))
    assert await probe.health(PATIENCE_S) == "absent"
    assert await probe.metrics(PATIENCE_S) == ""
    assert not await probe.post("/sleep", PATIENCE_S)
    await probe.close()


@pytest.mark.parametrize(
    ("answer", "fault", "limit_s"),
    [
        (reply(200, "{}"), None, PATIENCE_S),
        (reply(401, "no key"), TokenFault("it answered 401: no key", 401), PATIENCE_S),
        (reply(500, "x" * 999), TokenFault(f"it answered 500: {'x' * 300}", 500), PATIENCE_S),
        (b"", TokenFault("it gave no token in 0.05 s"), 0.05),
        (b"garbage\r\n\r\n", TokenFault("it broke off (RemoteProtocolError)", 0), PATIENCE_S),
    ],
)
async def test_a_token_comes_or_a_sentence_says_why_not(
    tmp_path: Path, answer: bytes, fault: TokenFault | None, limit_s: float
) -> None:
    """Bounded in length and in time."""
    async with answering(tmp_path, answer) as probe:
        assert await probe.fault(limit_s) == fault


async def test_a_cancelled_question_ends_at_once(tmp_path: Path) -> None:
    """And is not taken for silence."""
    async with answering(tmp_path, b"") as probe:
        asking = asyncio.create_task(probe.health(PATIENCE_S))
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.wait({asking}, timeout=5)
        assert asking.cancelled()


async def test_each_question_has_a_connection_of_its_own(tmp_path: Path) -> None:
    """One that is kept may be closed just when it is used again, which says nothing of the engine."""
    connections = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_unix_server(serve, tmp_path / "e.sock")
    probe = EngineProbe(Endpoint(tmp_path / "e.sock", "m"))
    assert [await probe.health(PATIENCE_S) for _ in range(3)] == ["well"] * 3
    await probe.close()
    server.close()
    assert len(connections) == 3


def test_work_is_counted_in_tokens() -> None:
    """In whatever counters an engine has; other lines and odd ones count nothing."""
    text = """# HELP vllm:prompt_tokens_total Number of tokens
vllm:prompt_tokens_total{engine="0",model_name="tokens"} 12.0
vllm:generation_tokens_total{engine="0"} 30
vllm:num_requests_running{model_name="tokens"} 5
vllm:odd_tokens_total{engine="0"} many
"""
    assert work_done(text) == 42.0
    assert work_done("") is None
