"""What the bytes of a kernel's connections tell of its use."""

from __future__ import annotations

import json
import time

import pytest

from gptoss_lab.sandbox.activity import Activity
from gptoss_lab.sandbox.agent.mux import PORTS

SHELL, IOPUB, _, _, HEARTBEAT = PORTS
DELIMITER = b"\x00\x09<IDS|MSG>"


def _message(
    kind: str, content: dict[str, object], *, own: str = "m", parent: str = "", tight: bool
) -> bytes:
    """Write a message as a kernel or a client does: frames of JSON behind the delimiter."""
    header = {"msg_id": own, "username": "u", "msg_type": kind, "version": "5.3"}
    parents = {"msg_id": parent, "msg_type": "execute_request"} if parent else {}
    separators = (",", ":") if tight else (", ", ": ")
    parts = [json.dumps(part, separators=separators).encode() for part in (header, parents, {}, content)]
    return DELIMITER + b"".join(b"\x01" + bytes([len(part) % 256]) + part for part in parts)


def _request(own: str, code: str = "1", *, tight: bool = True) -> bytes:
    return _message("execute_request", {"code": code}, own=own, tight=tight)


def _status(parent: str, state: str, *, tight: bool = True) -> bytes:
    return _message("status", {"execution_state": state}, own="k", parent=parent, tight=tight)


@pytest.fixture
def activity() -> Activity:
    """A kernel with a shell connection 1, an iopub connection 2 and a heartbeat 3."""
    made = Activity()
    for number, port in ((1, SHELL), (2, IOPUB), (3, HEARTBEAT)):
        made.opened(number, port)
    return made


@pytest.mark.parametrize("tight", [True, False])
@pytest.mark.parametrize("cut", [1, 7, 64, 10_000])
def test_a_kernel_is_busy_from_the_request_to_its_idle_status(
    activity: Activity, cut: int, tight: bool
) -> None:
    """However the bytes are cut, and in whatever way the kernel writes JSON."""
    said = _request("a", tight=tight) + _request("b", tight=tight)
    for start in range(0, len(said), cut):
        activity.inward(1, said[start : start + cut])
    assert (activity.busy, activity.executions) == (True, 2)
    for parent in ("a", "b"):
        assert activity.busy
        told = _status(parent, "busy", tight=tight) + _status(parent, "idle", tight=tight)
        for start in range(0, len(told), cut):
            activity.outward(2, told[start : start + cut])
    assert (activity.busy, activity.executions) == (False, 2)


def test_the_end_of_another_request_changes_nothing(activity: Activity) -> None:
    """A status that answers a question on the side does not end the execution that still runs."""
    activity.inward(1, _request("a"))
    activity.outward(2, _status("other", "idle"))
    assert activity.busy


def test_words_that_look_like_a_request_are_none(activity: Activity) -> None:
    """Code that quotes the protocol arrives escaped, and bytes that are no header are passed over."""
    activity.inward(1, _request("a", code='{"msg_id": "x", "msg_type": "execute_request"}'))
    activity.inward(1, b'{"execute_request"}' + b'["execute_request"' + b"}" * 3)
    assert activity.executions == 1


def test_a_heartbeat_is_no_use(activity: Activity, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who left their page open uses nothing."""
    started = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: started + 100)
    activity.inward(3, b"ping")
    activity.outward(3, b"ping")
    assert activity.answered
    assert activity.idle_s == pytest.approx(100, abs=5)
    activity.outward(1, b"x")
    assert activity.idle_s == 0


def test_work_is_use(activity: Activity, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that runs silently for an hour keeps its kernel."""
    activity.inward(1, _request("a"))
    started = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: started + 3600)
    assert activity.idle_s == 0


def test_a_closed_connection_is_forgotten(activity: Activity) -> None:
    """What comes late on it counts as use, but is not read."""
    activity.closed(1)
    activity.inward(1, _request("a"))
    assert activity.executions == 0


def test_an_endless_header_is_not_gathered(activity: Activity) -> None:
    """A kernel that never closes what it opened takes no memory of the server."""
    for _ in range(200):
        activity.outward(2, b'{"execution_state": ' + b"x" * 10_000)
    assert max(len(kept) for kept in activity._outward.values()) < 10_000
