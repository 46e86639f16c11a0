"""`%gptoss VERB`: what the server says, in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from IPython.core.error import UsageError

MAX_JOBS = 10
MAX_TASK_CHARS = 60
MIB = 1 << 20
NO_MODEL = "No model is attached: examples from the documentation answer."


class Api(Protocol):
    """What answers."""

    def get(self, path: str) -> dict[str, Any]:
        """Return what stands at an address of the API."""


def sources(api: Api) -> str:
    """List the documentation that is indexed."""
    corpora = api.get("corpora").get("corpora", ())
    rows = [
        f"{row.get('title')} {row.get('version', '')}".rstrip()
        + f": {row.get('chunks', 0)} passages, {row.get('examples', 0)} examples"
        for row in corpora
    ]
    return "\n".join(rows) or "No documentation is indexed yet. Name some: %%gptoss --docs pandas"


def status(api: Api) -> str:
    """Say which generator answers and whether cells can be verified."""
    health = api.get("health")
    sandbox = health.get("sandbox", {})
    verification = (
        f"with {sandbox.get('runtime')}" if sandbox.get("available") else sandbox.get("reason", "off")
    )
    return f"gptoss_lab {health.get('version')}\n{_generator(health)}\nVerification: {verification}"


def model(api: Api) -> str:
    """Say which model there is and what it does now."""
    try:
        state = api.get("model")
    except UsageError:
        return _generator(api.get("health"))  # a server whose version has no model service
    if state.get("phase") == "unconfigured":
        return NO_MODEL
    progress, failure = state.get("progress") or {}, state.get("failure") or {}
    percent = f", {progress['percent']:.0f} %" if progress.get("percent") is not None else ""
    rows = [f"{state.get('model') or 'No model'}: {state.get('phase')}{percent}"]
    if failure:
        rows.append(f"{failure.get('message')} {failure.get('hint', '')}".rstrip())
    memory = (state.get("memory") or {}).get("resident_bytes")
    if memory:
        rows.append(f"Memory: {memory // MIB} MiB")
    return "\n".join(rows)


def history(api: Api) -> str:
    """List the last generations."""
    jobs = [job for job in api.get("code/jobs").get("jobs", ()) if job.get("kind") == "generate"]
    rows = [
        f"{str(job.get('created_at', ''))[:16].replace('T', ' ')}  {job.get('state'):9}  "
        f"{job.get('cells', 0)} cells, {job.get('verified', 0)} verified  {_short(str(job.get('task', '')))}"
        for job in jobs[:MAX_JOBS]
    ]
    return "\n".join(rows) or "The server remembers no generation."


VERBS: Mapping[str, Callable[[Api], str]] = {
    "sources": sources,
    "status": status,
    "model": model,
    "history": history,
}


def _generator(health: Mapping[str, Any]) -> str:
    if health.get("generator") == "model":
        return f"Model: {health.get('model')}"
    return NO_MODEL


def _short(task: str) -> str:
    words = " ".join(task.split())
    return words if len(words) <= MAX_TASK_CHARS else f"{words[: MAX_TASK_CHARS - 1]}…"
