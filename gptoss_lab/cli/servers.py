"""The running Jupyter servers of this user, and the model of one of them over its interface."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from gptoss_lab import client
from gptoss_lab.client import AsyncClient, Patience, Server, running_servers
from gptoss_lab.client.errors import ProtocolError, ServerUnreachableError
from gptoss_lab.errors import GptossError, NotFoundError, RequestError
from gptoss_lab.schemas.model import ModelLogs, ModelState

ONCE = Patience(reply_s=60.0, retries=0)
"""What is asked by a person who waits, and of each server that runs, is asked once."""

NONE_RUNS = "No Jupyter server of yours that has gptoss_lab runs."
START_ONE = "Start one with `jupyter lab`; `jupyter gptoss model start` hosts the model without one."

Reply = TypeVar("Reply")


class ServerModel:
    """The model of a running server.

    Args:
        server: The server.
    """

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self._server = server

    async def state(self) -> ModelState:
        """Return how the model stands."""
        return await self._asked(lambda at: at.get_model())

    async def start(self, attach: str = "") -> ModelState:
        """Begin to start it, or attach a server that was found."""
        return await self._asked(lambda at: at.start_model(attach=attach))

    async def stop(self) -> ModelState:
        """Stop it and wait until it has ended."""
        return await self._asked(lambda at: at.stop_model())

    async def logs(self) -> ModelLogs:
        """Return the engine's last lines."""
        return await self._asked(lambda at: at.get_model_logs())

    async def _asked(self, ask: Callable[[AsyncClient], Awaitable[Reply]]) -> Reply:
        """Return the answer to a call.

        Raises:
            NotFoundError: Nothing answers, or no server with our extension.
            GptossError: The server refuses, or failed.
        """
        try:
            async with AsyncClient(self._server, patience=ONCE, transport=transport_of(self._server)) as at:
                return await ask(at)
        except (ServerUnreachableError, ProtocolError) as error:
            raise NotFoundError(error.message, hint=START_ONE) from error


async def find_server(wanted: str = "") -> ServerModel | None:
    """Return the running server that has our extension; None where there is none.

    Args:
        wanted: The address of the one to take; needed where there are several.

    Raises:
        NotFoundError: None answers at the address.
        RequestError: There are several, or the one at the address refuses us.
    """
    if wanted:
        model = ServerModel(client.find_server(wanted))
        await model.state()
        return model
    found = map(ServerModel, running_servers())
    able = [model for model in found if await _looked_at(model) is not None]
    if len(able) > 1:
        listed = ", ".join(model.url for model in able)
        raise RequestError(
            f"Several of your Jupyter servers run: {listed}.", hint="Name one with --server URL."
        )
    return able[0] if able else None


async def the_server(wanted: str = "") -> ServerModel:
    """Return what `find_server` does.

    Raises:
        NotFoundError: There is none.
    """
    found = await find_server(wanted)
    if found is None:
        raise NotFoundError(NONE_RUNS, hint=START_ONE)
    return found


async def models_running() -> list[tuple[str, ModelState]]:
    """Return the address of each running server that has our extension, and how its model stands."""
    models = [ServerModel(record) for record in running_servers()]
    states = await asyncio.gather(*map(_looked_at, models))
    return [(model.url, state) for model, state in zip(models, states, strict=True) if state is not None]


def transport_of(server: Server) -> httpx.AsyncBaseTransport | None:
    """Return the way to a server where it is not the usual one."""
    return httpx.AsyncHTTPTransport(uds=server.socket) if server.socket else None


async def _looked_at(model: ServerModel) -> ModelState | None:
    try:
        return await model.state()
    except GptossError:
        return None  # it has ended, knows us not, or has a password: not one that we can steer
