"""Which addresses may be fetched: public ones, and the one that was checked is the one connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable

import httpx

from gptoss_lab.errors import SourceNotFoundError, SourceRefusedError

Resolver = Callable[[str, int], Awaitable[list[str]]]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host.

    Raises:
        SourceNotFoundError: The name does not exist.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceNotFoundError(
            f"The address of {host} is not known", hint="Check the spelling and the network connection."
        ) from error
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def check_address(text: str, host: str, *, allow_private: bool) -> None:
    """Refuse an address that is not on the public internet.

    Raises:
        SourceRefusedError: It is private, loopback, link-local, multicast or reserved.
    """
    address = _unwrapped(ipaddress.ip_address(text.partition("%")[0]))
    public = address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
    near = address.is_loopback or (
        address.is_private and not (address.is_link_local or address.is_unspecified)
    )
    if public or (allow_private and near):
        return
    raise SourceRefusedError(
        f"{host} is at {address}, which is not a public address",
        hint="Save the pages to a folder and point at that, or ask the administrator.",
    )


def _unwrapped(address: _Address) -> _Address:
    """Return the IPv4 address inside a mapped, 6to4, Teredo or NAT64 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    return inner or address


class PinnedTransport(httpx.AsyncBaseTransport):
    """Resolves a host once, checks every address, and connects to the one that was checked.

    It sees each request, so a redirect is checked as the first address was. The Host header and
    the name of the certificate stay those of the host.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = resolve) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        # No connection is kept: one to an address must not serve another host at that address.
        self._inner = httpx.AsyncHTTPTransport(
            verify=ssl.create_default_context(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to a checked address.

        Raises:
            SourceRefusedError: The address is not allowed, or not http(s).
            SourceNotFoundError: The name does not exist.
        """
        url = request.url
        if url.scheme not in {"http", "https"} or not url.host:
            raise SourceRefusedError(f"{url.scheme}: addresses are not fetched")
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = await self._resolver(url.host, port)
        for address in addresses:
            check_address(address, url.host, allow_private=self._allow_private)
        if not addresses:
            raise SourceNotFoundError(f"{url.host} has no address")
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=addresses[0].partition("%")[0]),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()
