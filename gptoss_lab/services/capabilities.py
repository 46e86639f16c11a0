"""What sandboxes can do on this server, put together from the configuration and a runtime's answer."""

from __future__ import annotations

from collections.abc import Mapping

from gptoss_lab.sandbox.profiles import rules_of
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.sandboxes import SandboxCapabilities


def capabilities_of(config: SandboxConfig, statuses: Mapping[Language, SandboxStatus]) -> SandboxCapabilities:
    """Join what the runtimes said for each language with what the administrator allows."""
    usable = {language: status for language, status in statuses.items() if status.available}
    status = next(iter(usable.values() or statuses.values()))
    ready = tuple(language for language, status in usable.items() if status.image_ready)
    missing = next((status for status in usable.values() if not status.image_ready), status)
    return SandboxCapabilities(
        runtime=status.runtime,
        isolation=status.isolation,
        engine_version=status.version,
        languages=ready,
        seccomp=status.seccomp,
        gvisor=status.gvisor,
        data=status.data if config.allow_data else "off",
        max_sandboxes=config.max_sandboxes,
        limits=config.limits,
        profiles={name: rules_of(config, name).limits for name in sorted(config.profiles)},
        reason="" if ready else missing.reason,
        hint="" if ready else missing.hint,
    )
