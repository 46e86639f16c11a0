"""What is written down of requests and jobs."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.services.audit import JOB, REQUEST, Asked, Audit
from gptoss_lab.services.audit_log import SCHEMAS
from gptoss_lab.services.job import Job
from gptoss_lab.services.run_transcript import RunTranscript


class Emitted:
    """Keeps events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> None:
        """Keep one."""
        self.events.append((schema_id, data))


def asked(**changes: Any) -> Asked:
    """Return a request that was done."""
    known: dict[str, Any] = {
        "user": "ada",
        "action": "generate",
        "operation": "POST /api/v1/code/generate",
        "resource": "gptoss_lab.generate",
        "status": 202,
        "code": "",
        "names": {"job": "j1"},
        "subject": "",
        "body": b"{}",
        "received_bytes": 2,
        "duration_s": 0.5,
    }
    return Asked(**{**known, **changes})


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (202, "", "done"),
        (401, "unauthenticated", "denied"),
        (403, "forbidden", "denied"),
        (429, "limit_reached", "limited"),
        (429, "too_busy", "limited"),
        (503, "too_many_readers", "limited"),
        (413, "quota", "limited"),
        (404, "not_found", "refused"),
        (503, "sandbox_unavailable", "failed"),
    ],
)
def test_outcomes(status: int, code: str, outcome: str) -> None:
    """What is over a limit is told apart from what is wrong, whatever its status."""
    assert asked(status=status, code=code).outcome == outcome


def test_reading_is_told_only_where_it_was_kept_out() -> None:
    """A page asks many times a minute."""
    kept = Emitted()
    audit = Audit(kept)
    audit.request(asked(action="read", status=200))
    audit.request(asked(action="read", status=404, code="not_found"))
    audit.request(asked(action="read", status=403, code="forbidden"))
    assert [data["outcome"] for _, data in kept.events] == ["denied"]


def test_a_job_that_was_stopped_is_told_once() -> None:
    """At its end, with no code where none was generated."""
    kept = Emitted()
    audit = Audit(kept, b"key")
    request = ExecutionRequest(code="print('secret')")
    job = Job("j1", "ada", request, RunTranscript("j1", request), max_events=100, max_bytes=1 << 20)
    audit.begin(job)
    job.watch = audit.note
    job.publish(job.transcript.queued(1))
    for event in job.transcript.last("cancelled"):
        job.publish(event)
    ((schema, data),) = kept.events
    assert schema == JOB
    assert (data["kind"], data["outcome"], data["code_sha256"]) == ("execute", "cancelled", "")
    assert data["user"] == Audit(kept, b"key")._user("ada") != Audit(kept, b"other")._user("ada")


def test_fields_are_those_of_the_schemas() -> None:
    """Every field is described, and nothing else may be in an event."""
    kept = Emitted()
    Audit(kept).request(asked())
    schemas = {}
    for path in SCHEMAS.glob("*.yaml"):
        schema = yaml.safe_load(path.read_text(encoding="utf-8"))
        schemas[schema["$id"]] = schema
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) == set(schema["properties"])
    assert set(schemas) == {REQUEST, JOB}
    assert set(kept.events[0][1]) == set(schemas[REQUEST]["properties"])
