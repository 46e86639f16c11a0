"""Profiles: named maxima that a kernelspec chooses and nobody but the administrator widens."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gptoss_lab.errors import PolicyError
from gptoss_lab.sandbox.profiles import check_stanza, rules_of, stanza_rules
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides

CONFIG = SandboxConfig.model_validate({
    "limits": {"pids": 100, "cpus": 2.0},
    "isolation": "runc",
    "profiles": {
        "small": {"limits": {"pids": 40}},
        "apart": {"isolation": "require-gvisor", "image": "gptoss-sandbox-python:old"},
    },
})


def test_without_a_profile_the_server_decides() -> None:
    """The server's own limits and isolation hold, and its newest image runs."""
    rules = rules_of(CONFIG, "", {"cpus": 1.0})
    assert (rules.limits.pids, rules.limits.cpus, rules.isolation, rules.image) == (100, 1.0, "runc", "")


def test_a_profile_narrows_and_chooses() -> None:
    """A profile has maxima of its own, and may choose the isolation and the image."""
    assert rules_of(CONFIG, "small").limits.pids == 40
    assert rules_of(CONFIG, "small").isolation == "runc"
    apart = rules_of(CONFIG, "apart")
    assert (apart.isolation, apart.image, apart.limits.pids) == (
        "require-gvisor",
        "gptoss-sandbox-python:old",
        100,
    )


def test_what_comes_after_a_profile_only_narrows_it() -> None:
    """A kernelspec and a start are held to the profile, not to the server."""
    assert rules_of(CONFIG, "small", {"pids": 30}, LimitOverrides(pids=20)).limits.pids == 20
    with pytest.raises(PolicyError, match="pids=50 is wider than the 40"):
        rules_of(CONFIG, "small", {"pids": 50})


def test_an_unknown_profile_is_refused() -> None:
    """A name that the administrator did not give is refused, with the names there are."""
    with pytest.raises(PolicyError, match="no sandbox profile 'huge'") as caught:
        rules_of(CONFIG, "huge")
    assert "apart, small" in caught.value.hint
    with pytest.raises(PolicyError) as caught:
        rules_of(SandboxConfig(), "x")
    assert "there is none" in caught.value.hint


@pytest.mark.parametrize(
    ("stanza", "says"),
    [
        ({"config": {"GptossLabApp": {}}}, "config"),
        ({"image": "evil"}, "image"),
        ({"isolation": "runc"}, "isolation"),
        ({"privileged": True}, "privileged"),
        ({"profile": 3}, "no name"),
        ({"limits": "all"}, "no dictionary"),
        ({"limits": {"pids": 200}}, "wider"),
        ({"limits": {"mounts": []}}, "mounts is refused"),
        ({"profile": "none"}, "no sandbox profile"),
    ],
)
def test_a_kernelspec_may_say_little(stanza: dict[str, Any], says: str) -> None:
    """An unknown key, a wrong type or a wider limit in a kernelspec is refused."""
    with pytest.raises(PolicyError, match=says):
        stanza_rules(CONFIG, stanza, LimitOverrides())


def test_a_plain_kernelspec_is_taken() -> None:
    """Language, profile and limits are what a kernelspec is for."""
    stanza = {"language": "r", "profile": "small", "limits": {"cpus": 1.0}}
    check_stanza(stanza)
    rules = stanza_rules(CONFIG, stanza, LimitOverrides(pids=10))
    assert (rules.limits.pids, rules.limits.cpus, rules.profile) == (10, 1.0, "small")


def test_a_profile_cannot_be_wider_than_the_server() -> None:
    """Such a configuration is refused as a whole, with the profile's name."""
    with pytest.raises(ValidationError, match="the profile big has a wider limit than the server: pids=999"):
        SandboxConfig.model_validate({"profiles": {"big": {"limits": {"pids": 999}}}})
