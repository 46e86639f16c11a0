"""Fetches pages with limits on size, time, redirects and type."""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType
from urllib.parse import urlsplit

import httpx
from typing_extensions import Self

from gptoss_lab._version import __version__
from gptoss_lab.documents.addresses import PinnedTransport, Resolver, resolve
from gptoss_lab.documents.fetched import Fetched, fetched
from gptoss_lab.documents.politeness import PRODUCT, Pace, Robots, retry_after_s
from gptoss_lab.errors import DocumentError, SourceLimitError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig

_MAX_REDIRECTS = 5
_TRIES = 3
_MAX_WAIT_S = 30.0
_LATER = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})
_HEADERS = {
    "User-Agent": f"{PRODUCT}/{__version__} (JupyterLab documentation reader)",
    "Accept": "text/html, */*;q=0.5",
}


class Fetcher:
    """A client for public pages. Use it as an asynchronous context manager."""

    def __init__(self, config: DocumentConfig, *, resolver: Resolver = resolve) -> None:
        self._config = config
        self._client = httpx.AsyncClient(
            transport=PinnedTransport(allow_private=config.allow_private_addresses, resolver=resolver),
            follow_redirects=True,
            max_redirects=_MAX_REDIRECTS,
            timeout=config.fetch_timeout_s,
            trust_env=False,
            headers=_HEADERS,
        )
        self._pace = Pace(config.fetch_delay_s)
        self.robots = Robots(self.raw, self._pace)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def page(self, url: str, *, etag: str = "", modified: str = "") -> Fetched:
        """Fetch a page that a parser can read; one that its server says is unchanged has no data.

        Raises:
            SourceNotFoundError: There is no such host or page.
            SourceRefusedError: The address or the type of content is not allowed.
            SourceLimitError: It is too large or too slow.
            DocumentError: The server failed.
        """
        asked = {"If-None-Match": etag, "If-Modified-Since": modified}
        response, data = await self._get(url, {name: value for name, value in asked.items() if value})
        return fetched(response, data, etag=etag, modified=modified)

    async def raw(self, url: str) -> bytes:
        """Fetch bytes of any type.

        Raises:
            SourceNotFoundError: There is no such host or page.
            SourceRefusedError: The address is not allowed.
            SourceLimitError: It is too large or too slow.
            DocumentError: The server failed.
        """
        _, data = await self._get(url, {})
        return data

    async def _get(self, url: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
        """Fetch at the host's pace, again when it asks to come back soon."""
        host = urlsplit(url).netloc
        tries = 0
        while True:
            await self._pace.turn(host)
            response, data = await self._once(url, headers)
            tries += 1
            wait_s = retry_after_s(response.headers.get("retry-after", ""))
            soon = response.status_code in _LATER and wait_s is not None and wait_s <= _MAX_WAIT_S
            if not soon or tries == _TRIES:
                _check_status(url, response)
                return response, data
            self._pace.pause(host, wait_s or 0.0)

    async def _once(self, url: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
        seconds = self._config.fetch_timeout_s
        try:
            return await asyncio.wait_for(self._stream(url, headers), timeout=seconds)
        except (asyncio.TimeoutError, httpx.TimeoutException) as error:
            raise SourceLimitError(
                f"{url} did not answer in full within {seconds:.0f} s",
                hint="Try again later, or use a saved copy.",
            ) from error
        except httpx.TooManyRedirects as error:
            raise DocumentError(f"{url} leads through more than {_MAX_REDIRECTS} redirects") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise SourceRefusedError(f"{url} is not an http(s) address") from error
        except httpx.ConnectError as error:
            raise _unconnected(url, error) from error
        except httpx.HTTPError as error:
            raise DocumentError(
                f"{url} could not be fetched: {str(error) or type(error).__name__}"
            ) from error

    async def _stream(self, url: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
        most = self._config.fetch_max_bytes
        async with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                return response, b""
            stated = response.headers.get("content-length", "")
            if stated.isdigit() and int(stated) > most:
                raise _too_large(url, most)
            blocks: list[bytes] = []
            size = 0
            async for block in response.aiter_bytes(65_536):
                size += len(block)
                if size > most:
                    raise _too_large(url, most)
                blocks.append(block)
            return response, b"".join(blocks)


def _unconnected(url: str, error: BaseException) -> DocumentError:
    """Tell a server that is not there from one whose certificate does not fit."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "verify_message", "") or cause.reason or "TLS failed"
            return SourceRefusedError(
                f"There is no safe connection to {url}: {reason}",
                hint="Check the address. For an authority of your own, set SSL_CERT_FILE to its certificate.",
            )
        cause = cause.__cause__ or cause.__context__
    return SourceNotFoundError(
        f"Nothing answers at {url}", hint="Check the address and the network connection."
    )


def _check_status(url: str, response: httpx.Response) -> None:
    status = response.status_code
    if status in {401, 403, 407}:
        raise SourceRefusedError(
            f"{url} asks for a login (status {status})", hint="Save the page and use the file."
        )
    if status in {404, 410}:
        raise SourceNotFoundError(f"There is no page {url} (status {status})", hint="Check the address.")
    if status in _LATER:
        stated = response.headers.get("retry-after", "")
        raise DocumentError(
            f"{url} asks to come back later (status {status}{f', after {stated[:40]}' if stated else ''})",
            hint="Try again later, or use a saved copy.",
        )
    if status not in {httpx.codes.NOT_MODIFIED, httpx.codes.OK}:
        raise DocumentError(
            f"{url} answered with status {status}", hint="Try again later, or use a saved copy."
        )


def _too_large(url: str, most: int) -> SourceLimitError:
    return SourceLimitError(f"{url} is larger than {most / (1 << 20):.1f} MB")
