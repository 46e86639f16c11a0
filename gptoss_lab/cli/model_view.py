"""How a model stands, on a terminal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import typer

from gptoss_lab.cli.screen import Screen
from gptoss_lab.sandbox.within import within
from gptoss_lab.schemas.model import EngineMetrics, EngineProgress, ModelState
from gptoss_lab.services.hosted import is_loading
from gptoss_lab.services.model_words import phase_words, remaining_words

LOOK_EVERY_S = 0.5
GB = 1e9


async def follow(look: Callable[[], Awaitable[ModelState]], view: Screen, left: asyncio.Event) -> ModelState:
    """Show each step of a start until it has ended one way or the other, or the person leaves."""
    while True:
        state = await look()
        if left.is_set() or not is_loading(state.phase):
            return state
        step(view, state)
        await pause(left, LOOK_EVERY_S)


async def pause(left: asyncio.Event, for_s: float) -> None:
    """Wait, but no longer than until the person leaves."""
    with contextlib.suppress(asyncio.TimeoutError):
        await within(left.wait(), for_s)


def step(view: Screen, state: ModelState) -> None:
    """Show how far a start has come."""
    progress = state.progress or EngineProgress()
    done, total = round(progress.percent or 0), 0 if progress.percent is None else 100
    if progress.total_bytes:
        done, total = progress.done_bytes, progress.total_bytes
    view.step(phase_words(state.phase), done, total, remaining_words(progress))


def tell_state(state: ModelState) -> None:
    """Print how the model stands, in a few lines."""
    typer.echo(_headline(state))
    facts = (
        ("from", " ".join(word for word in (state.source, state.revision[:12]) if word)),
        ("engine", " ".join(word for word in (state.engine or "", state.version) if word)),
        ("window", f"{state.max_model_len:,} tokens" if state.max_model_len else ""),
        ("memory", _memory(state)),
        ("speed", _speed(state.metrics)),
        ("queue", f"{state.queue.running} run, {state.queue.waiting} wait, {state.queue.slots} may run"),
        ("restarts", str(state.restarts) if state.restarts else ""),
    )
    for name, value in facts:
        if value:
            typer.echo(f"  {name}: {value}")
    if state.failure is not None:
        tell_failure(state)
    for server in () if state.engine == "attached" else state.found:
        typer.echo(f"  could be attached: {server.name} at {server.url} ({', '.join(server.models[:3])})")


def tell_failure(state: ModelState) -> None:
    """Say on standard error why the model is not there, and what to do."""
    if state.failure is None:
        return
    for line in state.failure.log_tail[-10:]:
        typer.echo(f"  | {line}", err=True)
    typer.echo(f"{state.failure.message.rstrip('.')}. ({state.failure.code})", err=True)
    typer.echo(f"  {state.failure.hint}", err=True)


def _headline(state: ModelState) -> str:
    said = f"{state.model or 'no model'}: {phase_words(state.phase)}"
    if state.progress is None or not is_loading(state.phase):
        return said
    percent = "" if state.progress.percent is None else f" {state.progress.percent:.0f} %"
    left = remaining_words(state.progress)
    return f"{said}{percent}{', ' if left else ''}{left}"


def _memory(state: ModelState) -> str:
    memory = state.memory
    parts = (
        ("weights", memory.weights_bytes),
        ("cache", memory.kv_bytes),
        ("process", memory.resident_bytes),
        ("GPU", memory.gpu_bytes),
    )
    return ", ".join(f"{name} {size / GB:.1f} GB" for name, size in parts if size)


def _speed(metrics: EngineMetrics) -> str:
    parts = (
        ("{:.1f} tokens/s", metrics.tokens_per_s),
        ("first token after {:.2f} s", metrics.ttft_s),
        ("{:.0%} of prompts from the cache", metrics.cached_fraction),
        ("{:.0%} of drafts accepted", metrics.accepted_fraction),
    )
    return ", ".join(words.format(value) for words, value in parts if value is not None)
