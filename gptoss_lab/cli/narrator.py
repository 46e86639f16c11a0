"""The events of a generation in words."""

from __future__ import annotations

from gptoss_lab.cli.screen import Screen, write_json
from gptoss_lab.schemas.events import (
    CellOpen,
    Event,
    Failed,
    Generator,
    Progress,
    Repair,
    Stage,
    VerificationEvent,
    Warn,
)
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.generation import CodeGenerationResponse

STAGES = {
    "collect": "reading the documentation",
    "retrieve": "finding what fits the task",
    "prompt": "writing the prompt",
    "stream": "writing cells",
    "parse": "splitting the answer into cells",
    "check": "checking against the installed API",
    "verify": "running the cells in a sandbox",
    "repair": "repairing",
    "done": "done",
}


class Narrator:
    """Tells each event to the screen, or writes it as a line of JSON."""

    def __init__(self, screen: Screen, *, as_json: bool, verify: bool) -> None:
        self._screen = screen
        self._as_json = as_json
        self._verify = verify

    def tell(self, event: Event) -> None:
        """Tell one event."""
        if self._as_json:
            write_json(event.model_dump_json())
        elif isinstance(event, Stage):
            self._screen.step(STAGES[event.stage] + (f": {event.detail}" if event.detail else ""))
        elif isinstance(event, Progress):
            self._screen.step(event.message or STAGES[event.stage], event.done, event.total)
        elif isinstance(event, Generator):
            self._tell_generator(event)
        elif isinstance(event, CellOpen):
            self._screen.step(STAGES["stream"], event.index + 1)
        else:
            self._tell_rest(event)

    def _tell_rest(self, event: Event) -> None:
        if isinstance(event, Warn):
            self._screen.note(f"Warning: {event.message} {event.hint}".rstrip())
        elif isinstance(event, Repair):
            self._screen.step(f"repair, round {event.round}: {event.reason}".rstrip(": "))
        elif isinstance(event, VerificationEvent) and event.verification.status != "ok":
            reason = event.verification.error.strip().splitlines()
            self._screen.note(f"A cell did not run well ({event.verification.status}) {''.join(reason[-1:])}")
        elif isinstance(event, Failed):
            self._screen.note(f"{event.problem.detail or event.problem.title} {event.problem.hint}".rstrip())

    def _tell_generator(self, event: Generator) -> None:
        self._screen.note(who_answers(event.generator, event.model))
        if self._verify:
            self._screen.note(where_it_runs(event.sandbox))


def who_answers(generator: str | None, model: str) -> str:
    """Say which generator answers."""
    if generator == "model":
        return f"The model {model} answers." if model else "The model answers."
    return "No model writes here: the cells are examples of the documentation, with their sources."


def where_it_runs(sandbox: SandboxStatus) -> str:
    """Say what the cells run in, or why they do not run and how to mend that."""
    if sandbox.available and sandbox.image_ready:
        image = sandbox.image.removeprefix("sha256:")[:12]
        return f"Sandbox: {sandbox.runtime}, image {image}, no network."
    reason = sandbox.reason or "its image is not built"
    hint = sandbox.hint or "Build it once with `jupyter gptoss sandbox build python`."
    return f"No sandbox, so the cells are not run: {reason.rstrip('.')}. {hint}"


def summary(response: CodeGenerationResponse) -> str:
    """Say what came of it, in one line."""
    code = [cell for cell in response.cells if cell.kind == "code"]
    if not any(cell.verification for cell in code):
        return f"{len(code)} code cells; none was run."
    ran = [cell.verification for cell in code if cell.verification and cell.verification.status == "ok"]
    where = next((f" in {run.runtime}" for run in ran), "")
    image = next((f" ({run.image.removeprefix('sha256:')[:12]})" for run in ran if run.image), "")
    return f"{len(code)} code cells; {len(ran)} ran well{where}{image}."
