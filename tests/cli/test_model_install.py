"""`jupyter gptoss model install`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gptoss_lab.cli import app, model_install
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EnginePhase, EngineProgress


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, config_dir: Path, tmp_path: Path) -> list[str]:
    """What the verb had made; nothing is downloaded."""
    assert config_dir.is_dir()
    said: list[str] = []
    python = tmp_path / "engine" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_bytes(b"x" * 2_000_000)

    async def install(_config: ModelConfig, engine: str, report: Callable[[str, int, int], None]) -> Path:
        said.append(engine)
        report("Installing torch: unpacking 3 packages", 1, 2)
        return python

    async def fetch(
        _config: ModelConfig, report: Callable[[EnginePhase, EngineProgress], None]
    ) -> tuple[Path, int]:
        said.append("weights")
        report("downloading", EngineProgress(done_bytes=5, total_bytes=10, message="Downloading it"))
        return tmp_path, 13_800_000_000

    monkeypatch.setattr(model_install, "install_engine", install)
    monkeypatch.setattr(model_install, "fetch_weights", fetch)
    return said


def test_the_engine_is_made_and_its_size_told(asked: list[str]) -> None:
    """Without the weights, unless they are asked for."""
    result = CliRunner().invoke(app, ["model", "install", "--engine", "transformers"])
    assert result.exit_code == 0
    assert asked == ["transformers"]
    assert "Installing torch (50%)" in result.stderr
    assert "The engine transformers is at" in result.stderr
    assert "2 MB" in result.stderr


def test_the_weights_come_too_where_asked(asked: list[str]) -> None:
    """With their bytes, as lines of JSON."""
    result = CliRunner().invoke(app, ["model", "install", "--download", "--json"])
    assert result.exit_code == 0
    assert asked == ["vllm", "weights"]
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert rows[0] == {"step": "Installing torch: unpacking 3 packages", "done": 1, "total": 2}
    assert rows[1]["size_bytes"] == 2_000_000
    assert (rows[2]["phase"], rows[2]["done_bytes"], rows[2]["total_bytes"]) == ("downloading", 5, 10)
    assert rows[3]["size_bytes"] == 13_800_000_000


@pytest.mark.usefixtures("asked")
def test_what_fails_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message and the hint, and exit code 1."""

    async def install(*_: object) -> Path:
        raise EngineLoadError("The disk is full", reason="no_disk", hint="Free some space.")

    monkeypatch.setattr(model_install, "install_engine", install)
    result = CliRunner().invoke(app, ["model", "install"])
    assert result.exit_code == 1
    assert "The disk is full.\n  Free some space." in result.stderr


@pytest.mark.usefixtures("asked")
def test_whoever_stops_it_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The install is cancelled, so that it can clean up, and the exit code says so."""
    cleaned: list[bool] = []

    async def install(*_: object) -> Path:
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(True)
        return Path()

    monkeypatch.setattr(model_install, "install_engine", install)
    result = CliRunner().invoke(app, ["model", "install"])
    assert result.exit_code == 130
    assert cleaned == [True]


def test_an_unknown_engine_is_refused() -> None:
    """Before anything is done."""
    assert CliRunner().invoke(app, ["model", "install", "--engine", "magic"]).exit_code == 2
