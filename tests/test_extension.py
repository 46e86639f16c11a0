"""The composition root."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from jupyter_server.gateway.connections import GatewayWebSocketConnection
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab import _jupyter_labextension_paths, _jupyter_server_extension_points
from gptoss_lab.errors import StorageError
from gptoss_lab.extension import SECTIONS, GptossLabApp
from gptoss_lab.routes.gateway_socket import SandboxGatewayConnection
from gptoss_lab.routes.websocket import SETTING, SandboxWebsocketConnection, warn_unless_in_force
from gptoss_lab.schemas import config as config_module
from gptoss_lab.services.logs import JsonLines, ToStandardError, take_down
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
HEAVY = (
    "pydantic",
    "docker",
    "httpx",
    "griffe",
    "pypdf",
    "selectolax",
    "docutils",
    "torch",
    "vllm",
    "pandas",
    "huggingface_hub",
    "openai_harmony",
)


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> FakeServices:
    """The services that the extension assembles."""
    fake = FakeServices()
    monkeypatch.setattr(GptossLabApp, "_assemble", lambda _self: fake)
    return fake


@pytest.fixture
def section() -> dict[str, Any]:
    """The configuration of the extension."""
    return {}


@pytest.fixture
def jp_server_config(section: dict[str, Any]) -> dict[str, Any]:
    """A server with the extension."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"gptoss_lab": True, "jupyter_server_terminals": False},
            "reraise_server_extension_failures": True,
        },
        "GptossLabApp": section,
    }


def extension_of(server: ServerApp) -> GptossLabApp:
    """Return the extension that a server has loaded."""
    (app,) = server.extension_manager.extension_apps["gptoss_lab"]
    assert isinstance(app, GptossLabApp)
    return app


def test_jupyter_finds_both_extensions() -> None:
    """The hooks name the server extension and the prebuilt front end."""
    assert _jupyter_server_extension_points() == [{"module": "gptoss_lab", "app": GptossLabApp}]
    assert _jupyter_labextension_paths() == [{"src": "labextension", "dest": "gptoss-lab"}]


