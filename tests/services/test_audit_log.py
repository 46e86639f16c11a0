"""The log of audit events, and the key of the names in it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import RequestError, StorageError
from gptoss_lab.schemas.access_config import AccessConfig
from gptoss_lab.services.audit import Audit
from gptoss_lab.services.audit_log import KEY_FILE, KEY_VARIABLE, make_audit
from tests.services.test_audit import asked

HASHED = AccessConfig(audit_users="hashed")


def made(folder: Path, config: AccessConfig = HASHED) -> Audit:
    """Return an audit that writes into the folder."""
    folder.mkdir(exist_ok=True)
    return make_audit(lambda: [logging.FileHandler(folder / "audit.jsonl")], config, lambda: folder)


def told(folder: Path) -> list[dict[str, Any]]:
    """Return what was written."""
    return [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]


def close(audit: Audit) -> None:
    """Close its files."""
    for handler in audit._emitter.handlers:  # type: ignore[attr-defined] # the real logger has some
        handler.close()


def test_each_event_is_a_line_of_json(tmp_path: Path) -> None:
    """With the time, the schema and its version, as Jupyter's own events have them."""
    audit = made(tmp_path, AccessConfig())
    audit.request(asked())
    audit.request(asked(user="bob"))
    close(audit)
    first, second = told(tmp_path)
    assert (first["user"], second["user"]) == ("ada", "bob")
    assert first["__schema__"] == "urn:gptoss-lab:audit:request"
    assert first["__schema_version__"] == "1"
    assert not (tmp_path / KEY_FILE).exists(), "nobody needs a key where names are written"


def test_a_name_has_the_same_hash_after_a_restart(tmp_path: Path) -> None:
    """On one folder; on another one it cannot be recognised."""
    for folder in (tmp_path / "a", tmp_path / "a", tmp_path / "b"):
        audit = made(folder)
        audit.request(asked())
        close(audit)
    first, again = told(tmp_path / "a")
    (other,) = told(tmp_path / "b")
    assert first["user"] == again["user"] != other["user"]


def test_a_key_of_the_environment_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several servers of a hub can share it, and no file is made."""
    monkeypatch.setenv(KEY_VARIABLE, "shared-by-all")
    for folder in (tmp_path / "a", tmp_path / "b"):
        audit = made(folder)
        audit.request(asked())
        close(audit)
        assert not (folder / KEY_FILE).exists()
    assert told(tmp_path / "a")[0]["user"] == told(tmp_path / "b")[0]["user"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    """The message says what to do."""
    close(made(tmp_path))
    (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(StorageError, match="Others may read") as caught:
        made(tmp_path)
    assert "chmod 600" in caught.value.hint


def test_a_folder_that_takes_no_key_is_told(tmp_path: Path) -> None:
    """An audit that cannot hash does not write names instead."""
    with pytest.raises(StorageError, match="cannot be kept"):
        make_audit(lambda: [logging.NullHandler()], HASHED, lambda: tmp_path / "missing")


@pytest.mark.parametrize("given", [[], ["audit.jsonl"]])
def test_what_is_no_handler_is_refused(given: list[Any], tmp_path: Path) -> None:
    """A server that should be audited must not work unseen."""
    with pytest.raises(RequestError, match="audit_handlers"):
        make_audit(lambda: given, AccessConfig(), lambda: tmp_path)
