"""What decides which server does the work."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.gateway.gateway_client import GatewayClient

from gptoss_lab._version import __version__
from gptoss_lab.errors import RemoteAuthError, RemoteUnreachableError, RemoteVersionError
from gptoss_lab.routes.remote_place import remote_of
from gptoss_lab.schemas.config import RemoteConfig
from tests.fakes.back import Back, BackHandler


def client(url: str | None, **traits: Any) -> GatewayClient:
    """Return Jupyter's client of a gateway, as --gateway-url makes it."""
    return GatewayClient(url=url, **traits)  # type: ignore[no-untyped-call]


def gateway(back: Back) -> GatewayClient:
    """Return the client of that gateway."""
    return client(back.url, auth_token=back.token)


async def test_without_an_address_or_a_gateway_this_server_works() -> None:
    """Also where the administrator does not want the gateway to be asked."""
    assert remote_of(RemoteConfig(), None, __version__) is None
    assert remote_of(RemoteConfig(), client(None), __version__) is None
    asked = client("http://127.0.0.1:1")
    assert remote_of(RemoteConfig(follow_gateway=False), asked, __version__) is None


async def test_a_gateway_with_our_extension_works() -> None:
    """It is shown the gateway's own token, and asked once."""
    async with Back() as back:
        remote = remote_of(RemoteConfig(), gateway(back), __version__)
        assert remote is not None
        assert await remote.works()
        assert await remote.works()
        assert [request.path for request in back.asked] == ["/deep/api/v1/health"]
        assert remote.url == back.url
        await remote.close()


async def test_a_gateway_without_it_runs_kernels_alone() -> None:
    """A plain Kernel Gateway answers 404: this server generates by itself."""

    async def unknown(handler: BackHandler) -> None:
        handler.set_status(404)
        handler.write("<html>")

    async with Back(health=unknown) as back:
        remote = remote_of(RemoteConfig(), gateway(back), __version__)
        assert remote is not None
        assert not await remote.works()
        await remote.close()


async def test_an_address_that_is_named_must_be_one_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes before the gateway; nothing happens here in its place."""

    async def other(handler: BackHandler) -> None:
        handler.tell({"version": 3})

    async with Back(health=other) as back:
        monkeypatch.setenv("SOME_TOKEN", back.token)
        config = RemoteConfig(url=back.url, token_env="SOME_TOKEN")
        remote = remote_of(config, client("http://127.0.0.1:1"), __version__)
        assert remote is not None
        with pytest.raises(RemoteVersionError, match="no gptoss_lab"):
            await remote.works()
        await remote.close()


async def test_a_later_patch_of_the_same_version_is_taken() -> None:
    """The interface is that of the major and the minor version."""
    series = ".".join(__version__.split(".")[:2])
    async with Back(version=f"{series}.999") as back:
        remote = remote_of(RemoteConfig(), gateway(back), __version__)
        assert remote is not None
        assert await remote.works()
        await remote.close()


async def test_those_who_wait_hear_of_one_failure() -> None:
    """A machine that is gone answers nobody: ten requests do not wait one after the other."""
    asked = 0

    async def broken(handler: BackHandler) -> None:
        nonlocal asked
        asked += 1
        handler.hang_up()

    async with Back(health=broken) as back:
        remote = remote_of(RemoteConfig(), gateway(back), __version__)
        assert remote is not None
        told = await asyncio.gather(*(remote.works() for _ in range(10)), return_exceptions=True)
        assert {type(one) for one in told} == {RemoteUnreachableError}
        assert asked == 1
        with pytest.raises(RemoteUnreachableError):
            await remote.works()
        assert asked == 2
        await remote.close()


@pytest.mark.parametrize("mode", [0o644, None])
async def test_a_token_file_must_be_there_and_ones_own(tmp_path: Path, mode: int | None) -> None:
    """Else the other server is not even asked."""
    path = tmp_path / "token"
    if mode is not None:
        path.write_text("secret")
        path.chmod(mode)
    config = RemoteConfig(url="http://127.0.0.1:1", token_env="NO_SUCH", token_file=str(path))
    remote = remote_of(config, None, __version__)
    assert remote is not None
    with pytest.raises(RemoteAuthError, match=str(path)):
        await remote.works()
    await remote.close()


async def test_certificates_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """By their path, and before anything is sent."""
    config = RemoteConfig(url="https://127.0.0.1:1", ca_file=str(tmp_path / "none.pem"))
    remote = remote_of(config, None, __version__)
    assert remote is not None
    with pytest.raises(RemoteAuthError, match="cannot be read"):
        await remote.works()


@pytest.mark.parametrize("checked", [True, False])
async def test_certificates_are_checked_unless_the_gateway_says_not_to(checked: bool) -> None:
    """As Jupyter itself does it for the kernels of that gateway."""
    asked = client("https://127.0.0.1:1", validate_cert=checked)
    remote = remote_of(RemoteConfig(), asked, __version__)
    assert remote is not None
    assert (remote._certificates().verify_mode is ssl.CERT_REQUIRED) == checked
    with pytest.raises(RemoteUnreachableError, match=r"127\.0\.0\.1:1"):
        await remote.works()
    await remote.close()
