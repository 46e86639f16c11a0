"""What is to be indexed, and the index that is still fresh."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Literal

from gptoss_lab.documents.jobs import ParseJob, ParseResult
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.schemas.documents import CorpusInfo, DocSource


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be indexed. With `cached` nothing has to be."""

    id: str
    source: DocSource
    kind: Literal["package", "r-package", "folder", "file", "url", "site"]
    sha256: str
    job: ParseJob
    warnings: tuple[str, ...] = ()
    cached: CorpusInfo | None = None

    def info(self, result: ParseResult, *, duration_s: float) -> CorpusInfo:
        """Return the description of the index that was built."""
        return CorpusInfo(
            id=self.id,
            source=self.source,
            title=self.job.title,
            kind=self.kind,
            version=self.job.version,
            sha256=self.sha256,
            chunks=result.chunks,
            symbols=result.symbols,
            examples=result.examples,
            built_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            duration_s=round(duration_s, 3),
            warnings=(*self.warnings, *result.warnings),
        )


def with_cached(prepared: Prepared, store: IndexStore) -> Prepared:
    """Add the index that was built from the same content, if there is one."""
    info = store.info(prepared.id)
    if info is None or info.sha256 != prepared.sha256:
        return prepared
    used = info.model_copy(
        update={
            "cached": True,
            "source": prepared.source,
            "warnings": tuple(dict.fromkeys((*prepared.warnings, *info.warnings))),
        }
    )
    return replace(prepared, cached=used)


def marked(info: CorpusInfo | None, source: DocSource) -> CorpusInfo | None:
    """Return the description of an index that is used again."""
    return info.model_copy(update={"cached": True, "source": source}) if info is not None else None


def corpus_id(name: str, kind: str, key: str) -> str:
    """Return the id of a source: readable, and one per place."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "source"
    digest = hashlib.sha256(f"{kind}\0{key}".encode()).hexdigest()
    return f"{slug}-{digest[:12]}"
