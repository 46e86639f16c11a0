"""What the store keeps of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["generate", "execute", "add"]


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job without its events.

    Attributes:
        name: The job's id.
        owner: Who may see it.
        created_at: ISO 8601, UTC, as in its response.
        finished_at: The same; empty while it runs.
        sent: The request as its owner sent it, as JSON, without files.
        digest: Tells the whole request from another.
        summary: The last summary that was stored, as JSON.
        key: What the client called the request, so that it is not done twice; empty where it did not.
        server: Which server runs it.
    """

    name: str
    owner: str
    kind: Kind
    created_at: str
    finished_at: str
    sent: str
    digest: str
    summary: str
    key: str
    server: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of a job, as JSON; `size_bytes` is about what it holds in memory."""

    job: str
    seq: int
    data: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended."""

    name: str
    finished_at: str
    summary: str


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """Summaries as JSON, each with its job's id, newest first.

    Attributes:
        last: The place of the last one; 0 where no more follow.
    """

    summaries: tuple[tuple[str, str], ...]
    last: int
