"""From reviewed notebooks to a folder of JSON lines, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gptoss_lab.errors import ConflictError, RequestError, StorageError
from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.learning import DatasetFile, DatasetReport, UnreadNotebook
from gptoss_lab.services.learning.card import card
from gptoss_lab.services.learning.history import History
from gptoss_lab.services.learning.notebooks import find_notebooks, read_notebook
from gptoss_lab.services.learning.reviewed import Reading, Reviewed, jobs_of, read_reviewed
from gptoss_lab.services.learning.rows import Kind, Row, RowMaker
from gptoss_lab.services.learning.staging import Split, Staging

CARD, REPORT = "README.md", "report.json"
KINDS: tuple[Kind, ...] = ("sft", "preference")
SPLITS: tuple[Split, ...] = ("train", "validation")
MOST_UNREAD = 100
OURS = frozenset({CARD, REPORT, *(f"{kind}-{split}.jsonl" for kind in KINDS for split in SPLITS)})
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is exported, and to where.

    Attributes:
        paths: Notebooks, and folders of them.
        out: The folder of the dataset; it must not be there, or be a dataset of ours with `force`.
        validation: The share of notebooks that are kept for validation.
        drop_secrets: Leave a row out where a secret is found, instead of the secret alone.
    """

    paths: Sequence[Path]
    out: Path
    seed: int = 0
    validation: float = 0.1
    drop_secrets: bool = False
    force: bool = False


@dataclass(slots=True)
class _Counts:
    notebooks: int = 0
    generations: int = 0
    unknown_originals: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    secrets: Counter[str] = field(default_factory=Counter)
    unread: list[UnreadNotebook] = field(default_factory=list)


class DatasetExport:
    """Exports what persons decided. Blocks: call it in a thread; it stops between two notebooks.

    Args:
        history: What the store of jobs still has.
        wording: By which prompts are written.
        stopped: Asked often; when it says yes, nothing is left behind.
        progress: Told the notebook at hand, and how many were read.
    """

    def __init__(
        self, history: History, wording: Wording, *, stopped: Callable[[], bool], progress: Progress
    ) -> None:
        self._history = history
        self._wording = wording
        self._stopped = stopped
        self._progress = progress

    def run(self, ask: Ask) -> DatasetReport | None:
        """Write a dataset and return what is in it; None where it was stopped.

        Raises:
            NotFoundError: A path is not there.
            ConflictError: The folder is there already, and holds something else or may not be replaced.
            StorageError: The disk is full or not writable, or the store of jobs cannot be read.
        """
        check_out(ask.out, force=ask.force)
        draft = None
        try:
            ask.out.absolute().parent.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(dir=ask.out.absolute().parent, prefix=f".{ask.out.name}-"))
            report = self._write(ask, draft)
            if report is not None:
                _put(draft, ask.out)
        except OSError as error:
            raise StorageError(f"{ask.out} could not be written: {error.strerror or error}") from error
        finally:
            if draft is not None:
                shutil.rmtree(draft, ignore_errors=True)
        return report

    def _write(self, ask: Ask, draft: Path) -> DatasetReport | None:
        counts, maker = _Counts(), RowMaker(self._wording, drop_secrets=ask.drop_secrets)
        with tempfile.TemporaryDirectory(dir=draft) as scratch:
            staging = Staging(Path(scratch), seed=ask.seed, validation=ask.validation)
            try:
                for generations in self._read(ask.paths, counts):
                    for row in _rows(generations, maker, counts):
                        _stage(row, staging, counts)
                if self._stopped():
                    return None
                files = [_file(draft, kind, split, staging) for kind in KINDS for split in SPLITS]
            finally:
                staging.close()
        report = self._report(ask, counts, maker, [file for file in files if file is not None])
        (draft / CARD).write_text(card(report), encoding="utf-8")
        (draft / REPORT).write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
        return None if self._stopped() else report

    def _read(self, paths: Sequence[Path], counts: _Counts) -> Iterator[list[Reviewed]]:
        """Yield the reviewed generations of each notebook."""
        for file, name in find_notebooks(paths):
            if self._stopped():
                return
            self._progress(name, counts.notebooks)
            try:
                notebook = read_notebook(file)
                known = self._history.find(jobs_of(notebook, name))
                reading = read_reviewed(notebook, name, known)
            except RequestError as error:
                _note_unread(counts, name, error.message)
                continue
            _count(reading, counts)
            yield reading.generations

    def _report(
        self, ask: Ask, counts: _Counts, maker: RowMaker, files: Sequence[DatasetFile]
    ) -> DatasetReport:
        digest = hashlib.sha256("".join(f"{file.name}:{file.sha256}\n" for file in files).encode())
        return DatasetReport(
            folder=ask.out.name,
            notebooks=counts.notebooks,
            generations=counts.generations,
            verdicts=dict(sorted(counts.verdicts.items())),
            skipped=dict(sorted(counts.skipped.items())),
            duplicates=dict(sorted(counts.duplicates.items())),
            dropped=dict(sorted(maker.dropped.items())),
            secrets=dict(sorted(counts.secrets.items())),
            unread=tuple(counts.unread),
            unknown_originals=counts.unknown_originals,
            unreadable_jobs=self._history.unreadable,
            files=tuple(files),
            seed=ask.seed,
            validation=ask.validation,
            templates=self._wording.templates.version,
            sha256=digest.hexdigest(),
        )


