"""How much one person may ask of a server, and what is written down of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Wire


class AccessConfig(Wire):
    """How much one person may ask of this server. 0 anywhere sets no limit.

    The limits are per person, where Jupyter's identity provider names persons; everyone who holds Jupyter's
    own token or password is one. They are counted in this process, by a clock that nobody can set, and begin
    anew with it.

    Attributes:
        reads_per_minute: Requests that only read.
        writes_per_minute: All others.
        generations_per_hour: Generations, those that add packages and run cells again among them.
        executions_per_hour: Executions by `POST /api/v1/code/execute`; cells of kernels are not counted.
        waiting_jobs: How many jobs of one person may wait for their turn.
        sandboxes: How many sandboxes one person may keep; `c.GptossLabApp.sandbox` bounds those of all.
        corpora_bytes: How much documentation one person may have indexed.
        readers: How many connections of one person may wait for events.
        readers_in_all: How many of all persons may.
        reader_timeout_s: Hang up on who takes nothing of what is sent for so long; the job goes on.
        audit_users: Whether audit events name persons, or a keyed hash of their names.
    """

    reads_per_minute: int = Field(default=3000, ge=0)
    writes_per_minute: int = Field(default=600, ge=0)
    generations_per_hour: int = Field(default=600, ge=0)
    executions_per_hour: int = Field(default=3600, ge=0)
    waiting_jobs: int = Field(default=64, ge=0)
    sandboxes: int = Field(default=16, ge=0)
    corpora_bytes: int = Field(default=8 << 30, ge=0)
    readers: int = Field(default=256, ge=0)
    readers_in_all: int = Field(default=4096, ge=0)
    reader_timeout_s: float = Field(default=60.0, ge=0)
    audit_users: Literal["named", "hashed"] = "named"
