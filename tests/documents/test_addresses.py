"""The connection goes to the checked address; the certificate is the host's."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.errors import SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig

OPENSSL = shutil.which("openssl")
LOCAL = DocumentConfig(allow_private_addresses=True, fetch_timeout_s=5)

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificates of these tests")


@dataclass(slots=True)
class Authority:
    """A certificate authority that only these tests know."""

    folder: Path
    certificate: Path

    def issue(self, *names: str) -> ssl.SSLContext:
        """Return the server's side of TLS with a certificate for these names."""
        key, request, signed = (self.folder / f"server.{end}" for end in ("key", "csr", "pem"))
        extra = self.folder / "names"
        extra.write_text(f"subjectAltName={','.join(names)}\n")
        openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server", "-keyout", key, "-out", request
        )
        openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.folder / "ca.key",
            "-set_serial", "2", "-days", "2", "-extfile", extra, "-out", signed,
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(signed, key)
        return context


@dataclass(slots=True)
class Secure:
    """What an https server saw."""

    port: int = 0
    names: list[str | None] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


def openssl(*words: str | Path) -> None:
    """Run openssl."""
    subprocess.run([OPENSSL or "openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return a new authority."""
    folder = tmp_path_factory.mktemp("ca")
    certificate = folder / "ca.pem"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test authority",
        "-keyout", folder / "ca.key", "-out", certificate,
    )  # fmt: skip
    return Authority(folder, certificate)


@asynccontextmanager
async def secure(context: ssl.SSLContext) -> AsyncIterator[Secure]:
    """Serve one page over TLS on loopback."""
    seen = Secure()

    def greet(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        seen.names.append(name)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        seen.hosts += [line[6:] for line in head.split("\r\n") if line.lower().startswith("host: ")]
        body = b"<p>words"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 8\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    context.sni_callback = greet
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        await server.wait_closed()


async def loopback(_host: str, _port: int) -> list[str]:
    """Resolve every name to this machine."""
    return ["127.0.0.1"]


async def test_the_name_is_sent_and_checked(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pinned address is connected to; SNI, certificate check and Host are the host's name."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    context = authority.issue("DNS:docs.example")
    async with secure(context) as server, Fetcher(LOCAL, resolver=loopback) as fetcher:
        page = await fetcher.page(f"https://docs.example:{server.port}/")
    assert page.data == b"<p>words"
    assert server.names == ["docs.example"]
    assert server.hosts == [f"docs.example:{server.port}"]


@pytest.mark.parametrize("names", [("DNS:other.example",), ("IP:127.0.0.1",)])
async def test_another_name_in_the_certificate_is_refused(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    """Also a certificate for the very address: it is not what the person asked for."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    async with secure(authority.issue(*names)) as server, Fetcher(LOCAL, resolver=loopback) as fetcher:
        with pytest.raises(SourceRefusedError, match=r"not valid for 'docs\.example'"):
            await fetcher.page(f"https://docs.example:{server.port}/")
    assert server.hosts == []


async def test_an_unknown_authority_is_refused(authority: Authority) -> None:
    """Nothing is sent to a server whose certificate nobody vouches for."""
    context = authority.issue("DNS:docs.example")
    async with secure(context) as server, Fetcher(LOCAL, resolver=loopback) as fetcher:
        with pytest.raises(SourceRefusedError, match="unable to get local issuer") as caught:
            await fetcher.page(f"https://docs.example:{server.port}/")
    assert "SSL_CERT_FILE" in caught.value.hint
    assert server.hosts == []