def check_out(out: Path, *, force: bool) -> None:
    """See to it that nothing of another kind is replaced.

    Raises:
        ConflictError: The folder is there already, and holds something else or may not be replaced.
    """
    if not out.exists():
        return
    strange = not out.is_dir() or {entry.name for entry in out.iterdir()} - OURS
    if strange:
        raise ConflictError(
            f"{out} is there, and is no dataset of ours", hint="Name another folder with --out."
        )
    if not force:
        raise ConflictError(
            f"{out} is there already", hint="Name another folder, or replace it with --force."
        )


def _rows(generations: Sequence[Reviewed], maker: RowMaker, counts: _Counts) -> Iterator[Row]:
    """Yield completions, and pairs: within a generation, or with what was accepted for the same task."""
    for place, one in enumerate(generations):
        row = maker.completion(one)
        if row is not None:
            yield row
        if not (one.verdicts.get("edited") or one.verdicts.get("rejected")):
            continue
        if not one.generated:
            counts.unknown_originals += 1
            continue
        pair = maker.preference(one, one.kept) if one.kept else _succeeded(one, generations, place, maker)
        if pair is not None:
            yield pair


def _succeeded(one: Reviewed, generations: Sequence[Reviewed], place: int, maker: RowMaker) -> Row | None:
    """Pair what was rejected with what the same task gave later in the same notebook, and was kept."""
    task = " ".join(one.task.split()).casefold()
    for other in (*generations[place + 1 :], *generations[:place]):
        later = not one.created_at or not other.created_at or other.created_at > one.created_at
        if (
            other.kept
            and later
            and other.language == one.language
            and " ".join(other.task.split()).casefold() == task
        ):
            return maker.preference(one, other.kept, other.job)
    return None


def _stage(row: Row, staging: Staging, counts: _Counts) -> None:
    added = staging.add(row)
    if added == "new":
        counts.secrets.update(row.secrets)
    else:
        counts.duplicates[added] += 1


def _count(reading: Reading, counts: _Counts) -> None:
    counts.notebooks += 1
    counts.generations += len(reading.generations)
    counts.skipped.update({str(reason): cells for reason, cells in reading.skipped.items()})
    for one in reading.generations:
        counts.verdicts.update({str(outcome): cells for outcome, cells in one.verdicts.items()})


def _note_unread(counts: _Counts, name: str, reason: str) -> None:
    if len(counts.unread) < MOST_UNREAD:
        counts.unread.append(UnreadNotebook(notebook=name, reason=reason[:300]))
    counts.skipped["unread_notebook"] += 1


def _file(draft: Path, kind: Kind, split: Split, staging: Staging) -> DatasetFile | None:
    """Write one file; none where it would be empty."""
    name = f"{kind}-{split}.jsonl"
    rows, size, digest = _write_lines(draft / name, staging.rows(kind, split))
    if not rows:
        (draft / name).unlink()
        return None
    return DatasetFile(name=name, rows=rows, size_bytes=size, sha256=digest)


def _write_lines(path: Path, lines: Iterable[str]) -> tuple[int, int, str]:
    rows, size, digest = 0, 0, hashlib.sha256()
    with path.open("wb") as file:
        for line in lines:
            data = f"{line}\n".encode("utf-8", "replace")
            file.write(data)
            digest.update(data)
            rows, size = rows + 1, size + len(data)
        file.flush()
        os.fsync(file.fileno())
    return rows, size, digest.hexdigest()


def _put(draft: Path, out: Path) -> None:
    """Have the new folder take the place of the old one."""
    draft.chmod(0o700)
    if not out.exists():
        draft.rename(out)
        return
    old = draft.with_name(f"{draft.name}-old")
    out.rename(old)
    draft.rename(out)
    shutil.rmtree(old, ignore_errors=True)
