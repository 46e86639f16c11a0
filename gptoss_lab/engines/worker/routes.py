"""What is answered at which address."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from gptoss_lab.engines.worker.answer import Answer
from gptoss_lab.engines.worker.ask import Ask, read_ask
from gptoss_lab.engines.worker.faults import Aborted, GenerationError, Refused
from gptoss_lab.engines.worker.generate import Job
from gptoss_lab.engines.worker.http import Reply, Request, error_body, read_request
from gptoss_lab.engines.worker.line import Alive
from gptoss_lab.engines.worker.report import say_fault
from gptoss_lab.engines.worker.station import Station

_METHODS = {
    "/health": "GET",
    "/version": "GET",
    "/metrics": "GET",
    "/v1/models": "GET",
    "/v1/chat/completions": "POST",
}
_MAX_CONNECTIONS = 64
_OUT_OF_MEMORY = (
    "The engine ran out of memory at this request. It goes on; send a shorter prompt, or lower max_model_len"
)


class Routes:
    """Answers connections, one request each.

    Args:
        station: The state of the worker.
    """

    def __init__(self, station: Station) -> None:
        self._station = station
        self._open: set[asyncio.Future[None]] = set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        serving = asyncio.ensure_future(self._serve(reader, writer))
        self._open.add(serving)
        try:
            await serving
        except ConnectionError:
            pass  # the client has gone; what it asked for is given up
        except Exception as error:  # noqa: BLE001 - one bad connection must not end the worker, nor be quoted
            say_fault("connection", error)
        finally:
            self._open.discard(serving)
            writer.close()

    async def drain(self, timeout_s: float) -> None:
        """Wait until all that was asked is answered, for so long at most."""
        if self._open:
            await asyncio.wait(self._open, timeout=timeout_s)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reply = Reply(writer)
        try:
            self._require_few()
            request = await read_request(reader)
            if request is None:
                return
            reply = Reply(writer, request.headers.get("x-request-id", ""))
            await self._while_there(reader, request, reply)
        except Refused as refusal:
            await reply.refuse(refusal)

    def _require_few(self) -> None:
        if len(self._open) > _MAX_CONNECTIONS:
            raise Refused(503, "Too many connections", retry_after_s=1)

    async def _while_there(self, reader: asyncio.StreamReader, request: Request, reply: Reply) -> None:
        """Answer for as long as the client stays."""
        answering = asyncio.ensure_future(self._answer(request, reply))
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
        finally:
            leaving.cancel()
            answering.cancel()
            await asyncio.wait({leaving, answering})

    async def _answer(self, request: Request, reply: Reply) -> None:
        method = _METHODS.get(request.path)
        if method is None:
            raise Refused(404, "Not Found")
        if request.method != method:
            raise Refused(405, f"Use {method} here")
        key = self._station.options.key
        if key and request.path.startswith("/v1/") and not request.brings(key):
            raise Refused(401, "Unauthorized")
        if request.path == "/v1/chat/completions":
            await self._chat(request, reply)
        elif request.path == "/metrics":
            line = self._station.line
            text = self._station.metrics.render(line.running, line.waiting, self._station.kv_usage)
            await reply.send(200, text.encode(), "text/plain; version=0.0.4; charset=utf-8")
        else:
            await self._tell(request.path, reply)

    async def _tell(self, path: str, reply: Reply) -> None:
        station = self._station
        if path == "/version":
            await reply.send_json(200, {"version": station.version, "engine": "transformers"})
            return
        station.require_ready()
        if path == "/health":
            await reply.send(200, b"", "text/plain")
            return
        model = {"id": station.options.name, "object": "model", "owned_by": "gptoss_lab"}
        rows = [{**model, "max_model_len": station.max_model_len}]
        await reply.send_json(200, {"object": "list", "data": rows})

    async def _chat(self, request: Request, reply: Reply) -> None:
        station = self._station
        station.require_ready()
        ask = read_ask(request.body, station.options.name)
        job = await asyncio.to_thread(station.job, ask)
        station.line.require_room()
        try:
            await self._generate(ask, job, reply)
        except Aborted:
            await _fail(reply, 503, "The model is being stopped")
        except GenerationError as fault:
            await _fail(
                reply, 500, _OUT_OF_MEMORY if fault.out_of_memory else f"The engine failed: {fault.kind}"
            )

    async def _generate(self, ask: Ask, job: Job, reply: Reply) -> None:
        station = self._station
        answer = Answer(station.options.name, station.metrics)
        async with aclosing(station.line.run(station.work(job))) as steps:
            if ask.stream:
                await reply.begin_stream()
            async for step in steps:
                if isinstance(step, Alive):
                    if ask.stream:
                        await reply.beat()
                    continue
                for chunk in answer.take(step):
                    if ask.stream:
                        await reply.event(chunk)
        if ask.stream:
            await reply.end_stream()
        else:
            await reply.send_json(200, answer.whole())


async def _fail(reply: Reply, status: int, message: str) -> None:
    if not reply.begun:
        await reply.refuse(Refused(status, message))
        return
    await reply.event(error_body(status, message))
    await reply.end_stream()
