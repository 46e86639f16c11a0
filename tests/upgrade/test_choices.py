"""What persons and administrators chose with an earlier version: feedback, settings, configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from gptoss_lab.schemas import config
from gptoss_lab.schemas.config import FeedbackConfig
from gptoss_lab.services.feedback import FeedbackService
from gptoss_lab.services.feedback_file import name_of

KEPT = Path(__file__).parent / "kept"
SCHEMA = json.loads((Path(__file__).parents[2] / "schema" / "plugin.json").read_text(encoding="utf-8"))
SETTINGS = json.loads((KEPT / "settings.json").read_text(encoding="utf-8"))
CONFIGURATION = json.loads((KEPT / "configuration.json").read_text(encoding="utf-8"))


async def test_feedback_of_an_earlier_version_counts(tmp_path: Path) -> None:
    """Every line is read, none is called damaged."""
    (tmp_path / f"{name_of('me')}.jsonl").write_bytes((KEPT / "feedback.jsonl").read_bytes())
    summary = await FeedbackService(folder=tmp_path, config=FeedbackConfig()).summary("me")
    (counts,) = summary.counts
    assert (counts.accepted, counts.edited, counts.rejected, summary.unreadable) == (1, 1, 1, 0)


@pytest.mark.parametrize(("own", "unreadable"), [({"of_tomorrow": 1}, 0), ({"verdict": "of_tomorrow"}, 1)])
async def test_feedback_of_a_newer_version_is_read_as_far_as_it_is_known(
    own: dict[str, object], unreadable: int, tmp_path: Path
) -> None:
    """A field more is passed over, a verdict that is not known is told; the file stays as it is."""
    line = json.loads((KEPT / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[0])
    file = tmp_path / f"{name_of('me')}.jsonl"
    file.write_text(json.dumps({**line, **own}) + "\n", encoding="utf-8")
    before = file.read_bytes()
    summary = await FeedbackService(folder=tmp_path, config=FeedbackConfig()).summary("me")
    assert (summary.unreadable, len(summary.counts)) == (unreadable, 1 - unreadable)
    assert file.read_bytes() == before


@pytest.mark.parametrize("settings", SETTINGS, ids=",".join)
def test_settings_of_earlier_versions_are_still_settings(settings: dict[str, object]) -> None:
    """JupyterLab drops all of a person's settings where one does not fit the schema."""
    assert not [error.message for error in Draft7Validator(SCHEMA).iter_errors(settings)]


def test_a_setting_that_is_gone_would_be_found() -> None:
    """The schema is closed: a name that it does not know is an error."""
    assert list(Draft7Validator(SCHEMA).iter_errors({"of_yesterday": 1}))


@pytest.mark.parametrize("name", sorted(CONFIGURATION))
def test_an_administrator_s_configuration_still_names_what_there_is(name: str) -> None:
    """A server whose configuration names an option that is gone does not start."""
    gone = set(CONFIGURATION[name]) - set(getattr(config, name).model_fields)
    assert not gone, f"keep {sorted(gone)} in {name}, with a warning, for one version more"
