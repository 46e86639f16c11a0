"""Whether JupyterLab with our extension runs this cell, and how the request reaches it.

Its page adds a ticket to the metadata of the execution and takes exactly one request that bears it.
A notebook that is opened again bears an old ticket, so nothing starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from gptoss_lab.magics.variables import Variable

MIME = "application/vnd.gptoss.request+json"
TICKET = "gptoss_lab_ticket"
VERSION = 1


def ticket_of(shell: InteractiveShell) -> str:
    """Return the ticket that the page has put on this execution; empty where no such page runs it."""
    get_parent = getattr(getattr(shell, "kernel", None), "get_parent", None)
    if get_parent is None:
        return ""
    metadata = get_parent().get("metadata")
    ticket = metadata.get(TICKET) if isinstance(metadata, dict) else None
    return ticket if isinstance(ticket, str) else ""


def hand_over(shell: InteractiveShell, ticket: str, variables: Sequence[Variable], text: str) -> None:
    """Publish the request for the page, with what it says for those who cannot read it."""
    rows = [{"name": variable.name, "description": variable.description} for variable in variables]
    request: dict[str, Any] = {"version": VERSION, "ticket": ticket, "variables": rows}
    shell.display_pub.publish({MIME: request, "text/plain": text})
