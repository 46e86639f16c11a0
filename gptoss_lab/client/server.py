"""Which server to ask: its address and its token.

| from | address | token |
|---|---|---|
| the arguments | `server` | `token`, or `?token=` of the address |
| the environment | GPTOSS_LAB_URL | GPTOSS_LAB_TOKEN |
| the environment, as Jupyter's terminals set it | JUPYTER_SERVER_URL | JUPYTER_TOKEN |
| the records of this user's running servers | `url` or `sock` | `token` |

A token goes only to the address that it stands beside. One in the environment that stands beside no address
goes to the one that the person names.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from jupyter_core.paths import jupyter_runtime_dir

from gptoss_lab.client.errors import NoServerError
from gptoss_lab.errors import RequestError

PAIRS = (("GPTOSS_LAB_URL", "GPTOSS_LAB_TOKEN"), ("JUPYTER_SERVER_URL", "JUPYTER_TOKEN"))
RECORDS = "jpserver-*.json"
_PAGES = re.compile(r"/(lab|tree|doc|notebooks)$|/lab/(tree|workspaces)/.*$")
_ANY_HOST = frozenset({"", "0.0.0.0", "::", "*"})  # noqa: S104 - what is listened on, not by us


@dataclass(frozen=True, slots=True)
class Server:
    """Where a Jupyter server answers.

    Attributes:
        url: Its base address, with the prefix that a hub gives it, ending in a slash.
        token: Sent to it, and never shown.
        socket: The path of the socket that it listens on instead of a port.
    """

    url: str
    token: str = field(default="", repr=False)
    socket: str = ""

    @classmethod
    def at(cls, address: str, token: str = "") -> Server:
        """Return the server at an address, as the browser shows it or as it is configured.

        Raises:
            RequestError: It is no http(s) address, or has a name and a password in it.
        """
        try:
            parts = urlsplit(address.strip())
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise RequestError(
                "The address of the server is no http(s) address",
                hint="Write it like http://localhost:8888/ or https://hub.example.org/user/ada/.",
            )
        if parts.username is not None or parts.password is not None:
            raise RequestError(
                "The address of the server has a name or a password in it", hint="Give its token instead."
            )
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        path = _PAGES.sub("", parts.path.rstrip("/")).rstrip("/")
        given = token or parse_qs(parts.query).get("token", [""])[0]
        return cls(urlunsplit((parts.scheme, f"{host}:{port}" if port else host, f"{path}/", "", "")), given)

    @property
    def is_near(self) -> bool:
        """Say whether it is on this machine, so that no proxy is asked for it."""
        host = urlsplit(self.url).hostname or ""
        try:
            return bool(self.socket) or ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    def is_same(self, other: Server) -> bool:
        """Say whether two addresses lead to one server."""
        return _plain(self.url) == _plain(other.url) and self.socket == other.socket


def find_server(address: str = "", token: str = "", environment: Mapping[str, str] | None = None) -> Server:
    """Return the server to ask.

    Args:
        address: The one that the person names; else the environment's, else the one that runs.
        token: The one that the person gives.
        environment: The variables of this process.

    Raises:
        NoServerError: None is named, and none or several run.
        RequestError: The address is none.
    """
    variables = os.environ if environment is None else environment
    if address:
        return _with_token(Server.at(address, token), variables)
    for name, secret in PAIRS:
        if text := variables.get(name, "").strip():
            return _recorded(Server.at(text, token or variables.get(secret, "").strip()))
    found = running_servers()
    if len(found) != 1:
        listed = ", ".join(server.url for server in found)
        raise NoServerError(
            f"Several of your Jupyter servers run: {listed}" if found else "No Jupyter server of yours runs",
            hint="Name one by its address, or in GPTOSS_LAB_URL." if found else "",
        )
    server = replace(found[0], token=token) if token else found[0]
    return _with_token(server, variables)


def running_servers() -> list[Server]:
    """Return this user's Jupyter servers that run, as they have noted themselves."""
    records = (_read(path) for path in sorted(Path(jupyter_runtime_dir()).glob(RECORDS)))
    return [_noted(record) for record in records if record is not None]


def _with_token(server: Server, variables: Mapping[str, str]) -> Server:
    """Return the server with the token that stands beside its address, where it has none yet."""
    if server.token:
        return server
    known = _recorded(server)
    if known.token:
        return known
    for name, secret in PAIRS:
        beside = variables.get(name, "").strip()
        held = variables.get(secret, "").strip()
        if held and (not beside or Server.at(beside).is_same(server)):
            return replace(known, token=held)
    return known


def _recorded(server: Server) -> Server:
    """Return the record of a server that runs here under that address, else the server as it is."""
    if server.token or not server.is_near:
        return server
    return next((found for found in running_servers() if found.is_same(server)), server)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        os.kill(int(record["pid"]), 0)
    except PermissionError:
        return None  # not ours: another user's process has taken the number of a server that ended
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it ends just now, or has ended without tidying up
    return record if isinstance(record, dict) else None


def _noted(record: Mapping[str, Any]) -> Server:
    socket, token = str(record.get("sock") or ""), str(record.get("token") or "")
    base = str(record.get("base_url") or "/")
    if socket:
        return Server(f"http://jupyter{base}", token, socket)
    host = str(record.get("hostname") or "")
    place = "127.0.0.1" if host in _ANY_HOST else f"[{host}]" if ":" in host else host
    scheme = "https" if record.get("secure") else "http"
    return Server(f"{scheme}://{place}:{record.get('port')}{base}", token)


def _plain(url: str) -> str:
    return url.replace("//localhost:", "//127.0.0.1:", 1).rstrip("/")
