"""A Jupyter Server with our extension and fake services, as the tests of the routes have it."""

from __future__ import annotations

import pytest

from tests.client.driver import KINDS, Kind
from tests.routes.conftest import jp_server_config, services

__all__ = ["jp_server_config", "kind", "services"]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Which of the two clients; each test is done with both."""
    found: Kind = request.param
    return found


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what this machine says of servers out of the tests."""
    for name in ("GPTOSS_LAB_URL", "GPTOSS_LAB_TOKEN", "JUPYTER_SERVER_URL", "JUPYTER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
