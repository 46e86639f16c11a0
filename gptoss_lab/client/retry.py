"""How long to wait for a server, and how often to ask it again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """The times and the counts of a client.

    Attributes:
        connect_s: The longest time until a server takes a connection.
        reply_s: The longest silence before and within an answer.
        slow_reply_s: The same where something is built first: an index, a sandbox's environment.
        idle_s: The longest silence within a stream of events. A server that lives says so every 15 seconds.
        retries: How often a call is sent again where that does no harm.
        stream_retries: How often a stream is taken up again without that anything new has come.
        first_pause_s: The pause before the first time; it doubles, and half of each is left to chance.
        longest_pause_s: No pause is longer.
    """

    connect_s: float = 10.0
    reply_s: float = 120.0
    slow_reply_s: float = 3600.0
    idle_s: float = 45.0
    retries: int = 2
    stream_retries: int = 6
    first_pause_s: float = 0.2
    longest_pause_s: float = 10.0

    def pause_s(self, failures: int) -> float:
        """Return the pause after so many failures, the first being 1."""
        most = min(self.longest_pause_s, self.first_pause_s * 2.0 ** (failures - 1))
        return most * (0.5 + 0.5 * secrets.randbelow(1 << 16) / (1 << 16))
