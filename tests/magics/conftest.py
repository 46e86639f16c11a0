"""A shell with the magics in it, and a server that answers them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from gptoss_lab.magics import load_ipython_extension
from tests.fakes.magic_api import MagicApi

SHELL: Any = InteractiveShell


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name no server, whatever the machine's environment names."""
    for name in list(os.environ):
        if name.startswith(("GPTOSS_LAB_", "JUPYTER_", "JPY_")):
            monkeypatch.delenv(name)


@pytest.fixture
def shell() -> Iterator[Any]:
    """A shell as `ipython` has one, without a history on disk."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = SHELL(config=config)
    load_ipython_extension(shell)
    yield shell
    shell.reset(new_session=False)
    shell.restore_sys_module_state()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[MagicApi]:
    """A server that the environment names."""
    with MagicApi() as server:
        monkeypatch.setenv("GPTOSS_LAB_URL", server.url)
        monkeypatch.setenv("GPTOSS_LAB_TOKEN", "made-up")
        yield server