def test_loading_is_light() -> None:
    """Nothing heavy is imported by the extension's module that Jupyter Server has not already."""
    program = (
        "import sys, jupyter_server.serverapp, jupyter_server.extension.application;"
        "before = set(sys.modules);"
        "import gptoss_lab.extension; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & set(HEAVY)


@pytest.mark.parametrize("key", sorted(SECTIONS))
def test_the_help_names_every_key_and_default(key: str) -> None:
    """`--help-all` shows what the models hold."""
    text = GptossLabApp.class_get_trait_help(getattr(GptossLabApp, key))
    model = getattr(config_module, SECTIONS[key])
    words = text.split()
    for name in model.model_fields:
        assert f"{name}:" in words


async def test_services_are_assembled_once_and_only_when_needed(
    services: FakeServices, jp_serverapp: ServerApp
) -> None:
    """The first use assembles; concurrent uses share it."""
    app = extension_of(jp_serverapp)
    assert app._assembling is None
    first, second = await asyncio.gather(app.services(), app.services())
    assert first is second
    assert first.jobs is cast("Any", services.jobs)


async def test_a_failed_assembly_is_told_and_tried_again(
    services: FakeServices, jp_fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at first use does not break the server until it is restarted."""

    def full(_self: GptossLabApp) -> None:
        raise StorageError("The disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(GptossLabApp, "_assemble", full)
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch("api", "v1", "code", "jobs")
        assert caught.value.code == 507
    assert (await jp_fetch("api", "v1", "code", "jobs")).code == 200
    assert not services.closed


async def test_left_sandboxes_are_looked_for_in_the_background(
    services: FakeServices, jp_serverapp: ServerApp
) -> None:
    """The start does not wait for it, and the stop ends it."""
    app = extension_of(jp_serverapp)
    await app._start_jupyter_server_extension(jp_serverapp)
    for _ in range(100):
        if services.execution.reaped:
            break
        await asyncio.sleep(0.01)
    assert services.execution.reaped == 1
    await app.stop_extension()
    assert services.closed
    assert app._reaping is not None
    assert app._reaping.done()


async def test_a_failure_to_look_is_logged_and_not_the_end(
    services: FakeServices,
    jp_serverapp: ServerApp,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A data folder that cannot be made must not take the server down."""

    def broken(_self: GptossLabApp) -> None:
        raise StorageError("The folder cannot be made")

    monkeypatch.setattr(GptossLabApp, "_assemble", broken)
    app = extension_of(jp_serverapp)
    with caplog.at_level(logging.WARNING):
        await app._start_jupyter_server_extension(jp_serverapp)
        await asyncio.sleep(0.1)
        await app.stop_extension()
    assert "The folder cannot be made" in caplog.text
    assert not services.closed


async def test_stopping_what_was_never_used_does_nothing(
    services: FakeServices, jp_serverapp: ServerApp
) -> None:
    """No services are assembled only to be closed."""
    await extension_of(jp_serverapp).stop_extension()
    assert not services.closed


async def test_the_kernels_websockets_are_guarded(
    services: FakeServices, jp_serverapp: ServerApp, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nobody chose others they are ours, and nothing is to be said."""
    assert not services.closed
    assert jp_serverapp.kernel_websocket_connection_class is SandboxWebsocketConnection
    assert jp_serverapp.web_app.settings[SETTING] is SandboxWebsocketConnection
    warn_unless_in_force(jp_serverapp)
    assert "unfiltered" not in caplog.text


class TheirConnection(ZMQChannelsWebsocketConnection):
    """Websockets of another extension."""


async def test_those_of_a_gateway_are_guarded_too(
    services: FakeServices,
    jp_configurable_serverapp: Callable[..., ServerApp],
    jp_server_config: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What a sandbox there sends is shown in the page of this server."""
    jp_server_config["ServerApp"][SETTING] = GatewayWebSocketConnection
    server = jp_configurable_serverapp(config=jp_server_config)
    assert server.web_app.settings[SETTING] is SandboxGatewayConnection
    warn_unless_in_force(server)
    assert "unfiltered" not in caplog.text
    assert not services.closed


async def test_somebody_elses_websockets_stay_and_are_told(
    services: FakeServices,
    jp_configurable_serverapp: Callable[..., ServerApp],
    jp_server_config: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Their choice wins; the log says what is not protected."""
    jp_server_config["ServerApp"][SETTING] = TheirConnection
    server = jp_configurable_serverapp(config=jp_server_config)
    app = extension_of(server)
    with caplog.at_level(logging.WARNING):
        await app._start_jupyter_server_extension(server)
        await app.stop_extension()
    assert server.web_app.settings[SETTING] is TheirConnection
    assert "TheirConnection" in caplog.text
    assert "unfiltered" in caplog.text
    del services


@pytest.mark.parametrize(
    "section",
    [{"model": {"url": "http://127.0.0.1:1/v1", "name": "gpt-oss-20b"}, "sandbox": {"runtime": "none"}}],
)
async def test_the_configuration_reaches_the_models(jp_serverapp: ServerApp) -> None:
    """Traitlets at the door become the models of the inside."""
    sections = extension_of(jp_serverapp)._sections()
    assert sections["model"].name == "gpt-oss-20b"
    assert sections["sandbox"].runtime == "none"
    assert sections["execution"] == config_module.ExecutionConfig()


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"sandbox": {"runtme": "docker"}}, "`runtme`"),
        ({"sandbox": {"runtime": "chroot"}}, "`runtime`"),
        ({"sandbox": {"limits": {"memory_bytes": 1}}}, "`limits.memory_bytes`"),
        ({"execution": {"max_jobs": 0}}, "`max_jobs`"),
        ({"model": {"api_key": "sk-secret"}}, "`api_key`"),
    ],
)
async def test_a_bad_key_or_value_stops_the_server(
    bad: dict[str, Any],
    named: str,
    jp_configurable_serverapp: Callable[..., ServerApp],
    jp_server_config: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The sentence names the section and the key, and never repeats a secret."""
    with pytest.raises(SystemExit) as caught:
        jp_configurable_serverapp(config={**jp_server_config, "GptossLabApp": bad})
    assert caught.value.code == 1
    (told,) = [line for line in capsys.readouterr().err.splitlines() if "Bad configuration" in line]
    assert f"c.GptossLabApp.{next(iter(bad))}" in told
    assert named in told
    assert "sk-secret" not in told


@pytest.mark.parametrize(
    ("variable", "section", "is_json", "level"),
    [
        ("", {}, False, logging.WARNING),
        ("json", {}, True, logging.INFO),
        ("json", {"form": "text"}, False, logging.WARNING),
        ("", {"form": "json", "level": "debug"}, True, logging.DEBUG),
        ("yaml", {}, False, logging.WARNING),
    ],
)
def test_the_log_is_as_it_was_chosen(
    variable: str,
    section: dict[str, str],
    is_json: bool,
    level: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the configuration, else by the environment, else as Jupyter's; JSON tells of requests and jobs."""
    monkeypatch.setenv("GPTOSS_LAB_LOG", variable)
    app = GptossLabApp(logging=section)
    jupyter = logging.getLogger("a-jupyter-server")
    jupyter.setLevel(logging.WARNING)
    monkeypatch.setattr(app, "serverapp", None)
    monkeypatch.setattr(app, "log", jupyter)
    app._set_up_log()
    root = logging.getLogger("gptoss_lab")
    try:
        (handler,) = [one for one in root.handlers if isinstance(one, ToStandardError)]
        assert (isinstance(handler.formatter, JsonLines), root.level) == (is_json, level)
    finally:
        take_down()
