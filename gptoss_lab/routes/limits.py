"""What holds for every request: how often, how many readers, and how long one may take nothing."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from tornado.iostream import StreamClosedError

if TYPE_CHECKING:
    from gptoss_lab.services.quotas import Kind, Quotas

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def count_request(quotas: Quotas, owner: str, verb: str) -> None:
    """Count a request of a person.

    Raises:
        LimitReachedError: They have sent too many.
    """
    kind: Kind = "read" if verb in READING else "write"
    quotas.take(owner, kind)


def retry_after(error: BaseException | None) -> str:
    """Return after how many seconds a refused request may come again; empty where nobody knows.

    The drafts of `RateLimit` fields have changed their form more than once and are no standard yet: a client
    that relied on one of them would have to be changed. They are not sent.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    retry_after_s = getattr(error, "retry_after_s", None)
    return "" if retry_after_s is None else str(max(1, math.ceil(retry_after_s)))


def notice_half_open(connection: Any, timeout_s: float) -> None:
    """Have the system close a connection whose other end acknowledges nothing, as one that lost its network.

    Without it a few bytes of heartbeat would be sent anew for a quarter of an hour.

    Source: https://www.rfc-editor.org/rfc/rfc5482
    """
    end = getattr(connection, "socket", None)
    if timeout_s and end is not None and end.family in {socket.AF_INET, socket.AF_INET6}:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(timeout_s * 1000))


async def taken(sent: Awaitable[None], connection: Any, timeout_s: float) -> None:
    """Wait until the other end has room for more.

    Raises:
        StreamClosedError: It took nothing for too long and was hung up on, or it has left.
    """
    future = asyncio.ensure_future(sent)
    done, _ = await asyncio.wait({future}, timeout=timeout_s or None)
    if not done:
        future.cancel()
        if connection is not None:
            connection.close()
        raise StreamClosedError
    future.result()
