"""The running servers of this user."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gptoss_lab.cli import servers
from gptoss_lab.errors import GptossError, NotFoundError, RequestError
from gptoss_lab.schemas.model import ModelState

ONE = {"hostname": "localhost", "port": 8888, "base_url": "/", "token": "secret", "secure": False, "sock": ""}
TWO = {**ONE, "port": 8889, "base_url": "/lab-of/ada/", "token": "other"}
Answer = Callable[[httpx.Request], httpx.Response]


class Machine:
    """Servers that answer what a test says."""

    def __init__(self) -> None:
        self.running: list[dict[str, Any]] = [ONE]
        self.asked: list[httpx.Request] = []
        self.answers: dict[int, Answer] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer as the server at that port."""
        self.asked.append(request)
        say = self.answers.get(request.url.port or 80)
        return say(request) if say else httpx.Response(200, text=ModelState(model="m").model_dump_json())


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine of this test."""
    one = Machine()
    monkeypatch.setattr(servers, "list_running_servers", lambda: iter(one.running))
    monkeypatch.setattr(servers, "transport_of", lambda _record: httpx.MockTransport(one.answer))
    return one


async def test_the_one_that_runs_is_found_and_given_its_own_token(machine: Machine) -> None:
    """As it has noted itself; one without our extension does not count."""
    machine.running = [ONE, TWO]
    machine.answers[8888] = lambda _: httpx.Response(404, text="<html>")
    found = await servers.find_server()
    assert found
    assert found.url == "http://localhost:8889/lab-of/ada/"
    assert (await found.state()).model == "m"
    last = machine.asked[-1]
    assert (last.url.path, last.headers["Authorization"]) == ("/lab-of/ada/api/v1/model", "token other")


async def test_of_several_one_is_named(machine: Machine) -> None:
    """With its address as the browser shows it."""
    machine.running = [ONE, TWO]
    with pytest.raises(RequestError, match="Several") as caught:
        await servers.find_server()
    assert "--server" in caught.value.hint
    found = await servers.find_server("http://127.0.0.1:8888/lab?token=x")
    assert found
    assert found.url == "http://localhost:8888/"


async def test_a_token_goes_to_no_other_address(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that no record holds gets what the person has put into the environment, or nothing."""
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    await servers.find_server("http://elsewhere:8888/")
    assert "Authorization" not in machine.asked[-1].headers
    monkeypatch.setenv("JUPYTER_TOKEN", "mine")
    await servers.find_server("http://elsewhere:8888/")
    assert machine.asked[-1].headers["Authorization"] == "token mine"


async def test_where_none_runs_it_says_what_to_start(machine: Machine) -> None:
    """No traceback, no guess."""
    machine.running = []
    assert await servers.find_server() is None
    with pytest.raises(NotFoundError, match="No Jupyter server") as caught:
        await servers.the_server()
    assert "jupyter lab" in caught.value.hint


async def test_all_that_run_are_told_with_their_models(machine: Machine) -> None:
    """Those that know us, each by its address."""
    machine.running = [ONE, TWO]
    machine.answers[8888] = lambda _: httpx.Response(404, text="<html>")
    ((address, state),) = await servers.models_running()
    assert (address, state.model) == ("http://localhost:8889/lab-of/ada/", "m")


def gone(request: httpx.Request) -> httpx.Response:
    """Refuse the connection."""
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (gone, NotFoundError, "Nothing answers"),
        (lambda _: httpx.Response(403, text="{}"), RequestError, "refuses us"),
        (lambda _: httpx.Response(404, text="<html>"), NotFoundError, "has no gptoss_lab"),
        (lambda _: httpx.Response(200, text="<html>"), RequestError, "no Jupyter server"),
        (lambda _: httpx.Response(409, json={"detail": "busy", "hint": "wait"}), RequestError, "busy"),
        (lambda _: httpx.Response(507, json={"detail": "full", "hint": "free"}), GptossError, "full"),
        (lambda _: httpx.Response(500, json=["x"]), NotFoundError, "has no gptoss_lab"),
    ],
)
async def test_a_named_server_that_does_not_do_it(
    answer: Answer, kind: type[GptossError], words: str, machine: Machine
) -> None:
    """Each refusal is told as what it is, with its hint."""
    machine.answers[8888] = answer
    with pytest.raises(kind, match=words) as caught:
        await servers.find_server("http://localhost:8888/")
    assert caught.value.hint


async def test_verbs_are_the_routes(machine: Machine) -> None:
    """Start takes what to attach; stop and logs go to their own addresses."""
    machine.answers[8888] = lambda request: httpx.Response(
        200, json={"lines": ["a"]} if request.url.path.endswith("logs") else {"phase": "stopped"}
    )
    found = await servers.the_server()
    await found.start("http://127.0.0.1:11434/v1")
    assert json.loads(machine.asked[-1].content) == {"attach": "http://127.0.0.1:11434/v1"}
    assert (await found.stop()).phase == "stopped"
    assert (await found.logs()).lines == ("a",)
    assert [request.url.path.rpartition("/")[2] for request in machine.asked[1:]] == ["start", "stop", "logs"]


@pytest.mark.parametrize(
    ("noted", "url"),
    [
        ({"hostname": ""}, "http://127.0.0.1:8888/"),
        ({"hostname": "::1", "secure": True}, "https://[::1]:8888/"),
        ({"sock": "/run/jupyter.sock"}, "http://jupyter/"),
    ],
)
def test_where_a_server_listens_is_where_it_is_asked(
    noted: dict[str, Any], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that listens everywhere is asked on this machine; one on a socket there."""
    monkeypatch.setattr(servers, "list_running_servers", lambda: iter([{**ONE, **noted}]))
    (record,) = servers.records_of_user()
    assert (record.url, record.socket) == (url, noted.get("sock", ""))
    assert "secret" not in repr(record)
