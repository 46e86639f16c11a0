"""Servers on this machine are found by looking, and nothing else is taken for one."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gptoss_lab.engines.discovery import PORTS, find_servers, own_ports
from tests.fakes.chat_families import Kind, ServerKind
from tests.fakes.chat_server import MODEL, ChatServer


def port_of(server: ChatServer) -> int:
    """Return the port on which a fake listens."""
    return int(server.url.rpartition(":")[2].removesuffix("/v1"))


@asynccontextmanager
async def answering(raw: bytes) -> AsyncIterator[int]:
    """Serve the same bytes to everyone, and give the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def json_answer(body: bytes) -> bytes:
    """Return an answer of JSON."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return head + body


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("vllm", "vLLM"),
        ("llama_server", "llama-server"),
        ("ollama", "Ollama"),
        ("lm_studio", "LM Studio"),
        ("plain", "Chat server"),
    ],
)
async def test_each_server_is_found(kind: Kind, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named after what it is, with its models, and was asked once and without a key."""
    monkeypatch.setenv("GPTOSS_LAB_API_KEY", "sk-very-secret")
    async with ChatServer(kind=ServerKind(kind)) as server:
        found = await find_servers([port_of(server)], own=())
    assert [(entry.name, entry.models) for entry in found] == [(name, (MODEL,))]
    assert found[0].url == server.url
    assert [request.path for request in server.requests] == ["/v1/models"]
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("script", ["html", "refuse401", "redirect", "no_models"])
async def test_others_are_left_out(script: str) -> None:
    """A page, a server that wants a key, a redirect and an empty list are not offered."""
    async with ChatServer(script) as server:
        assert await find_servers([port_of(server)], own=()) == ()


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": [{"id": "text-embedding-nomic"}]}',
        b'{"data": [{"id": "a\\nb"}]}',
        b"[" * 100_000,
        b"not json",
        b'{"data": [' + b" " * (1 << 19) + b"]}",
    ],
)
async def test_what_is_no_chat_service(body: bytes) -> None:
    """Embeddings only, broken JSON and floods are left out."""
    async with answering(json_answer(body)) as port:
        assert await find_servers([port], own=()) == ()


async def test_our_own_server_is_never_asked() -> None:
    """Ports on which this process listens are left alone."""
    async with ChatServer(kind=ServerKind("vllm")) as server:
        assert port_of(server) in own_ports()
        assert await find_servers([port_of(server)]) == ()
    assert server.requests == []


async def test_a_silent_port_costs_little() -> None:
    """Something that accepts and says nothing does not keep the others."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        async with ChatServer(kind=ServerKind("vllm")) as server:
            began = time.monotonic()
            found = await find_servers([mute.getsockname()[1], port_of(server)], own=())
    assert [entry.name for entry in found] == ["vLLM"]
    assert time.monotonic() - began < 10


def test_the_usual_ports() -> None:
    """vLLM, llama-server, its preset, LM Studio and Ollama are looked for."""
    assert {8000, 8080, 8013, 1234, 11434} == set(PORTS)
