"""What the store of jobs still has of generations: their task, and their cells as they were generated."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gptoss_lab.errors import ConflictError
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.generation import CodeGenerationResponse
from gptoss_lab.services.job_store.restore import restored
from gptoss_lab.services.job_store.store import FILE, JobStore
from gptoss_lab.services.learning.reviewed import Known


class History:
    """Looks generations up. Blocks.

    Args:
        folder: Where the store lies; nothing is made where there is none.
        config: How large a job may be.

    Attributes:
        unreadable: How many jobs another version of ours wrote.

    Raises:
        StorageError: The store cannot be opened.
    """

    def __init__(self, folder: Path, config: ExecutionConfig) -> None:
        self._store = JobStore(folder) if (folder / FILE).is_file() else None
        self._config = config
        self.unreadable = 0

    def find(self, jobs: Iterable[str]) -> dict[str, Known]:
        """Return what is known of some jobs; those that are forgotten are left out.

        Raises:
            StorageError: The store cannot be read.
        """
        found = {}
        for name in jobs:
            known = self._find(name)
            if known is not None:
                found[name] = known
        return found

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()

    def _find(self, name: str) -> Known | None:
        record = self._store.find(name) if self._store is not None else None
        if self._store is None or record is None or record.kind != "generate":
            return None
        try:
            job = restored(record, self._store.events(name), self._config)
        except ConflictError:
            self.unreadable += 1
            return None
        response = job.transcript.response()
        if not isinstance(response, CodeGenerationResponse):
            return None
        return Known(job.sent.task, record.created_at, response.cells)
