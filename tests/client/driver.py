"""Both clients behind one face, so that each test holds for both."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from gptoss_lab.client.asynchronous import AsyncClient
from gptoss_lab.client.retry import Patience
from gptoss_lab.client.sync import Client

Kind = Literal["blocking", "awaited"]
KINDS: tuple[Kind, ...] = ("blocking", "awaited")
FAST = Patience(
    connect_s=2, reply_s=5, idle_s=5, retries=2, stream_retries=3, first_pause_s=0.001, longest_pause_s=0.01
)


class Driver:
    """Asks a server with one of the clients; the blocking one works in a thread.

    Args:
        kind: Which client.
        url: The server's address.
        token: Its token.
        patience: How long and how often.
    """

    def __init__(self, kind: Kind, url: str, token: str = "", patience: Patience = FAST) -> None:
        self._kind = kind
        self._given = (url, token, patience)

    async def ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method and return what it returns; a list of what it yields."""
        url, token, patience = self._given
        if self._kind == "awaited":
            async with AsyncClient(url, token=token, patience=patience) as client:
                found = getattr(client, name)(*args, **kwargs)
                return [one async for one in found] if hasattr(found, "__aiter__") else await found
        return await asyncio.to_thread(self._blocking, name, args, kwargs)

    def _blocking(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        url, token, patience = self._given
        with Client(url, token=token, patience=patience) as client:
            found = getattr(client, name)(*args, **kwargs)
            return list(found) if hasattr(found, "__next__") else found
