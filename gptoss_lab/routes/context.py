"""What the handlers are given by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gptoss_lab.routes.operation import Route

if TYPE_CHECKING:
    from gptoss_lab.services.assembly import Services
    from gptoss_lab.services.audit import Audit
    from gptoss_lab.services.remote import RemoteServer


def _no_key() -> str:
    return ""


Answered = Callable[[str, str, int, "float | None"], None]


def _nobody(_route: str, _verb: str, _status: int, _seconds: float | None) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class RouteContext:
    """The doors to the rest of the house.

    `services` assembles them on first use; later calls cost nothing. `root` is the folder that
    relative paths start from, or None where the files of this Jupyter Server are not on its disk.
    `folder` is where indexes are kept. `routes` is the table that the description is made from. `answered`
    is told each answer: its route, its verb, its status, and how long it took, None for a stream.
    `remote` is the server that does the work of this one, None where it works itself; `owner_key` returns
    the secret by which another may say for whom it asks, empty where none may.
    `audit` is told of requests, where the administrator wants that.
    """

    services: Callable[[], Awaitable[Services]]
    version: str
    root: Path | None
    folder: Callable[[], Path]
    routes: tuple[Route, ...] = ()
    answered: Answered = _nobody
    remote: RemoteServer | None = None
    owner_key: Callable[[], str] = _no_key
    audit: Audit | None = None
