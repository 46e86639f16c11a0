"""The Jupyter server that answers this kernel: its address and its token.

| from | address | token |
|---|---|---|
| the environment | GPTOSS_LAB_URL | GPTOSS_LAB_TOKEN, or `?token=` of the address |
| the environment, as Jupyter's terminals set it | JUPYTER_SERVER_URL | JUPYTER_TOKEN |
| the record of the server that started this kernel, beside the connection file | `url` | `token` |

A token goes only to the address that it stands beside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from IPython.core.error import UsageError

PAGES = ("/lab", "/tree", "/doc")
PAIRS = (("GPTOSS_LAB_URL", "GPTOSS_LAB_TOKEN"), ("JUPYTER_SERVER_URL", "JUPYTER_TOKEN"))


@dataclass(frozen=True, slots=True)
class Server:
    """An address that ends with a slash, and a token that is never shown."""

    url: str
    token: str = field(default="", repr=False)


def find_server(environment: Mapping[str, str], connection_file: str = "") -> Server | None:
    """Return the server to ask, or None.

    Args:
        environment: The variables of this process.
        connection_file: The kernel's own, in the folder where servers leave their records.

    Raises:
        UsageError: An address is none.
    """
    for address, token in PAIRS:
        if text := environment.get(address, "").strip():
            return _server(text, environment.get(token, "").strip(), address)
    return _parent(environment.get("JPY_PARENT_PID", ""), connection_file)


def _server(address: str, token: str, origin: str) -> Server:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise UsageError(f"{origin} is not the address of a server. Write it like http://localhost:8888/.")
    path = parts.path.rstrip("/")
    for page in PAGES:
        path = path.removesuffix(page)
    token = token or parse_qs(parts.query).get("token", [""])[0]
    return Server(urlunsplit((parts.scheme, parts.netloc, f"{path}/", "", "")), token)


def _parent(pid: str, connection_file: str) -> Server | None:
    if not (pid.isdigit() and connection_file):
        return None
    record = Path(connection_file).parent / f"jpserver-{pid}.json"
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # the kernel was started by something that is no Jupyter server
    if not (isinstance(found, dict) and str(found.get("url")).startswith(("http://", "https://"))):
        return None  # one that listens on a socket of the file system has no address for us
    token = found.get("token")
    return _server(found["url"], token if isinstance(token, str) else "", str(record))
