"""Which server is asked, with which token."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.client.errors import NoServerError
from gptoss_lab.client.server import Server, find_server, running_servers
from gptoss_lab.errors import RequestError

ONE = {
    "pid": os.getpid(),
    "hostname": "localhost",
    "port": 8888,
    "base_url": "/",
    "token": "secret",
    "secure": False,
    "sock": "",
}


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where servers leave their records: an empty one."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    return folder


def note(folder: Path, name: str = "1", **changes: Any) -> None:
    """Leave the record of a server."""
    (folder / f"jpserver-{name}.json").write_text(json.dumps({**ONE, **changes}))


@pytest.mark.parametrize(
    ("address", "url", "token"),
    [
        ("http://localhost:8888", "http://localhost:8888/", ""),
        ("http://localhost:8888/lab?token=abc", "http://localhost:8888/", "abc"),
        ("https://hub.example.org/user/ada/lab/tree/a/b.ipynb", "https://hub.example.org/user/ada/", ""),
        ("https://hub.example.org/lab/user/ada/", "https://hub.example.org/lab/user/ada/", ""),
        (" http://[::1]:8888/tree ", "http://[::1]:8888/", ""),
    ],
)
def test_an_address_as_the_browser_shows_it(address: str, url: str, token: str) -> None:
    """The page falls away, the prefix of a hub stays."""
    assert Server.at(address) == Server(url, token)


@pytest.mark.parametrize(
    "address", ["localhost:8888", "ftp://x/", "http://", "http://x:port/", "file:///etc"]
)
def test_an_address_that_is_none(address: str) -> None:
    """It says how one is written."""
    with pytest.raises(RequestError, match="no http") as caught:
        Server.at(address)
    assert "http://localhost:8888/" in caught.value.hint


def test_a_password_in_an_address_is_not_taken() -> None:
    """And not shown."""
    with pytest.raises(RequestError) as caught:
        Server.at("http://ada:s3cret@host/")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("noted", "server"),
    [
        ({"hostname": ""}, Server("http://127.0.0.1:8888/", "secret")),
        ({"hostname": "::1", "secure": True}, Server("https://[::1]:8888/", "secret")),
        ({"sock": "/run/j.sock"}, Server("http://jupyter/", "secret", "/run/j.sock")),
        ({"base_url": "/user/ada/"}, Server("http://localhost:8888/user/ada/", "secret")),
    ],
)
def test_the_server_that_runs_is_found(noted: dict[str, Any], server: Server, runtime: Path) -> None:
    """Where it listens, with its own token, which is not shown."""
    note(runtime, **noted)
    assert find_server(environment={}) == server
    assert "secret" not in repr(server)


def test_records_of_servers_that_ended_do_not_count(runtime: Path) -> None:
    """Nor what is no record."""
    note(runtime, "1", pid=2**22 - 3)
    (runtime / "jpserver-2.json").write_text("{")
    (runtime / "jpserver-3.json").write_text("[]")
    assert running_servers() == []
    with pytest.raises(NoServerError, match="No Jupyter server") as caught:
        find_server(environment={})
    assert "jupyter lab" in caught.value.hint


def test_of_several_one_is_named(runtime: Path) -> None:
    """They are listed; the named one is known by its record, also by the other name of this machine."""
    note(runtime, "1")
    note(runtime, "2", port=8889, token="other")
    with pytest.raises(NoServerError, match=r"Several.*8888.*8889"):
        find_server(environment={})
    assert find_server("http://127.0.0.1:8889/lab", environment={}).token == "other"


def test_a_token_goes_to_no_other_address(runtime: Path) -> None:
    """Neither a record's nor that of another address of the environment."""
    note(runtime)
    variables = {"GPTOSS_LAB_URL": "http://mine/", "GPTOSS_LAB_TOKEN": "t"}
    assert find_server(environment=variables) == Server("http://mine/", "t")
    assert find_server("http://other/", environment=variables).token == ""
    assert find_server("http://mine/lab", environment=variables).token == "t"
    assert find_server("http://other/", environment={"GPTOSS_LAB_TOKEN": "t"}).token == "t"
    assert find_server("http://other/", "given", environment=variables).token == "given"
    assert find_server("http://elsewhere:8888/", environment={}).token == ""


def test_in_a_terminal_of_jupyter_its_server_is_asked(runtime: Path) -> None:
    """As the environment names it; where it names no token the record may know it."""
    note(runtime)
    variables = {"JUPYTER_SERVER_URL": "http://localhost:8888/"}
    assert find_server(environment=variables).token == "secret"
    assert find_server(environment={**variables, "JUPYTER_TOKEN": "t"}).token == "t"


def test_only_what_is_far_is_asked_through_a_proxy() -> None:
    """A proxy of the environment does not learn what is asked of this machine."""
    assert Server.at("http://localhost:1/").is_near
    assert Server.at("http://127.0.0.2/").is_near
    assert Server.at("http://[::1]/").is_near
    assert Server("http://jupyter/", socket="/run/x").is_near
    assert not Server.at("https://hub.example.org/").is_near
