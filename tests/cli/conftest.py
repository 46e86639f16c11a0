"""The command line with fake services and no configuration of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gptoss_lab.cli import app, screen, session
from tests.fakes.services import FakeServices

Invoke = Callable[..., Result]


@pytest.fixture(autouse=True)
def _loud() -> Iterator[None]:
    """Let no verb of one test make those of the next quiet."""
    yield
    screen.set_quiet(wanted=False)


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> FakeServices:
    """The services that a verb is given."""
    fake = FakeServices()

    def assemble(_settings: object) -> FakeServices:
        fake.opened = True
        return fake

    monkeypatch.setattr(session, "_assemble", assemble)
    return fake


@pytest.fixture
def config_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that is searched for configuration."""
    folder = tmp_path / "jupyter-config"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "jupyter-runtime"))
    monkeypatch.setattr("jupyter_core.application.jupyter_config_path", lambda: [str(folder)])
    for name in ("GPTOSS_LAB_MODEL_URL", "GPTOSS_LAB_MODEL"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def invoke(services: FakeServices, config_dir: Path) -> Invoke:
    """Run `jupyter gptoss` with these words in this process."""
    assert config_dir.is_dir()

    def run(*words: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(app, list(words), input=stdin)
        assert services.closed or not getattr(services, "opened", True) or result.exit_code in {0, 2}
        return result

    return run
