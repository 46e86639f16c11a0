"""Where the server is that does the work of this one: what is configured, or the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptoss_lab.schemas.config import RemoteConfig
from gptoss_lab.services.remote import Place, RemoteServer
from gptoss_lab.services.shared_secret import SharedSecret


def remote_of(config: RemoteConfig, gateway: Any, version: str) -> RemoteServer | None:
    """Return the other server; None where this one works itself.

    Args:
        config: The section of the configuration.
        gateway: Jupyter Server's gateway client; None where there is none.
        version: Our own version.
    """
    place = _named(config) if config.url else _gateway(config, gateway)
    if place is None:
        return None
    key = SharedSecret(config.owner_key_env, config.owner_key_file)
    return RemoteServer(place, config, version, key.get)


def _named(config: RemoteConfig) -> Place:
    token = SharedSecret(config.token_env, config.token_file)

    def headers() -> Mapping[str, str]:
        shown = token.get()
        return {"Authorization": f"token {shown}"} if shown else {}

    return Place(config.url, headers, ca_file=config.ca_file)


def _gateway(config: RemoteConfig, gateway: Any) -> Place | None:
    if gateway is None or not (gateway.gateway_enabled and config.follow_gateway):
        return None

    def headers() -> Mapping[str, str]:
        kept: Mapping[str, str] = gateway.load_connection_args().get("headers", {})
        return dict(kept)

    return Place(
        gateway.url,
        headers,
        is_gateway=True,
        ca_file=config.ca_file or gateway.ca_certs or "",
        own_certificate=(gateway.client_cert or "", gateway.client_key or ""),
        unchecked=not gateway.validate_cert,
    )
