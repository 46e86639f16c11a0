"""For whom another server of ours asks: believed only with the secret that both know."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from gptoss_lab.errors import PolicyError
from gptoss_lab.services.owners import OWNER_HEADER, OWNER_KEY_HEADER

MAX_OWNER_CHARS = 200
FOREIGN = "front/"
"""No person of this server has a name that begins so: who is called alike there is another."""


def owner_label(headers: Mapping[str, str], key: Callable[[], str]) -> str:
    """Return the owner that a request names; empty where it names none.

    Args:
        headers: The request's.
        key: Returns the secret that allows it; empty where nobody may.

    Raises:
        PolicyError: Whoever asks may not say for whom.
    """
    named = unquote(headers.get(OWNER_HEADER, ""))
    if not named:
        return ""
    known, shown = key(), headers.get(OWNER_KEY_HEADER, "")
    if not known or not hmac.compare_digest(shown.encode(), known.encode()):
        raise PolicyError(
            "Only a server with the owner key may say for whom it asks",
            hint="Give both servers the same: `owner_key_file` or `owner_key_env` of c.GptossLabApp.remote.",
        )
    if len(named) > MAX_OWNER_CHARS or not named.isprintable():
        raise PolicyError("That cannot be the name of an owner", hint="Send a shorter, printable name.")
    return FOREIGN + named
