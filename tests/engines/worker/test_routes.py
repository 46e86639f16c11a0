"""The worker's HTTP on a unix socket, with a network that computes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gptoss_lab.engines.families import family_of
from gptoss_lab.engines.worker import routes as routes_module
from gptoss_lab.engines.worker.http import MAX_HEAD_BYTES
from gptoss_lab.engines.worker.options import Options
from gptoss_lab.engines.worker.routes import Routes
from gptoss_lab.engines.worker.station import Station
from tests.fakes.networks import FakeNetwork

ANSWER = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes<|return|>"
ENDLESS = "<|channel|>final<|message|>" + "na " * 50_000


class Place:
    """A worker that serves a fake, and a client of it."""

    def __init__(self, station: Station, routes: Routes, socket: Path) -> None:
        self.station = station
        self.routes = routes
        self.socket = socket
        self.client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket)), base_url="http://worker", timeout=20
        )

    async def chat(self, text: str = "Hi", key: str = "k", **fields: Any) -> httpx.Response:
        """Ask, and return the whole answer."""
        return await self.client.post("/v1/chat/completions", **request(text, key, **fields))

    async def become(self, *, running: int, waiting: int) -> None:
        """Wait until so many run and wait."""
        while (self.station.line.running, self.station.line.waiting) != (running, waiting):  # noqa: ASYNC110 - what runs sets no event
            await asyncio.sleep(0.005)


def request(text: str = "Hi", key: str = "k", **fields: Any) -> dict[str, Any]:
    """Return body and headers of a question."""
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **fields}
    return {"json": body, "headers": {"Authorization": f"Bearer {key}", "X-Request-Id": "r1"}}


@asynccontextmanager
async def served(network: FakeNetwork | None, folder: Path, **options: Any) -> AsyncIterator[Place]:
    """Serve a network, or one that is still loading."""
    socket = folder / "w.sock"
    chosen = {"name": "m", "date": "2026-11-26", "key": "k", **options}
    station = Station(Options(weights=folder, socket=socket, **chosen))
    routes = Routes(station)
    server = await asyncio.start_unix_server(routes.accept, str(socket), limit=2 * MAX_HEAD_BYTES)
    if network:
        station.serve(network, "5.19.0")
    place = Place(station, routes, socket)
    try:
        yield place
    finally:
        await place.client.aclose()
        await station.line.close()
        server.close()
        await routes.drain(5)


def events(response: httpx.Response) -> list[Any]:
    """Return what the events of a stream hold."""
    rows = [row.removeprefix("data: ") for row in response.text.split("\n\n") if row]
    return [row if row == "[DONE]" else json.loads(row) for row in rows]


async def test_what_loads_says_so(tmp_path: Path) -> None:
    """With 503, and when to come back."""
    async with served(None, tmp_path) as place:
        for path in ("/health", "/v1/models"):
            response = await place.client.get(path, headers={"Authorization": "Bearer k"})
            assert (response.status_code, response.headers["retry-after"]) == (503, "2")
        assert (await place.chat()).status_code == 503
        assert (await place.client.get("/metrics")).status_code == 200


async def test_a_chat_is_streamed_and_given_in_whole(tmp_path: Path) -> None:
    """Both say the same; the second finds its prompt in the cache."""
    async with served(FakeNetwork(ANSWER), tmp_path) as place:
        stream = await place.chat(stream=True)
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["x-request-id"] == "r1"
        *chunks, usage, done = events(stream)
        text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
        assert (text, done) == ("Yes", "[DONE]")
        assert usage["usage"]["prompt_tokens_details"] == {"cached_tokens": 0}
        whole = (await place.chat()).json()
        assert whole["choices"][0]["message"]["content"] == "Yes"
        prompt_tokens = whole["usage"]["prompt_tokens"]
        assert whole["usage"]["prompt_tokens_details"]["cached_tokens"] == (prompt_tokens - 1) // 16 * 16


async def test_models_version_and_metrics_are_told(tmp_path: Path) -> None:
    """In the form of vLLM."""
    async with served(FakeNetwork(ANSWER), tmp_path, max_model_len=1000) as place:
        await place.chat()
        headers = {"Authorization": "Bearer k"}
        listing = (await place.client.get("/v1/models", headers=headers)).json()
        rows = listing["data"]
        assert family_of({}, listing) == "vllm"
        assert (rows[0]["id"], rows[0]["max_model_len"]) == ("m", 1000)
        assert (await place.client.get("/version")).json()["version"] == "5.19.0"
        assert (await place.client.get("/health")).status_code == 200
        metrics = (await place.client.get("/metrics")).text
        assert 'vllm:num_requests_running{engine="0",model_name="m"} 0' in metrics
        assert 'vllm:request_success_total{engine="0",model_name="m",finished_reason="stop"} 1' in metrics


async def test_the_key_is_asked_for(tmp_path: Path) -> None:
    """Of all under /v1, whatever the method; health and metrics are open on this socket."""
    async with served(FakeNetwork(ANSWER), tmp_path) as place:
        assert (await place.chat(key="wrong")).status_code == 401
        assert (await place.client.get("/v1/models")).status_code == 401
    async with served(FakeNetwork(ANSWER), tmp_path, key="") as place:
        assert (await place.client.get("/v1/models")).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reasoning_effort": "extreme"}, "reasoning_effort"),
        ({"text": "word " * 5000}, "maximum context length is 4096 tokens"),
    ],
)
async def test_what_cannot_be_answered_is_refused(tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    """Before a stream begins."""
    async with served(FakeNetwork(ANSWER), tmp_path) as place:
        response = await place.chat(stream=True, **fields)
        assert response.status_code == 400
        assert words in response.json()["error"]["message"]


async def test_addresses_and_methods_are_few(tmp_path: Path) -> None:
    """The others are not found, or not allowed."""
    async with served(FakeNetwork(ANSWER), tmp_path) as place:
        assert (await place.client.post("/invocations", json={})).status_code == 404
        assert (await place.client.get("/v1/chat/completions")).status_code == 405
        _, writer = await asyncio.open_unix_connection(str(place.socket))
        writer.write(b"nonsense\r\n\r\n")
        assert b" 400 " in await _.readline()
        writer.close()


async def test_the_answer_ends_at_its_budget(tmp_path: Path) -> None:
    """And never beyond the window."""
    async with served(FakeNetwork(ENDLESS), tmp_path, max_model_len=200) as place:
        cut = (await place.chat(max_completion_tokens=5)).json()
        assert (cut["choices"][0]["finish_reason"], cut["usage"]["completion_tokens"]) == ("length", 5)
        assert (await place.chat(max_completion_tokens=4000)).json()["usage"]["total_tokens"] == 200


async def test_a_client_that_leaves_stops_its_generation(tmp_path: Path) -> None:
    """Within a second, at work and in line; the next is served."""
    network = FakeNetwork(ENDLESS, pass_s=0.01)
    async with served(network, tmp_path) as place:
        async with place.client.stream("POST", "/v1/chat/completions", **request(stream=True)) as response:
            pieces = response.aiter_raw()
            assert await pieces.__anext__()
            waiting = asyncio.ensure_future(place.chat())
            await place.become(running=1, waiting=1)
            waiting.cancel()
            await place.become(running=1, waiting=0)
        await asyncio.wait_for(place.become(running=0, waiting=0), 1)
        network.pass_s = 0
        assert (await place.chat(max_completion_tokens=3)).status_code == 200


async def test_a_full_line_is_refused_at_once(tmp_path: Path) -> None:
    """With the time to come back."""
    async with served(FakeNetwork(ENDLESS, pass_s=0.01), tmp_path, max_waiting=0) as place:
        running = asyncio.ensure_future(place.chat(stream=True))
        await place.become(running=1, waiting=0)
        response = await place.chat(stream=True)
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
        running.cancel()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RuntimeError("CUDA out of memory. secret"), "ran out of memory"),
        (ValueError("secret"), "The engine failed: ValueError"),
    ],
)
async def test_a_fault_is_told_and_survived(
    tmp_path: Path, fault: Exception, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the stream or as a status; what it quotes is told to nobody."""
    network = FakeNetwork(ANSWER, fault=fault)
    async with served(network, tmp_path) as place:
        error, done = events(await place.chat(stream=True))
        assert words in error["error"]["message"]
        assert done == "[DONE]"
        network.fault = fault
        whole = await place.chat()
        assert whole.status_code == 500
        assert words in whole.json()["error"]["message"]
        assert (await place.chat()).json()["choices"][0]["message"]["content"] == "Yes"
        assert network.released == (2 if "memory" in words else 0)
    assert "secret" not in capsys.readouterr().out + str(error) + whole.text


