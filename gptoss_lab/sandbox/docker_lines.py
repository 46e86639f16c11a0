"""Docker's endless answers, one JSON object a line, on the event loop: statistics and events.

Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemEvents
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import urlencode

from gptoss_lab.errors import SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox.docker_streams import Address

LINE_LIMIT_BYTES = 1 << 20
HTTP_OK = b"200"


async def json_lines(
    address: Address, path: str, query: Mapping[str, str]
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the objects of an answer until the daemon ends it.

    HTTP/1.0 is spoken: its answers are not cut into chunks, and end with the connection.

    Raises:
        SandboxUnavailableError: The daemon does not answer, or went away.
        SandboxError: It refused.
    """
    try:
        if address.path:
            reader, writer = await asyncio.open_unix_connection(address.path, limit=LINE_LIMIT_BYTES)
        else:
            reader, writer = await asyncio.open_connection(address.host, address.port, limit=LINE_LIMIT_BYTES)
    except OSError as error:
        raise SandboxUnavailableError(f"No Docker or Podman daemon answers at {address}") from error
    try:
        writer.write(f"GET {path}?{urlencode(query)} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
        # The head comes with the first line: of events that may be much later.
        head = await reader.readuntil(b"\r\n\r\n")
        if head.split(None, 2)[1:2] != [HTTP_OK]:
            raise SandboxError(f"The Docker daemon refused {path}: {head[:80].decode('latin-1')}")
        while line := await reader.readline():
            yield _object(line)
    except (OSError, ValueError, asyncio.IncompleteReadError) as error:
        raise SandboxUnavailableError("The Docker daemon went away") from error
    finally:
        writer.transport.abort()


def _object(line: bytes) -> dict[str, Any]:
    read = json.loads(line)
    return read if isinstance(read, dict) else {}
