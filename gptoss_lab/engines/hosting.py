"""What all lives of one hosted engine share."""

from __future__ import annotations

from dataclasses import dataclass

from gptoss_lab.engines.launch import EngineLauncher, EngineSetting
from gptoss_lab.engines.start_history import StartHistory
from gptoss_lab.engines.status import Patience


@dataclass(frozen=True, slots=True)
class Hosting:
    """How an engine is started, and how long it is waited for.

    `idle_stop_s` without a request end it, or put it to sleep where the setting says so; 0 never.
    """

    launcher: EngineLauncher
    setting: EngineSetting
    history: StartHistory
    patience: Patience
    idle_stop_s: float = 0.0
