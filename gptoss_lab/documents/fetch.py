"""Fetches pages with limits on size, time, redirects and type."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from dataclasses import dataclass
from types import TracebackType

import httpx
from typing_extensions import Self

from gptoss_lab.documents.addresses import PinnedTransport, Resolver, resolve
from gptoss_lab.documents.formats import Media, media_of, sniff
from gptoss_lab.errors import DocumentError, SourceLimitError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig

_MAX_REDIRECTS = 5
_TYPES: dict[str, Media] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/x-rst": "rst",
    "text/prs.fallenstein.rst": "rst",
    "application/pdf": "pdf",
    "application/x-ipynb+json": "notebook",
}
_BY_NAME = frozenset({
    "",
    "text/plain",
    "application/octet-stream",
    "application/json",
    "binary/octet-stream",
})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page. With `unchanged` it is the one that the given ETag stood for, and has no data."""

    url: str
    data: bytes = b""
    media: Media = "text"
    etag: str = ""
    unchanged: bool = False

    @property
    def sha256(self) -> str:
        """The hash of the content."""
        return hashlib.sha256(self.data).hexdigest()


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
            headers={"User-Agent": "gptoss-lab documentation reader", "Accept": "text/html, */*;q=0.5"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def page(self, url: str, *, etag: str = "") -> Fetched:
        """Fetch a page that a parser can read.

        Raises:
            SourceNotFoundError: There is no such host or page.
            SourceRefusedError: The address or the type of content is not allowed.
            SourceLimitError: It is too large or too slow.
            DocumentError: The server failed.
        """
        response, data = await self._get(url, {"If-None-Match": etag} if etag else {})
        final = str(response.url)
        found = response.headers.get("etag", "")
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(final, etag=found or etag, unchanged=True)
        return Fetched(final, data, _media(response, data), found)

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
            _check_status(url, response)
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
    if status not in {httpx.codes.NOT_MODIFIED, httpx.codes.OK}:
        raise DocumentError(
            f"{url} answered with status {status}", hint="Try again later, or use a saved copy."
        )


def _too_large(url: str, most: int) -> SourceLimitError:
    return SourceLimitError(f"{url} is larger than {most / (1 << 20):.1f} MB")


def _media(response: httpx.Response, data: bytes) -> Media:
    stated = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    name = response.url.path
    if stated in _TYPES:
        return _TYPES[stated]
    if stated in _BY_NAME:
        if stated == "application/json" and media_of(name) != "notebook":
            raise SourceRefusedError(f"{response.url} is JSON, not documentation")
        return sniff(data[:4096], name)
    raise SourceRefusedError(
        f"{response.url} is of the type {stated}, which is not read",
        hint="Point at an HTML page, Markdown, reStructuredText, a notebook or a PDF.",
    )
