"""The running Jupyter servers of this user, and the model of one of them over its interface."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from jupyter_server.serverapp import list_running_servers

from gptoss_lab.errors import GptossError, NotFoundError, RequestError
from gptoss_lab.schemas.model import ModelLogs, ModelState

TIMEOUT = httpx.Timeout(10.0, read=60.0)
NONE_RUNS = "No Jupyter server of yours that has gptoss_lab runs."
START_ONE = "Start one with `jupyter lab`; `jupyter gptoss model start` hosts the model without one."
_ANY_HOST = frozenset({"", "0.0.0.0", "::", "*"})  # noqa: S104 - what is listened on, not by us
_REFUSED = frozenset({401, 403})
_FAULT = 500


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """Where a Jupyter server answers, as it has noted itself in the user's runtime folder."""

    url: str
    token: str = field(default="", repr=False)
    socket: str = ""


class ServerModel:
    """The model of a running server.

    Args:
        record: The server.
    """

    def __init__(self, record: ServerRecord) -> None:
        self.url = record.url
        self._record = record

    async def state(self) -> ModelState:
        """Return how the model stands."""
        return ModelState.model_validate(await self._asked("GET", ""))

    async def start(self, attach: str = "") -> ModelState:
        """Begin to start it, or attach a server that was found."""
        return ModelState.model_validate(await self._asked("POST", "/start", {"attach": attach}))

    async def stop(self) -> ModelState:
        """Stop it and wait until it has ended."""
        return ModelState.model_validate(await self._asked("POST", "/stop", {}))

    async def logs(self) -> ModelLogs:
        """Return the engine's last lines."""
        return ModelLogs.model_validate(await self._asked("GET", "/logs"))

    async def _asked(self, verb: str, path: str, body: object = None) -> Any:
        """Return the answer to a request.

        Raises:
            NotFoundError: Nothing answers.
            RequestError: The server refuses it, or this is no server with our extension.
            GptossError: The server failed.
        """
        record = self._record
        headers = {"Authorization": f"token {record.token}"} if record.token else {}
        async with httpx.AsyncClient(
            transport=transport_of(record), timeout=TIMEOUT, headers=headers, trust_env=False
        ) as client:
            try:
                answer = await client.request(verb, f"{record.url}api/v1/model{path}", json=body)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                raise NotFoundError(f"Nothing answers at {record.url}", hint=START_ONE) from error
        _raise_refusal(answer, record.url)
        try:
            return answer.json()
        except ValueError as error:
            raise RequestError(f"{record.url} is no Jupyter server with gptoss_lab.") from error


async def find_server(wanted: str = "") -> ServerModel | None:
    """Return the running server that has our extension; None where there is none.

    Args:
        wanted: The address of the one to take; needed where there are several.

    Raises:
        NotFoundError: None answers at the address.
        RequestError: There are several, or the one at the address refuses us.
    """
    records = records_of_user()
    if wanted:
        model = ServerModel(_chosen(wanted, records))
        await model.state()
        return model
    able = [model for model in map(ServerModel, records) if await _looked_at(model) is not None]
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
    models = [ServerModel(record) for record in records_of_user()]
    states = await asyncio.gather(*map(_looked_at, models))
    return [(model.url, state) for model, state in zip(models, states, strict=True) if state is not None]


def records_of_user() -> list[ServerRecord]:
    """Return the servers that run, as they have noted themselves."""
    return [_record(found) for found in list_running_servers()]


def transport_of(record: ServerRecord) -> httpx.AsyncBaseTransport:
    """Return the way to a server: its socket, or TCP."""
    return httpx.AsyncHTTPTransport(uds=record.socket or None, trust_env=False)


def _record(found: Mapping[str, Any]) -> ServerRecord:
    socket = str(found.get("sock") or "")
    base = str(found.get("base_url") or "/")
    if socket:
        return ServerRecord(f"http://jupyter{base}", str(found.get("token") or ""), socket)
    host = str(found.get("hostname") or "")
    place = "127.0.0.1" if host in _ANY_HOST else f"[{host}]" if ":" in host else host
    scheme = "https" if found.get("secure") else "http"
    return ServerRecord(f"{scheme}://{place}:{found.get('port')}{base}", str(found.get("token") or ""))


def _chosen(wanted: str, records: list[ServerRecord]) -> ServerRecord:
    """Return the record of an address; a token is only ever sent to the server that has noted it."""
    address = wanted.partition("?")[0].removesuffix("lab").rstrip("/") + "/"
    same = {address, address.replace("//localhost:", "//127.0.0.1:")}
    for record in records:
        if record.url in same or record.url.replace("//localhost:", "//127.0.0.1:") in same:
            return record
    return ServerRecord(address, os.environ.get("JUPYTER_TOKEN", ""))


async def _looked_at(model: ServerModel) -> ModelState | None:
    try:
        return await model.state()
    except GptossError:
        return None  # it has ended, knows us not, or has a password: not one that we can steer


def _raise_refusal(answer: httpx.Response, url: str) -> None:
    if answer.is_success:
        return
    if answer.status_code in _REFUSED:
        raise RequestError(
            f"The Jupyter server {url} refuses us ({answer.status_code}).",
            hint="Put its token into the environment variable JUPYTER_TOKEN, and name it with --server.",
        )
    try:
        problem = answer.json()
        message, hint = str(problem["detail"]), str(problem.get("hint", ""))
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        raise NotFoundError(
            f"The Jupyter server {url} has no gptoss_lab ({answer.status_code}).", hint=START_ONE
        ) from None
    kind = GptossError if answer.status_code >= _FAULT else RequestError
    raise kind(message, hint=hint)
