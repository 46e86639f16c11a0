"""A Jupyter Server with our extension and fake services."""

from __future__ import annotations

from typing import Any

import pytest

from gptoss_lab.extension import GptossLabApp
from tests.fakes.services import FakeServices


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> FakeServices:
    """The services that the server is assembled with."""
    fake = FakeServices()
    monkeypatch.setattr(GptossLabApp, "_assemble", lambda _self: fake)
    return fake


@pytest.fixture
def jp_server_config(services: FakeServices) -> dict[str, Any]:
    """Enable the extension and refuse whoever has no token."""
    assert not services.closed
    return {
        "ServerApp": {
            "jpserver_extensions": {"gptoss_lab": True, "jupyter_server_terminals": False},
            "allow_unauthenticated_access": False,
            "reraise_server_extension_failures": True,
        }
    }
