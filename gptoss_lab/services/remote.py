"""Another server of ours, which does the work of this one.

Requests are passed to it as they came, and its answers as they come. It is asked first what it is: a
server of another version would misunderstand some of them in silence.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from gptoss_lab.errors import (
    GptossError,
    RemoteAuthError,
    RemoteError,
    RemoteUnreachableError,
    RemoteVersionError,
)
from gptoss_lab.schemas.config import RemoteConfig
from gptoss_lab.services.owners import OWNER_HEADER, OWNER_KEY_HEADER

FRESH_S = 30.0
HEALTH = "api/v1/health"
# A host that loses its power says nothing: the system finds out within a minute.
KEEPALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
]
_REFUSED = frozenset({301, 302, 303, 307, 308, 401})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the other server is.

    Attributes:
        url: Its address with its base URL.
        headers: What every request to it carries; asked each time, for a token may change.
        is_gateway: It is what --gateway-url names, and need not be one of ours.
        ca_file: The certificates that its own is checked with; the system's when empty.
        own_certificate: The files with the certificate and the key that we show; none when empty.
        unchecked: The administrator does not want its certificate checked.
    """

    url: str
    headers: Callable[[], Mapping[str, str]]
    is_gateway: bool = False
    ca_file: str = ""
    own_certificate: tuple[str, str] = ("", "")
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """A request on its way: what of it the other server gets."""

    verb: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    owner: str = ""


class RemoteServer:
    """The other server.

    Args:
        place: Where it is.
        config: How long to wait for it, and what it may be asked.
        version: Our own version.
        owner_key: Returns the secret by which it believes us for whom we ask; empty where there is none.
    """

    def __init__(
        self, place: Place, config: RemoteConfig, version: str, owner_key: Callable[[], str]
    ) -> None:
        self._place = place
        self._config = config
        self._version = version
        self._owner_key = owner_key
        self._client: httpx.AsyncClient | None = None
        self._asking = asyncio.Lock()
        self._making = asyncio.Lock()
        self._known: tuple[float, bool] | None = None
        self._failed: tuple[float, RemoteError] | None = None
        self.url = place.url.rstrip("/") + "/"

    @property
    def same_files(self) -> bool:
        """Whether paths mean the same on both servers."""
        return self._config.same_files

    @property
    def silence_timeout_s(self) -> float:
        """How long a stream of events may be silent."""
        return self._config.silence_timeout_s

    async def works(self) -> bool:
        """Say whether it does our work: a gateway may be one without gptoss_lab.

        Raises:
            RemoteUnreachableError: It does not answer.
            RemoteVersionError: It has another version of ours; or none, and is no gateway.
            RemoteAuthError: It refuses us.
        """
        began = time.monotonic()
        async with self._asking:
            if self._failed is not None and self._failed[0] >= began:
                raise self._failed[1]  # of those who wait for an answer each would wait for its own
            if self._known is None or time.monotonic() - self._known[0] > FRESH_S:
                self._known = (time.monotonic(), await self._asked())
            return self._known[1]

    @asynccontextmanager
    async def sent(self, request: Passed, *, streams: bool = False) -> AsyncIterator[httpx.Response]:
        """Pass a request on; leaving closes the connection, by which the other hears that we left.

        Args:
            request: What to pass on.
            streams: The answer is a stream of events, which has a pulse.

        Raises:
            RemoteUnreachableError: It does not answer.
            RemoteAuthError: It refuses us, or could not tell our persons apart.
        """
        client = await self._connected()
        read_s = self._config.silence_timeout_s if streams else None
        timeout = httpx.Timeout(None, connect=self._config.connect_timeout_s, read=read_s)
        headers = {**request.headers, **self._who(request.owner)}
        try:
            built = client.build_request(
                request.verb,
                self.url + request.path.lstrip("/"),
                headers=headers,
                content=request.body or None,
                timeout=timeout,
            )
            answer = await client.send(built, stream=True)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            self._known = None
            raise self._unreachable() from error
        try:
            if answer.status_code in _REFUSED:
                raise self._refused(answer.status_code)
            yield answer
        finally:
            await answer.aclose()

    def forget(self) -> None:
        """Ask it anew what it is before the next request: it went away."""
        self._known = None

    async def close(self) -> None:
        """Give the connections back."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _asked(self) -> bool:
        try:
            return await self._ask()
        except RemoteError as error:
            self._failed = (time.monotonic(), error)
            raise

    async def _ask(self) -> bool:
        wanted = Passed("GET", HEALTH, {"Accept": "application/json"}, b"")
        async with self.sent(wanted, streams=True) as answer:
            try:
                told = (await answer.aread(), answer.json())[1] if answer.is_success else None
            except (httpx.TransportError, ValueError):
                told = None
        version = told.get("version") if isinstance(told, dict) else None
        if not isinstance(version, str):
            if self._place.is_gateway:
                return False
            raise RemoteVersionError(
                f"There is no gptoss_lab at {self.url} ({answer.status_code})",
                hint="Correct the address, with its base URL, or install gptoss-lab there.",
            )
        if _series(version) != _series(self._version):
            raise RemoteVersionError(
                f"{self.url} has gptoss_lab {version[:40]}, and this server {self._version}"
            )
        return True

    def _who(self, owner: str) -> dict[str, str]:
        """Return the headers that say who asks, and for whom."""
        headers, key = dict(self._place.headers()), self._owner_key()
        if owner and key:
            headers |= {OWNER_HEADER: quote(owner, safe=""), OWNER_KEY_HEADER: key}
        return headers

    @property
    def tells_owners_apart(self) -> bool:
        """Whether it is told for whom we ask.

        Raises:
            RemoteAuthError: The secret cannot be read.
        """
        return OWNER_HEADER in self._who("someone")

    async def _connected(self) -> httpx.AsyncClient:
        async with self._making:
            if self._client is None:
                verify = await asyncio.to_thread(self._certificates)
                self._client = httpx.AsyncClient(
                    transport=httpx.AsyncHTTPTransport(
                        verify=verify, trust_env=False, socket_options=KEEPALIVE
                    ),
                    follow_redirects=False,
                    trust_env=False,
                )
            return self._client

    def _certificates(self) -> ssl.SSLContext:
        if not self.url.startswith("https:"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and quick to make
        place = self._place
        try:
            context = ssl.create_default_context(cafile=place.ca_file or None)
            if place.own_certificate[0]:
                context.load_cert_chain(*place.own_certificate)
        except OSError as error:  # ssl's own errors among them
            raise RemoteAuthError(
                f"The certificates for {self.url} cannot be read: {error}", hint="Correct their paths."
            ) from error
        if place.unchecked:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def _unreachable(self) -> GptossError:
        return RemoteUnreachableError(f"The server that does the work, {self.url}, does not answer")

    def _refused(self, status: int) -> GptossError:
        return RemoteAuthError(f"The server that does the work, {self.url}, refuses this one ({status})")


def _series(version: str) -> tuple[str, ...]:
    """Return what of a version stands for its interface: major and minor."""
    return tuple(version.split(".")[:2])
