"""Every fault of a Harmony stream that is known, and what the person sees of it.

Each script of the fake server replays a recorded stream; the faults are those of vLLM, of servers
that do not read Harmony, and of the model itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gptoss_lab.errors import EngineError
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.events import CellClose, CellOpen, Event, Reasoning, Usage, Warn
from gptoss_lab.schemas.generation import CodeGenerationRequest
from tests.fakes.chat_server import ChatServer
from tests.services.generators.test_model import BRIEF, asked, cells, warnings

MEANS = 'means = sales.groupby("city")["amount"].mean()\nmeans'


async def drafted(script: str, effort: Effort = "low") -> tuple[list[Event], EngineError | None]:
    """Return what a generator makes of a script; at low effort it asks once only."""
    request = BRIEF.request.model_copy(update={"effort": effort})
    return await asked(script, replace(BRIEF, request=request))


def reasoning(events: list[Event]) -> str:
    """Return what is shown as reasoning."""
    return "".join(event.text for event in events if isinstance(event, Reasoning))


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("final_in_reasoning", MEANS, ""),
        ("final_json", MEANS, ""),
        ("tool_call_in_content", MEANS, "tried to call a tool"),
        ("assistantfinal", MEANS, ""),
        ("spelled_end", MEANS, ""),
        ("surrogates", 'mood = "🌡"\nmood', ""),
        ("broken_utf8", 'city = "��"\ncity', "broke 2 characters"),
        ("typographic", 'values = [1-2, "a"] # \'b\'\nlabel = "5\u20137\u00a0°C"\nlabel', ""),
        ("unfenced", "import math\nmath.sqrt(2)", ""),
    ],
)
async def test_the_answer_is_recovered(script: str, code: str, words: str) -> None:
    """The cell is there, no token of the protocol is, and the person is warned of what was lost."""
    events, error = await drafted(script)
    assert error is None
    kept = cells(events)
    assert [source for kind, source in kept if kind == "code"] == [code]
    assert not any("<|" in source or "assistantfinal" in source or "{" in source for _, source in kept)
    assert words in warnings(events)
    assert bool(words) == bool(warnings(events))


async def test_glued_thought_is_shown_as_thought() -> None:
    """What a server glued to the answer is reasoning, and stands in no cell."""
    events, _ = await drafted("assistantfinal")
    assert reasoning(events) == "We need the mean by city. Use groupby."
    assert cells(events)[0] == ("markdown", "Group the rows:")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("reasoning_only", "ran out of budget"),
        ("null_content", "ended without an answer"),
        ("empty_stop", "ended without an answer"),
        ("tool_calls", "tried to call a tool"),
        ("repetition", "went round in circles"),
        ("reasoning_loop", "went round in circles"),
    ],
)
async def test_no_answer_is_explained(script: str, words: str) -> None:
    """An answer without a cell says why, and what to do."""
    events, error = await drafted(script)
    assert error is None
    assert cells(events) == []
    told = [event for event in events if isinstance(event, Warn)]
    assert words in warnings(events)
    assert all(warning.hint for warning in told)


async def test_a_refusal_is_shown() -> None:
    """A refusal with a malformed header is text that the person can read."""
    events, error = await drafted("refusal")
    assert error is None
    assert [(kind, source.strip()) for kind, source in cells(events)] == [
        ("markdown", "I'm sorry, but I can't help with that.")
    ]


async def test_a_loop_in_the_answer_keeps_what_was_finished() -> None:
    """A loop inside a cell ends the answer; the cells before stay, and are not written again."""
    events, error = await drafted("content_loop", "high")
    assert error is None
    assert [kind for kind, _ in cells(events)] == ["markdown", "code"]
    assert "repeated itself" in warnings(events)
    assert "asked once more" not in warnings(events)


async def test_a_fault_of_the_parser_midway() -> None:
    """A HarmonyError inside the stream is an error of the service; whole cells before it stay."""
    events, error = await drafted("harmony_error")
    assert error is not None
    assert "HarmonyError" in error.message
    assert [source for kind, source in cells(events) if kind == "code"] == ["x = 1\nx"]


@pytest.mark.parametrize(("effort", "efforts"), [("medium", ["medium", "low"]), ("high", ["high", "medium"])])
async def test_once_more_at_a_lower_effort(effort: Effort, efforts: list[str]) -> None:
    """Where the model thinks without an end it is asked once more, and the person is told."""
    request = CodeGenerationRequest(task="t", effort=effort)
    bodies: list[dict[str, Any]] = []
    async with ChatServer("tired") as server:
        events, error = await asked(server, replace(BRIEF, request=request))
        bodies = [received.body for received in server.requests if received.body]
    assert error is None
    assert [body["reasoning_effort"] for body in bodies] == efforts
    assert f"At {effort} effort" in warnings(events)
    if efforts[-1] == "low":
        assert [kind for kind, _ in cells(events)] == ["markdown", "code", "markdown", "code"]
        assert "ran out of budget" not in warnings(events)
    usage = [event.usage.prompt_tokens for event in events if isinstance(event, Usage)]
    assert usage[-1] > usage[0]


@pytest.mark.parametrize("script", ["repetition", "reasoning_loop"])
async def test_once_more_after_a_loop(script: str) -> None:
    """A loop at high effort is tried again at medium, once."""
    events, _ = await drafted(script, "high")
    assert warnings(events).count("asked once more") == 1
    assert "at medium effort" in warnings(events)


async def test_no_cell_is_there_twice() -> None:
    """Prose that came before a loop is taken back before the model is asked again."""
    async with ChatServer("prose_loop") as server:
        request = BRIEF.request.model_copy(update={"effort": "high"})
        events, _ = await asked(server, replace(BRIEF, request=request))
    opened = [event.cell for event in events if isinstance(event, CellOpen)]
    last = {event.cell: event.source for event in events if isinstance(event, CellClose)}
    assert len(opened) == len(set(opened)) == 2
    assert last[opened[0]] == ""
    assert [event.index for event in events if isinstance(event, CellOpen)] == [0, 0]
