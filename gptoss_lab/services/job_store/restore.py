"""Jobs out of the store: with their events, so that they are read as those in memory are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gptoss_lab.errors import ConflictError, JobLostError
from gptoss_lab.schemas.additions import AdditionRequest
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.events import EVENT
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.runs import EXECUTION_EVENT, JobEvent
from gptoss_lab.services.additions import AdditionTranscript
from gptoss_lab.services.job import Job
from gptoss_lab.services.job_store.alive import is_alive
from gptoss_lab.services.job_store.records import JobEnd, JobRecord, Kind, StoredEvent
from gptoss_lab.services.job_store.store import JobStore
from gptoss_lab.services.run_transcript import RunTranscript
from gptoss_lab.services.transcript import Transcript

Request = CodeGenerationRequest | ExecutionRequest | AdditionRequest


def kind_of(request: Request) -> Kind:
    """Return what kind of job a request starts."""
    if isinstance(request, AdditionRequest):
        return "add"
    return "generate" if isinstance(request, CodeGenerationRequest) else "execute"


@dataclass(frozen=True, slots=True)
class Begun:
    """A job that begins: what of it does not change."""

    name: str
    owner: str
    sent: Request
    created_at: str
    summary: str
    key: str


def record_of(begun: Begun, server: str) -> JobRecord:
    """Return a job as it is stored; the files that were sent with an execution are not. Blocks."""
    sent = begun.sent
    kept = sent.model_copy(update={"files": ()}) if isinstance(sent, ExecutionRequest) else sent
    return JobRecord(
        name=begun.name,
        owner=begun.owner,
        kind=kind_of(sent),
        created_at=begun.created_at,
        finished_at="",
        sent=kept.model_dump_json(),
        digest=digest_of(sent),
        summary=begun.summary,
        key=begun.key,
        server=server,
    )


def digest_of(request: Request) -> str:
    """Return what tells a request from another. Blocks where it holds large files."""
    return hashlib.sha256(request.model_dump_json().encode()).hexdigest()


def restored(record: JobRecord, events: Sequence[str], config: ExecutionConfig) -> Job:
    """Return a job as it was when its last event was stored.

    Args:
        record: The job.
        events: Its events in order, as JSON.
        config: How many events of it are kept for readers.

    Raises:
        ConflictError: An earlier or a later version of ours wrote what this one cannot read.
    """
    try:
        job = _job(record, config)
        adapter: TypeAdapter[JobEvent] = EXECUTION_EVENT if record.kind == "execute" else EVENT  # type: ignore[assignment]
        job.restore([adapter.validate_json(event) for event in events])
    except ValidationError as error:
        raise ConflictError(
            f"The job {record.name} was kept by another version of gptoss_lab",
            hint="Its summary is still listed; send the task again.",
        ) from error
    job.transcript.finished_at = record.finished_at
    return job


def end_of(job: Job) -> JobEnd:
    """Return how a job ended."""
    return JobEnd(job.name, job.transcript.finished_at, job.transcript.summary().model_dump_json())


def end_lost(store: JobStore, folder: Path, config: ExecutionConfig) -> None:
    """Give the jobs of servers that are gone an end that says so. Blocks.

    Raises:
        StorageError: The store cannot be read or written to.
    """
    for record in store.unfinished():
        if record.server and is_alive(folder, record.server):
            continue
        try:
            job = restored(record, store.events(record.name), config)
        except ConflictError:
            # It cannot be read any more; what is listed of it stays as it was.
            store.write((), (), [JobEnd(record.name, record.created_at, record.summary)])
            continue
        told: list[StoredEvent] = []

        def tell(_: Job, event: JobEvent, told: list[StoredEvent] = told) -> None:
            told.append(StoredEvent(event.job, event.seq, event.model_dump_json(), 0))

        job.watch = tell
        for event in job.transcript.last(JobLostError("The server ended while this job ran.")):
            job.publish(event)
        store.write((), told, [end_of(job)])


def _job(record: JobRecord, config: ExecutionConfig) -> Job:
    if record.kind == "generate":
        asked = CodeGenerationRequest.model_validate_json(record.sent)
        return _made(record, asked, Transcript(record.name, asked), config)
    if record.kind == "add":
        addition = AdditionRequest.model_validate_json(record.sent)
        return _made(record, addition, AdditionTranscript(record.name, addition), config)
    run = ExecutionRequest.model_validate_json(record.sent)
    return _made(record, run, RunTranscript(record.name, run), config)


def _made(
    record: JobRecord, request: Request, transcript: Transcript | RunTranscript, config: ExecutionConfig
) -> Job:
    transcript.created_at = record.created_at
    return Job(
        record.name,
        record.owner,
        request,
        transcript,
        max_events=config.max_events_kept,
        max_bytes=config.max_job_bytes,
    )
