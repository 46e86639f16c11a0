"""The wire models of the model service, and what the configuration refuses of it."""

from __future__ import annotations

from typing import get_args

import pytest

from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import LOADING, SERVING, EnginePhase, ModelState
from gptoss_lab.schemas.sections import parse_section


def test_phases_are_told_apart() -> None:
    """A phase loads, serves, or neither."""
    phases = set(get_args(EnginePhase))
    assert set(LOADING) | set(SERVING) < phases
    assert not set(LOADING) & set(SERVING)


def test_nothing_is_there_at_first() -> None:
    """A server without a model says so, and offers nothing to stop."""
    state = ModelState()
    assert (state.phase, state.engine, state.can_start, state.can_stop) == (
        "unconfigured",
        None,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"extra_args": ("--foo",)}, "allow_extra_args"),
        ({"extra_args": ("--trust_remote_code",), "allow_extra_args": True}, "trust_remote_code"),
        ({"engine": "attach"}, "url"),
        ({"revision": "-x; rm"}, "revision"),
        ({"devices": "0;1"}, "devices"),
        ({"max_model_len": 12}, "max_model_len"),
    ],
)
def test_what_is_dangerous_or_senseless_is_refused(values: dict[str, object], words: str) -> None:
    """The message names the key or the way out."""
    with pytest.raises(RequestError, match=words):
        parse_section(ModelConfig, "c.GptossLabApp.model", values)
