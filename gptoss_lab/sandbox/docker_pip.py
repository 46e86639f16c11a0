"""The host's settings for pip that also hold while an image is built."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CA_VARIABLES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
SYSTEM_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
INNER_BUNDLE = "/tmp/gptoss-ca.pem"  # noqa: S108 - removed before the image is written
CONFIG_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class PipSettings:
    """What the builder's pip is told. It travels in the environment of one exec, never in a layer."""

    environment: dict[str, str] = field(default_factory=dict, repr=False)
    bundle: Path | None = None

    def bundle_archive(self) -> bytes | None:
        """Return a tar archive with the CA bundle, for the builder's /tmp."""
        if self.bundle is None:
            return None
        content = self.bundle.read_bytes()
        entry = tarfile.TarInfo(INNER_BUNDLE.rpartition("/")[2])
        entry.size, entry.mode = len(content), 0o644
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.addfile(entry, io.BytesIO(content))
        return buffer.getvalue()


async def read_settings() -> PipSettings:
    """Ask the host's pip for its index and certificate; keep only http(s) indexes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pip", "config", "list"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), CONFIG_TIMEOUT_S)
    except asyncio.TimeoutError:
        process.kill()
        output, _ = await process.communicate()
    return settings_from(output.decode("utf-8", "replace"), dict(os.environ))


def settings_from(listing: str, environment: dict[str, str]) -> PipSettings:
    """Read `pip config list`, then the environment, which wins as it does in pip."""
    options = _options(listing)
    names = ("index-url", "extra-index-url", "trusted-host", "cert")
    for name in names:
        value = environment.get(f"PIP_{name.upper().replace('-', '_')}", "")
        if value:
            options[name] = value
    told = {name: environment[name] for name in PROXIES if environment.get(name)}
    for name in ("index-url", "extra-index-url"):
        urls = [url for url in options.get(name, "").split() if urlsplit(url).scheme in {"http", "https"}]
        if urls:
            told[f"PIP_{name.upper().replace('-', '_')}"] = " ".join(urls)
    if options.get("trusted-host"):
        told["PIP_TRUSTED_HOST"] = " ".join(options["trusted-host"].split())
    bundle = _bundle(options.get("cert", ""), environment)
    if bundle is not None:
        told |= dict.fromkeys(("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), INNER_BUNDLE)
    return PipSettings(environment=told, bundle=bundle)


def _options(listing: str) -> dict[str, str]:
    """Read lines such as `global.index-url='https://…'`; later sections override earlier ones."""
    options: dict[str, str] = {}
    for line in listing.splitlines():
        key, found, value = line.partition("=")
        section, _, name = key.strip().rpartition(".")
        if found and section in {"global", "install", ":env:"}:
            options[name] = value.strip().strip("'\"").replace("\\n", " ")
    return options


def _bundle(configured: str, environment: dict[str, str]) -> Path | None:
    named = [configured, *(environment.get(name, "") for name in CA_VARIABLES), *SYSTEM_BUNDLES]
    return next((Path(name) for name in named if name and Path(name).is_file()), None)
