"""The running servers of this user."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from gptoss_lab.cli import servers
from gptoss_lab.client import Server
from gptoss_lab.errors import ConflictError, GptossError, NotFoundError, RequestError, StorageError
from gptoss_lab.schemas.model import ModelState

ONE = Server("http://localhost:8888/", "secret")
TWO = Server("http://localhost:8889/lab-of/ada/", "other")
Answer = Callable[[httpx.Request], httpx.Response]


class Machine:
    """Servers that answer what a test says."""

    def __init__(self) -> None:
        self.running = [ONE]
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
    monkeypatch.setattr(servers, "running_servers", lambda: list(one.running))
    monkeypatch.setattr("gptoss_lab.client.server.running_servers", lambda: list(one.running))
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
    found = await servers.find_server("http://127.0.0.1:8888/lab")
    assert found
    assert found.url == "http://localhost:8888/"
    assert machine.asked[-1].headers["Authorization"] == "token secret"


async def test_a_token_goes_to_no_other_address(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that no record holds gets what the person has put into the environment, or nothing."""
    for name in ("JUPYTER_TOKEN", "JUPYTER_SERVER_URL", "GPTOSS_LAB_TOKEN", "GPTOSS_LAB_URL"):
        monkeypatch.delenv(name, raising=False)
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


def problem(status: int, code: str, words: str) -> httpx.Response:
    """Return a problem as our server tells it."""
    body = {"title": "t", "status": status, "code": code, "detail": words, "hint": "Wait."}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def gone(request: httpx.Request) -> httpx.Response:
    """Refuse the connection."""
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (gone, NotFoundError, "Nothing answers"),
        (lambda _: httpx.Response(403, text="{}"), RequestError, "403"),
        (lambda _: httpx.Response(404, text="<html>"), NotFoundError, "no gptoss_lab is there"),
        (lambda _: httpx.Response(200, text="<html>"), NotFoundError, "is no ModelState"),
        (lambda _: problem(409, "conflict", "busy"), ConflictError, "busy"),
        (lambda _: problem(507, "storage", "full"), StorageError, "full"),
        (lambda _: httpx.Response(500, json=["x"]), GptossError, "500"),
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
