"""Which server is asked, and with which token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from IPython.core.error import UsageError

from gptoss_lab.magics.server import Server, find_server


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, None),
        (
            {"GPTOSS_LAB_URL": "http://x:8888", "GPTOSS_LAB_TOKEN": "t"},
            Server("http://x:8888/", "t"),
        ),
        ({"GPTOSS_LAB_URL": "https://hub/user/ada/lab?token=abc"}, Server("https://hub/user/ada/", "abc")),
        ({"GPTOSS_LAB_URL": "http://x/", "JUPYTER_TOKEN": "another's"}, Server("http://x/", "")),
        (
            {"JUPYTER_SERVER_URL": "http://y:1/base/", "JUPYTER_TOKEN": "j", "GPTOSS_LAB_TOKEN": "another's"},
            Server("http://y:1/base/", "j"),
        ),
        ({"GPTOSS_LAB_URL": "http://a/", "JUPYTER_SERVER_URL": "http://b/"}, Server("http://a/", "")),
        ({"JPY_PARENT_PID": "1"}, None),
    ],
)
def test_the_environment_names_a_server(environment: dict[str, str], found: Server | None) -> None:
    """A token goes only to the address that it stands beside."""
    assert find_server(environment) == found


@pytest.mark.parametrize("address", ["localhost:8888", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """Nothing is opened that is not a web server."""
    with pytest.raises(UsageError, match="GPTOSS_LAB_URL is not the address of a server"):
        find_server({"GPTOSS_LAB_URL": address})


def test_the_server_that_started_the_kernel_is_found(tmp_path: Path) -> None:
    """Its record lies beside the kernel's connection file; no other record counts."""
    (tmp_path / "jpserver-7.json").write_text(json.dumps({"url": "http://z:2/", "token": "own"}))
    (tmp_path / "jpserver-8.json").write_text("[]")
    (tmp_path / "jpserver-9.json").write_text("{")
    (tmp_path / "jpserver-11.json").write_text(json.dumps({"url": "http+unix://%2Ftmp%2Fx"}))
    file = str(tmp_path / "kernel-1.json")
    assert find_server({"JPY_PARENT_PID": "7"}, file) == Server("http://z:2/", "own")
    for pid in ("8", "9", "10", "11", "../7"):
        assert find_server({"JPY_PARENT_PID": pid}, file) is None


def test_a_token_is_never_shown() -> None:
    """Not even where an error prints the server."""
    assert "secret" not in repr(Server("http://x/", "secret"))
