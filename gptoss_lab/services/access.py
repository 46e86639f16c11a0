"""What one person may ask of this process."""

from __future__ import annotations

from gptoss_lab.schemas.access_config import AccessConfig
from gptoss_lab.services.quotas import Quotas
from gptoss_lab.services.readers import Readers


class Access:
    """The limits of this process, and what of them is used.

    Args:
        config: How much is allowed; the defaults where it is None.

    Attributes:
        config: How much is allowed.
        quotas: How often each person asks.
        readers: How many connections wait for events.
    """

    def __init__(self, config: AccessConfig | None = None) -> None:
        self.config = config or AccessConfig()
        self.quotas = Quotas(self.config)
        self.readers = Readers(self.config.readers, self.config.readers_in_all)
