"""A model server that this server did not start."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from gptoss_lab.engines.base import ChatEngine, KnowsServer
from gptoss_lab.errors import EngineAuthError, EngineError, RequestError
from gptoss_lab.sandbox.within import within
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineFailure, FailureCode, FoundServer

PROBE_WITHIN_S = 5.0


class AttachedModel:
    """A server by its address, and what it last said.

    Args:
        config: Where it is.
        engine: Talks to it.
        by_request: A person attached it here; it is not the configuration's.
    """

    def __init__(self, config: ModelConfig, engine: ChatEngine, *, by_request: bool) -> None:
        self.config = config
        self.engine = engine
        self.by_request = by_request
        self.model = config.name
        self.failure: EngineFailure | None = None

    async def probe(self) -> None:
        """Ask which models it offers; a failure is noted, not raised."""
        try:
            names = await within(self.engine.models(), PROBE_WITHIN_S)
        except asyncio.TimeoutError:
            message = f"The server {self.config.url} did not say within {PROBE_WITHIN_S:g} s what it offers."
            hint = "Look whether it is overloaded or hangs."
            self.failure = EngineFailure(phase="ready", code="timeout", message=message, hint=hint)
            return
        except EngineError as error:
            code: FailureCode = "refused_key" if isinstance(error, EngineAuthError) else "unreachable"
            self.failure = EngineFailure(phase="ready", code=code, message=error.message, hint=error.hint)
            return
        self.failure = None
        self.model = self.model or names[0]

    @property
    def context_tokens(self) -> int:
        """The window: the server's own where it is known, else the configuration's."""
        if isinstance(self.engine, KnowsServer) and self.engine.context_tokens:
            return min(self.engine.context_tokens, self.config.context_tokens)
        return self.config.context_tokens


def server_at(url: str, found: Iterable[FoundServer]) -> FoundServer | None:
    """Return the server that was found at an address.

    Raises:
        RequestError: The address is of another machine.
    """
    if not is_loopback(url):
        raise RequestError(
            "Only a server on this machine can be attached here.",
            hint="The address of another goes into the configuration of the Jupyter server.",
        )
    return next((server for server in found if server.url == url), None)


def is_loopback(url: str) -> bool:
    """Say whether an address is of this machine and of no other."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_key(config: ModelConfig, url: str, model: str) -> ModelConfig:
    """Return the configuration of a server that was found: it is never given the person's key.

    Whoever can open a port on this machine can be found, so a key would be theirs to take.
    """
    return config.model_copy(update={"url": url, "name": model, "api_key_env": "", "api_key_file": ""})
