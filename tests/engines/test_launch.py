"""What travels between launchers and the supervisor."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.engines.launch import Endpoint
from gptoss_lab.schemas.config import ModelConfig


def test_an_endpoint_is_an_address_that_the_client_takes() -> None:
    """And its key is in no representation that could reach a log."""
    endpoint = Endpoint(Path("/run/user/1/gptoss_lab/e.sock"), "gpt-oss-20b", "secret")
    assert ModelConfig(url=endpoint.url).url == "unix:///run/user/1/gptoss_lab/e.sock"
    assert "secret" not in repr(endpoint)
