"""`jupyter gptoss model`."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from gptoss_lab.cli import app
from gptoss_lab.cli.model import app as model_app


@pytest.mark.parametrize("verb", ["start", "stop", "status", "logs"])
def test_each_verb_is_there_and_says_what_it_does(verb: str) -> None:
    """Under its own name, with help."""
    assert verb in {command.name for command in model_app.registered_commands}
    result = CliRunner().invoke(app, ["model", verb, "--help"])
    assert result.exit_code == 0
    assert "model" in result.stdout.lower()