async def test_a_stop_is_told_in_the_stream(tmp_path: Path) -> None:
    """The client learns that it was not the end of the answer."""
    async with served(FakeNetwork(ENDLESS, pass_s=0.01), tmp_path) as place:
        running = asyncio.ensure_future(place.chat(stream=True))
        await place.become(running=1, waiting=0)
        while not place.station.metrics.generation_tokens:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.005)
        place.station.stopping = True
        place.station.line.abort_all()
        *_, error, done = events(await running)
        assert (error["error"]["code"], done) == (503, "[DONE]")
        assert (await place.chat()).status_code == 503


async def test_a_client_that_does_not_read_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not taken does not pile up."""
    monkeypatch.setattr("gptoss_lab.engines.worker.http._WRITE_TIMEOUT_S", 0.05)
    async with served(FakeNetwork(ENDLESS), tmp_path) as place:
        reader, writer = await asyncio.open_unix_connection(str(place.socket), limit=1024)
        given = request(stream=True)
        body = json.dumps(given["json"]).encode()
        writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer k\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        await reader.readline()
        await place.become(running=1, waiting=0)
        await asyncio.wait_for(place.become(running=0, waiting=0), 10)
        assert (await place.client.get("/health")).status_code == 200
        writer.close()


async def test_connections_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is refused."""
    monkeypatch.setattr(routes_module, "_MAX_CONNECTIONS", 1)
    async with served(FakeNetwork(ANSWER), tmp_path) as place:
        _, writer = await asyncio.open_unix_connection(str(place.socket))
        await asyncio.sleep(0.05)
        assert (await place.client.get("/health")).status_code == 503
        writer.close()
