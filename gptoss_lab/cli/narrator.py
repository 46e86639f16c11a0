"""The events of a generation in words."""

from __future__ import annotations

import re

from gptoss_lab.cli.screen import Screen, tell_fault, write_json
from gptoss_lab.schemas.documents import ApiDifference, VersionGap
from gptoss_lab.schemas.events import (
    CellOpen,
    Event,
    Failed,
    Generator,
    Progress,
    Repair,
    Stage,
    VerificationEvent,
    VersionGapEvent,
    Warn,
)
from gptoss_lab.schemas.execution import CellVerification, SandboxStatus
from gptoss_lab.schemas.generation import CodeGenerationResponse
from gptoss_lab.schemas.runs import ExecutionEvent

STAGES = {
    "load": "reading the paper",
    "units": "finding what the paper requires",
    "plan": "planning the cells",
    "packages": "adding packages to the sandbox",
    "collect": "reading the documentation",
    "retrieve": "finding what fits the task",
    "prompt": "asking the model",
    "stream": "writing cells",
    "parse": "the answer is complete",
    "check": "checking the cells",
    "verify": "running the cells in a sandbox",
    "repair": "mending what did not run",
    "claims": "comparing the numbers of the paper",
    "done": "",
}
FAULTS = {
    "timeout": "it took too long",
    "interrupted": "it was interrupted",
    "oom": "it needed more memory than allowed",
    "died": "its process ended",
    "output_limit": "it printed too much",
    "sandbox_lost": "the sandbox went away",
    "canceled": "it was stopped",
}
IMAGE_CHARS = 12
MAX_DIFFERENCES = 8
WAITING = "waiting for the model"
_NUMBERS = re.compile(r"(?:,? about)? \d+(?:\.\d)? (?:%|s|min|of) ?.*$")


class Narrator:
    """Tells each event to the screen, or writes it as a line of JSON.

    Args:
        screen: Where it is told.
        as_json: Whether standard output gets the events.
        verify: Whether the cells are to be run.
        paper: Whether they are those of a paper.
    """

    def __init__(self, screen: Screen, *, as_json: bool, verify: bool, paper: bool = False) -> None:
        self._screen = screen
        self._paper = paper
        self._as_json = as_json
        self._verify = verify
        self._gaps: set[str] = set()
        self._noted: set[str] = set()

    def tell(self, event: Event | ExecutionEvent) -> None:
        """Tell one event."""
        if self._as_json:
            write_json(event.model_dump_json())
        elif isinstance(event, Stage):
            if STAGES[event.stage]:
                self._screen.step(STAGES[event.stage] + (f": {event.detail}" if event.detail else ""))
        elif isinstance(event, Progress):
            text, detail = _steady(event.message or STAGES[event.stage])
            self._screen.step(text, event.done, event.total, detail)
        elif isinstance(event, Generator):
            self._tell_generator(event)
        elif isinstance(event, CellOpen):
            self._screen.step(STAGES["stream"], event.index + 1)
        else:
            self._tell_rest(event)

    def _tell_rest(self, event: Event | ExecutionEvent) -> None:
        if isinstance(event, VersionGapEvent):
            self._tell_gap(event.gap)
        elif isinstance(event, Warn) and event.message not in self._gaps:
            self._screen.note(f"Warning: {_told(event.message, event.hint)}")
        elif isinstance(event, Repair):
            self._screen.step(f"round {event.round}: {event.reason}".rstrip(": "))
        elif isinstance(event, VerificationEvent) and event.verification.status != "ok":
            self._screen.note(_did_not_run(event.verification))
        elif isinstance(event, Failed):
            tell_fault(self._screen, _told(event.problem.detail or event.problem.title, event.problem.hint))

    def _tell_gap(self, gap: VersionGap) -> None:
        """Tell a gap with a line for each difference; the warning of the same words is left out then."""
        self._gaps.add(gap.message)
        self._screen.note(f"Warning: {gap.message}")
        for entry in gap.differences[:MAX_DIFFERENCES]:
            self._screen.note(f"  {difference(entry)}")
        if more := gap.differences[MAX_DIFFERENCES:]:
            self._screen.note(f"  and {len(more)} more differences")

    def _tell_generator(self, event: Generator) -> None:
        notes = [who_answers(event.generator, event.model, paper=self._paper)]
        if self._verify:
            notes.append(where_it_runs(event.sandbox))
        for note in notes:
            if note not in self._noted:
                self._noted.add(note)
                self._screen.note(note)


