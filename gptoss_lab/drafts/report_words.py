"""A report in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from gptoss_lab.drafts.report import Report, ReportCell, ReportGeneration
from gptoss_lab.drafts.report_document import (
    Block,
    Document,
    Facts,
    Heading,
    Inline,
    Paragraph,
    Table,
    linked,
    plain,
)
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.execution import Environment
from gptoss_lab.schemas.review import CellProvenance, VerificationNote

HEAD = ("Cell", "Change", "Decision", "By", "When", "Changed before acceptance", "Sandbox run", "Findings")
MAX_NAME = 120
_RUNS = {
    "ok": "ran well",
    "error": "raised an error",
    "timeout": "ran out of time",
    "interrupted": "was interrupted",
    "oom": "ran out of memory",
    "died": "its kernel died",
    "output_limit": "wrote too much",
    "sandbox_lost": "its sandbox was lost",
    "canceled": "was canceled",
    "skipped": "was not run",
    "off": "not run",
    "pending": "not run yet",
}


def report_document(report: Report, made: datetime) -> Document:
    """Return a report as a document.

    Args:
        report: What was generated in the notebook.
        made: The time of the report.
    """
    title = f"Generated cells in {plain(report.name, MAX_NAME)}"
    blocks: list[Block] = [Paragraph(f"Made on {made.astimezone(timezone.utc):%Y-%m-%d at %H:%M} UTC.")]
    if not report.cells:
        return Document(title, (*blocks, Paragraph("Nothing in this notebook was generated with gpt-oss.")))
    blocks += [Heading("In short"), Facts(tuple(_summary(report)))]
    for number, generation in enumerate(report.generations, 1):
        blocks += _generation(number, generation)
    for environment in report.environments:
        blocks += _environment(environment)
    return Document(title, tuple(blocks))


def _summary(report: Report) -> Iterable[tuple[str, tuple[Inline, ...]]]:
    share = _percent(report.generated_lines, report.code_lines)
    of_lines = f"{report.generated_lines} of {report.code_lines} lines ({share})"
    yield "Code in accepted generated cells", (of_lines,)
    counts = [
        (report.count("accepted"), "accepted as generated"),
        (report.count("edited"), "edited and accepted"),
        (report.count("rejected"), "rejected"),
        (report.count("pending"), "waiting for review"),
    ]
    outcomes = ", ".join(f"{count} {words}" for count, words in counts if count)
    yield f"{_count(len(report.cells), 'cell')}", (outcomes,)
    shares = [cell.changed_share for cell in report.cells if cell.changed_share is not None]
    if shares:
        records = [cell.provenance.record for cell in report.cells if cell.changed_share is not None]
        chars = sum(max(one.generated_chars, one.kept_chars) for one in records if one)
        edits = sum(one.edit_distance or 0 for one in records if one)
        yield "Changed before acceptance", (f"{_percent(edits, chars)} of the characters",)
    since = sum(cell.edited_since is True for cell in report.cells)
    if since:
        yield "Edited since acceptance", (_count(since, "cell"),)


def _generation(number: int, generation: ReportGeneration) -> Iterable[Block]:
    origin = generation.origin
    yield Heading(f"Generation {number}")
    rows: list[tuple[str, tuple[Inline, ...]]] = [
        ("Task", (plain(origin.task) or "not recorded",)),
        ("Generator", (_generator(origin),)),
        ("Job", (plain(generation.job, MAX_NAME) or "not recorded",)),
    ]
    if generation.sources:
        rows.append(("Sources", tuple(_citation(source) for source in generation.sources)))
    yield Facts(tuple(rows))
    cells = tuple(_row(cell) for cell in generation.cells)
    yield Table(f"Cells of generation {number}", HEAD, cells)


def _row(cell: ReportCell) -> tuple[str, ...]:
    record = cell.provenance.record
    return (
        f"{cell.place} ({plain(cell.kind, MAX_NAME)})" if cell.place else "not in the notebook",
        cell.provenance.change,
        _decision(cell),
        (plain(record.by, MAX_NAME) if record else "") or "not recorded",
        _time(record.at) if record else "not recorded",
        _changed(cell),
        _run(cell.provenance.verification),
        _findings(cell),
    )


def _decision(cell: ReportCell) -> str:
    words = {
        "pending": "waiting for review",
        "accepted": "accepted",
        "edited": "edited and accepted",
        "rejected": "rejected",
    }[cell.outcome]
    parts = [one.verdict for one in cell.provenance.decisions if one.scope == "hunk"]
    if parts:
        words += f"; parts: {parts.count('accepted')} accepted, {parts.count('rejected')} rejected"
    return f"{words}; edited since" if cell.edited_since else words


def _changed(cell: ReportCell) -> str:
    if cell.outcome not in {"accepted", "edited"}:
        return "none kept" if cell.outcome == "rejected" else "not decided"
    share = cell.changed_share
    return "not measured" if share is None else _share(share)


def _run(note: VerificationNote) -> str:
    words = _RUNS[note.status]
    if note.status == "ok":
        words += f" in {note.duration_s:.1f} s"
        if note.peak_memory_bytes:
            words += f", {note.peak_memory_bytes / (1 << 20):.0f} MB"
    return f"{words}: {plain(note.error, 200)}" if note.error else words


def _findings(cell: ReportCell) -> str:
    found = [one for one in cell.provenance.checks if one.severity != "info"]
    if not found:
        return "none"
    first = plain(found[0].message, 200)
    return first if len(found) == 1 else f"{first} (and {len(found) - 1} more)"


def _generator(origin: CellProvenance) -> str:
    if origin.generator == "examples":
        return "the documentation's own examples, without a model"
    seed = "" if origin.seed is None else f", seed {origin.seed}"
    return f"model {plain(origin.model, MAX_NAME) or 'not recorded'}{seed}"


def _citation(source: Citation) -> Inline:
    name = plain(source.title or source.source, 200) or "untitled"
    more = [
        plain(source.version, 40),
        f"page {source.page}" if source.page else "",
        plain(source.symbol, 120),
    ]
    said = ", ".join((name, *(part for part in more if part and part != name)))
    return linked(said, source.link)


def _environment(environment: Environment) -> Iterable[Block]:
    yield Heading(f"Environment {plain(environment.tag or environment.image, MAX_NAME)}")
    packages = ", ".join(f"{name} {version}" for name, version in sorted(environment.packages.items()))
    rows = [
        ("Runtime", environment.runtime),
        ("Image", plain(environment.image, 200)),
        ("Language version", plain(environment.language_version, MAX_NAME)),
        ("Lock (SHA-256)", plain(environment.lock_sha256, MAX_NAME)),
        ("Packages", plain(packages, 20_000)),
    ]
    yield Facts(tuple((name, (value,)) for name, value in rows if value))


def _time(at: str) -> str:
    try:
        found = datetime.fromisoformat(at.replace("Z", "+00:00"))
    except ValueError:
        return "not recorded"
    zoned = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
    return f"{zoned.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def _percent(part: int, whole: int) -> str:
    return _share(part / whole if whole else 0.0)


def _share(share: float) -> str:
    percent = 100 * min(1.0, share)
    return "under 1 %" if 0 < percent < 1 else f"{percent:.0f} %"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
