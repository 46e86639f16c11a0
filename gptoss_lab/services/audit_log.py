"""The log of audit events: handlers that the administrator gives, and schemas of our own.

It is not the event logger of Jupyter Server. What goes through that one is sent to every page that listens at
`/api/events/subscribe`, and whoever may write there can emit any event that it knows: persons would read what
others do, and could forge it.

Source: https://jupyter-events.readthedocs.io/en/latest/
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from jupyter_events import EventLogger

from gptoss_lab.engines.keys import Key
from gptoss_lab.errors import EngineAuthError, RequestError, StorageError
from gptoss_lab.schemas.access_config import AccessConfig
from gptoss_lab.services.audit import Audit

SCHEMAS = Path(__file__).resolve().parent.parent / "audit"
KEY_VARIABLE = "GPTOSS_LAB_AUDIT_KEY"
KEY_FILE = "audit.key"


def make_audit(
    handlers: Callable[[], Iterable[logging.Handler]], config: AccessConfig, folder: Callable[[], Path]
) -> Audit:
    """Return what tells the administrator's handlers of requests and jobs. Blocks.

    Args:
        handlers: Returns them.
        config: Whether persons are named.
        folder: Returns our data folder, where the key of their names is kept.

    Raises:
        RequestError: What `handlers` returns are none.
        StorageError: The key cannot be kept, or others can read it.
    """
    given = list(handlers())
    if not given or not all(isinstance(handler, logging.Handler) for handler in given):
        raise RequestError(
            "c.GptossLabApp.audit_handlers does not return logging handlers",
            hint="Give a function that returns a list of them, or leave it out.",
        )
    log = EventLogger(handlers=given)
    for path in sorted(SCHEMAS.glob("*.yaml")):
        log.register_event_schema(path)
    return Audit(log, _key(folder()) if config.audit_users == "hashed" else b"")


def _key(folder: Path) -> bytes:
    """Return the key that names are hashed with: of the environment, else of a file that is made once.

    Raises:
        StorageError: The file cannot be made, or others can read it.
    """
    path = folder / KEY_FILE
    try:
        if not os.environ.get(KEY_VARIABLE):
            _make(path)
        return Key(KEY_VARIABLE, str(path)).get().encode()
    except EngineAuthError as error:
        raise StorageError(error.message, hint=error.hint) from error
    except OSError as error:
        raise StorageError(f"The key of audit events cannot be kept in {path}: {error.strerror}") from error


def _make(path: Path) -> None:
    """Make the file whole or not at all; one that another server makes in this moment stays."""
    if path.exists():
        return
    written = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with open(written, "x", encoding="ascii", opener=_private) as file:
            file.write(f"{secrets.token_hex(32)}\n")
        with contextlib.suppress(FileExistsError):
            os.link(written, path)
    finally:
        written.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
