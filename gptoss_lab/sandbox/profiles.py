"""What holds for one start: the server's choices, a profile's, and what was asked on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gptoss_lab.errors import PolicyError
from gptoss_lab.sandbox.policy import resolve
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides, Limits
from gptoss_lab.schemas.sandboxes import Isolation

STANZA_KEYS = frozenset({"language", "profile", "limits"})
"""What a kernelspec may say. Kernelspecs are files that a person may write."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a start is held to. Without an `image` the runtime's own for the language is meant."""

    limits: Limits
    isolation: Isolation
    profile: str = ""
    image: str = ""


def rules_of(config: SandboxConfig, profile: str, *narrowings: LimitOverrides | Mapping[str, Any]) -> Rules:
    """Return the rules of a profile, narrowed in turn; without a profile those of the server.

    Raises:
        PolicyError: The profile is unknown, or a narrowing is refused.
    """
    if not profile:
        return Rules(resolve(config.limits, *narrowings), config.isolation)
    chosen = config.profiles.get(profile)
    if chosen is None:
        known = ", ".join(sorted(config.profiles)) or "there is none"
        raise PolicyError(
            f"There is no sandbox profile {profile[:64]!r}",
            hint=f"Profiles are the administrator's, in the server's configuration: {known}.",
        )
    limits = resolve(config.limits, chosen.limits, *narrowings)
    return Rules(limits, chosen.isolation or config.isolation, profile, chosen.image)


def stanza_rules(config: SandboxConfig, stanza: Mapping[str, Any], overrides: LimitOverrides) -> Rules:
    """Return the rules of a kernelspec's stanza, before its kernel is started.

    Raises:
        PolicyError: The stanza says what it may not, or asks for more than is allowed.
    """
    check_stanza(stanza)
    profile, limits = stanza.get("profile", ""), stanza.get("limits", {})
    if not isinstance(profile, str) or not isinstance(limits, Mapping):
        raise PolicyError("The kernelspec's `profile` is no name, or its `limits` are no dictionary")
    return rules_of(config, profile, limits, overrides)


def check_stanza(keys: Mapping[str, Any]) -> None:
    """Refuse what a kernelspec may not say.

    Raises:
        PolicyError: There is such a key.
    """
    unknown = sorted(set(keys) - STANZA_KEYS)
    if unknown:
        raise PolicyError(
            f"The kernelspec's provisioner has a key that is refused: {unknown[0][:64]}",
            hint=f"It may have: {', '.join(sorted(STANZA_KEYS))}. The rest is the administrator's to set.",
        )