def _steady(message: str) -> tuple[str, str]:
    """Part what a log should say once from the numbers that change: "compiling", "40 %, about 20 s"."""
    found = _NUMBERS.search(message) if message.startswith(WAITING) else None
    return (message[: found.start()], found[0].strip(" ,")) if found else (message, "")


def _told(message: str, hint: str) -> str:
    """Join what happened and what to do, as two sentences."""
    end = "" if message.endswith((".", "!", "?", ":")) else "."
    return f"{message}{end} {hint}".rstrip()


def difference(entry: ApiDifference) -> str:
    """Say what is gone, and what to use in its place."""
    what = f"{entry.name} is gone"
    if entry.kind == "parameter":
        what = f"{entry.name} takes no {entry.parameter} any more"
    elif entry.kind == "renamed":
        what = f"{entry.name} is called otherwise"
    if not entry.instead:
        return f"{what}."
    return f"{what}: use {entry.instead}." if entry.sure else f"{what}; the nearest name is {entry.instead}."


def _did_not_run(run: CellVerification) -> str:
    last = run.error.strip().splitlines()[-1:] or [FAULTS.get(run.status, run.status)]
    return "A cell was skipped." if run.status == "skipped" else f"A cell did not run well: {last[0]}"


def who_answers(generator: str | None, model: str, *, paper: bool = False) -> str:
    """Say which generator answers."""
    if generator == "model":
        return f"The model {model} answers." if model else "The model answers."
    if paper:
        return "No model writes here: the cells are the code that the paper prints."
    return "No model writes here: the cells are examples of the documentation, with their sources."


def where_it_runs(sandbox: SandboxStatus) -> str:
    """Say what the cells run in, or why they do not run and how to mend that."""
    if sandbox.available and sandbox.image_ready:
        return f"Sandbox: {sandbox.runtime}, image {image_name(sandbox.image)}, no network."
    reason = sandbox.reason or "its image is not built"
    hint = sandbox.hint or "Build it once with `jupyter gptoss sandbox build python`."
    return f"No sandbox, so the cells are not run: {reason.rstrip('.')}. {hint}"


def image_name(image: str) -> str:
    """Return a name as it is, and of a digest enough to tell it from others."""
    digest = image.removeprefix("sha256:")
    return digest if ":" in digest else digest[:IMAGE_CHARS]


def code_cells(count: int) -> str:
    """Return a number of code cells in words."""
    return f"{count} code cell" if count == 1 else f"{count} code cells"


def summary(response: CodeGenerationResponse) -> str:
    """Say what came of it, in one line: how many cells, whose they are, and how they ran."""
    code = [cell for cell in response.cells if cell.kind == "code" and cell.change != "deleted"]
    gone = sum(cell.change == "deleted" for cell in response.cells)
    by = "from the documentation's examples" if response.paper is None else "from the paper's own code"
    if response.generator == "model":
        by = f"by the model {response.model}".rstrip()
    by += f", and {gone} to delete" if gone else ""
    runs = [cell.verification for cell in code if cell.verification]
    if not runs:
        return f"{code_cells(len(code))} {by}; not run."
    ran = sum(run.status == "ok" for run in runs)
    where = next((f" in {run.runtime}" for run in runs if run.runtime != "none"), "")
    image = next((f", image {image_name(run.image)}" for run in runs if run.image), "")
    return f"{code_cells(len(code))} {by}; {ran} of {len(code)} ran well{where}{image}."
