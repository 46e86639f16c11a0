"""Loads one paper, in whatever form it comes; runs in the child process."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from gptoss_lab.documents.formats import decode
from gptoss_lab.errors import DocumentError, SourceLimitError
from gptoss_lab.papers.draft import Draft
from gptoss_lab.papers.jobs import ReadJob
from gptoss_lab.papers.kinds import CODE, files_of, find_paper, kind_of
from gptoss_lab.papers.unpack import Unpacker
from gptoss_lab.schemas.papers import Paper, PaperForm

Report = Callable[[str, int, int], None]

_REPOSITORY = re.compile(r"\b(?:github|gitlab|bitbucket|codeberg)\.(?:com|org)/[\w.-]{1,60}/[\w.-]{1,80}")
_MAX_CODE_FILES = 200
_MAX_TOLD = 3


def load(job: ReadJob, report: Report) -> Paper:
    """Read the paper of a job.

    Raises:
        DocumentError: It cannot be read.
        SourceRefusedError: It is nothing that is read.
        SourceLimitError: It is over a limit.
    """
    location = Path(job.location)
    report(f"Reading {job.name}", 0, 0)
    if location.is_dir():
        return _folder(job, location, location, report, joined="/")
    kind = kind_of(location, job.name)
    if kind != "archive":
        return _file(job, kind, location, location.parent, report)
    unpacked = Path(job.folder) / "unpacked"
    unpacked.mkdir()
    unpacker = Unpacker(
        unpacked,
        max_bytes=job.max_unpacked_bytes,
        max_file_bytes=job.max_file_bytes,
        max_files=job.max_unpacked_files,
    )
    unpacker.unpack(location, job.name)
    if (unpacked / "main.tex").is_file() and kind_of(unpacked / "main.tex", "main.tex") == "pdf":
        (unpacked / "main.tex").rename(unpacked / "main.pdf")  # one compressed file, and it was no LaTeX
    paper = _folder(job, unpacked, location, report, joined="/")
    left = [f"{name} in {job.name} was left out: it is a link or leads outside" for name in unpacker.skipped]
    return paper.model_copy(update={"warnings": (*left[:_MAX_TOLD], *paper.warnings)})


def _folder(job: ReadJob, folder: Path, location: Path, report: Report, *, joined: str) -> Paper:
    files = files_of(folder)
    found = find_paper(files, job.form)
    if found is None:
        wanted = {"auto": "LaTeX, HTML or PDF", "latex": "LaTeX", "html": "HTML", "pdf": "PDF"}[job.form]
        raise DocumentError(
            f"{job.name} holds no paper in {wanted}", hint="Point at the file of the paper itself."
        )
    form, main = found
    paper = _file(job, form, main, folder, report)
    code = [path for path in files if path.suffix.lower() in CODE and path != main][:_MAX_CODE_FILES]
    if not job.shown:
        return paper
    names = [f"{job.shown}{joined}{path.relative_to(folder).as_posix()}" for path in code]
    first = f"{job.shown}{joined}{main.relative_to(folder).as_posix()}" if location == folder else job.shown
    return paper.model_copy(update={"files": (first, *names)})


def _file(job: ReadJob, kind: PaperForm, path: Path, root: Path, report: Report) -> Paper:
    if path.stat().st_size > job.max_file_bytes:
        raise SourceLimitError(f"{path.name} is larger than {job.max_file_bytes >> 20} MB")
    if job.form not in {"auto", kind}:
        raise DocumentError(f"{job.name} is {_SHOWN[kind]}, not {_SHOWN[job.form]}", hint="Read it as it is.")
    name = path.name if path != Path(job.location) else job.name

    def pages(done: int, total: int) -> None:
        report(f"Reading {job.name}", done, total)

    draft = _read(job, kind, path, root, name, pages)
    if not draft.blocks:
        raise DocumentError(f"{job.name} holds no text")
    return _paper(job, kind, draft)


_SHOWN = {"latex": "LaTeX", "html": "HTML", "pdf": "a PDF"}


def _read(
    job: ReadJob, kind: PaperForm, path: Path, root: Path, name: str, pages: Callable[[int, int], None]
) -> Draft:
    # Each reader is loaded when it is needed: a PDF needs no LaTeX.
    if kind == "pdf":
        from gptoss_lab.papers.pdf import read_pdf  # noqa: PLC0415

        return read_pdf(path, name, max_pages=job.max_pages, report=pages)
    if kind == "html":
        from gptoss_lab.papers.html import read_html  # noqa: PLC0415

        return read_html(decode(path.read_bytes()), name, pages)
    from gptoss_lab.papers.latex import read_latex  # noqa: PLC0415

    return read_latex(path, root, pages)


def _paper(job: ReadJob, form: PaperForm, draft: Draft) -> Paper:
    return Paper(
        id=job.id,
        uri=job.uri,
        form=form,
        title=draft.title or Path(job.name).stem,
        authors=draft.authors,
        abstract=draft.abstract,
        files=(job.shown,) if job.shown else (),
        lost=tuple(draft.lost),
        pages=draft.pages,
        sections=tuple(draft.sections),
        blocks=tuple(draft.blocks),
        warnings=tuple(dict.fromkeys([*draft.warnings, *_companions(draft)])),
    )


def _companions(draft: Draft) -> Sequence[str]:
    """Say that code which a paper names can be read too, as documentation."""
    named: dict[str, None] = {}
    for block in draft.blocks:
        if block.kind in {"prose", "footnote"}:
            named.update(dict.fromkeys(match.rstrip(".") for match in _REPOSITORY.findall(block.text)))
    return [
        f"The paper names https://{name}: it is not read here, and can be added as a documentation source"
        for name in list(named)[:_MAX_TOLD]
    ]
