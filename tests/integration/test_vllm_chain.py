"""The whole chain on a real vLLM: documentation, prompt, Harmony, cells, checks, sandbox, repair."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import nbformat
import pytest

from tests.integration.command import command
from tests.integration.conftest import NONE_WARM, MakeStation, ensure_built, nothing_left
from tests.integration.server import API, Server, server
from tests.integration.station import Station, soon, until
from tests.tiny.engine import MODEL, WINDOW_TOKENS, RealEngine
from tests.tiny.lessons import BROODING, ENDLESS, FAULTY, GROUP_MEAN, LESSONS, R_AGGREGATE, REGRESSION, Lesson

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]
DOCS = [{"uri": "pandas"}]
IDLE_WITHIN_S = 1.0
FEW_TOKENS = 30


def model_config(engine: RealEngine, **more: Any) -> dict[str, Any]:
    """Return the configuration that attaches the engine; greedy, so that an answer is what was taught."""
    return {"url": engine.url, "temperature": 0, "context_tokens": WINDOW_TOKENS, "effort": "low", **more}


def sources_of(lesson_text: str) -> list[str]:
    """Return the code of the fenced blocks of an answer."""
    return [part.partition("\n")[2].strip() for part in lesson_text.split("```")[1::2]]


def code_of(cells: list[Any]) -> list[Any]:
    """Return the code cells."""
    return [cell for cell in cells if (cell.get("kind") or cell.get("cell_type")) == "code"]


@pytest.fixture
def station(stations: MakeStation, runtime: str, vllm_engine: RealEngine) -> Station:
    """A station that asks the real engine and runs in one runtime."""
    return stations(sandbox={"runtime": runtime, "warm": NONE_WARM}, model=model_config(vllm_engine))


@pytest.fixture
async def running(stations: MakeStation, vllm_engine: RealEngine) -> AsyncIterator[Server]:
    """A server that asks the real engine and runs nothing."""
    one = stations(sandbox={"runtime": "none"}, model=model_config(vllm_engine))
    async with server(one) as running:
        yield running
    await until(vllm_engine.is_idle, "the engine still works", 30)
    await nothing_left(one, docker=False)


def test_the_engine_has_no_network(vllm_engine: RealEngine) -> None:
    """No process of the engine sees more than its own loopback."""
    assert len(vllm_engine.processes()) >= 2
    assert vllm_engine.networks() == {"lo"}


@pytest.mark.parametrize("lesson", [GROUP_MEAN, REGRESSION], ids=["pandas", "sklearn"])
async def test_python_cells_run(station: Station, runtime: str, lesson: Lesson) -> None:
    """What the model wrote stands in the notebook, accepted after it ran in the sandbox."""
    done = await command(
        station, *("generate", "--docs", "pandas", "--task", lesson.task, "--out", "a.ipynb")
    )
    assert done.code == 0, done.said
    assert f"The model {MODEL} answers." in done.said
    cells = code_of(nbformat.read(station.folder / "a.ipynb", as_version=4).cells)  # type: ignore[no-untyped-call]
    assert [cell.source for cell in cells] == sources_of(lesson.answer)
    notes = [cell.metadata.gptoss_lab for cell in cells]
    assert {(note.verification.status, note.verification.runtime) for note in notes} == {("ok", runtime)}
    assert any(cell.outputs for cell in cells)


@pytest.mark.bubblewrap
async def test_r_cells_run(stations: MakeStation, vllm_engine: RealEngine) -> None:
    """The same in R: base R's aggregate, on this machine's R."""
    one = stations(sandbox={"runtime": "bubblewrap", "warm": NONE_WARM}, model=model_config(vllm_engine))
    words = ("generate", "--task", R_AGGREGATE.task, "--language", "r", "--out", "a.ipynb")
    done = await command(one, *words)
    assert done.code == 0, done.said
    cells = code_of(nbformat.read(one.folder / "a.ipynb", as_version=4).cells)  # type: ignore[no-untyped-call]
    assert [cell.source for cell in cells] == sources_of(R_AGGREGATE.answer)
    assert {cell.metadata.gptoss_lab.verification.status for cell in cells} == {"ok"}
    shown = "".join(str(output) for cell in cells for output in cell.outputs)
    assert "5" in shown, "the mean weight of group b"
    await nothing_left(one, docker=False)


@pytest.mark.bubblewrap
async def test_what_did_not_run_is_repaired(
    stations: MakeStation, data_dir: Any, vllm_engine: RealEngine
) -> None:
    """The traceback of the sandbox goes back to the engine, whose second answer runs."""
    ensure_built("bubblewrap", data_dir)
    one = stations(sandbox={"runtime": "bubblewrap", "warm": NONE_WARM}, model=model_config(vllm_engine))
    done = await command(one, *("generate", "--task", FAULTY.task, "--out", "a.ipynb"))
    assert done.code == 0, done.said
    assert "round 1: " in done.said
    cells = code_of(nbformat.read(one.folder / "a.ipynb", as_version=4).cells)  # type: ignore[no-untyped-call]
    assert [cell.source for cell in cells] == [sources_of(FAULTY.answer)[0], *sources_of(FAULTY.repair)]
    assert {cell.metadata.gptoss_lab.verification.status for cell in cells} == {"ok"}
    await nothing_left(one, docker=False)


async def test_reasoning_is_shown_and_never_kept(running: Server) -> None:
    """Each effort reasons in its own words, which stream past and stand in no cell and no record."""
    for effort, thought in GROUP_MEAN.thoughts.items():
        job = await running.submit(task=GROUP_MEAN.task, generator="model", effort=effort)
        story = await soon(running.story(job), 120)
        assert story[-1]["type"] == "done", story[-1]
        assert "".join(event["text"] for event in story if event["type"] == "reasoning") == thought
        answer = await running.job(job)
        assert [cell["source"] for cell in code_of(answer["cells"])] == sources_of(GROUP_MEAN.answer)
        assert thought not in json.dumps(answer)
        assert thought not in running.log()


async def test_any_other_task_gets_a_cell(running: Server) -> None:
    """What the model was never taught is answered all the same."""
    job = await running.submit(task="Join two tables on a key", generator="model", sources=DOCS)
    await soon(running.story(job), 120)
    assert [cell["source"] for cell in code_of((await running.job(job))["cells"])] == sources_of(
        LESSONS["other"].answer
    )


async def test_a_cancel_frees_the_engine(running: Server, vllm_engine: RealEngine) -> None:
    """An answer that is no longer wanted is not computed: the engine is idle within a second."""
    before = vllm_engine.measured("vllm:generation_tokens_total")
    with vllm_engine.held():
        job = await running.submit(task=GROUP_MEAN.task, generator="model")
        await soon(running.reached(job, "stage", stage="prompt"), 120)
        await asyncio.sleep(0.5)  # the request is on its way
        cancelled = await running.http.delete(f"{API}/code/jobs/{job}")
    assert cancelled.status_code == httpx.codes.NO_CONTENT
    await until(vllm_engine.is_idle, "the engine still works", IDLE_WITHIN_S)
    assert (await running.job(job))["state"] == "cancelled"
    await asyncio.sleep(IDLE_WITHIN_S)
    computed = vllm_engine.measured("vllm:generation_tokens_total") - before
    assert computed < FEW_TOKENS, "the answer has over a hundred"


async def test_a_loop_is_ended(running: Server) -> None:
    """An answer that repeats itself for ever is stopped, said so, and what was whole is kept."""
    job = await running.submit(task=ENDLESS.task, generator="model")
    story = await soon(running.story(job), 240)
    assert story[-1]["type"] == "done", story[-1]
    assert any("repeat" in event["message"] for event in story if event["type"] == "warning"), story
    assert code_of((await running.job(job))["cells"])[0]["source"] == sources_of(ENDLESS.answer)[0]


async def test_brooding_is_asked_again_at_a_lower_effort(running: Server) -> None:
    """Reasoning that goes round in circles at the effort high is ended, and a lower one answers."""
    job = await running.submit(task=BROODING.task, generator="model", effort="high")
    story = await soon(running.story(job), 240)
    assert story[-1]["type"] == "done", story[-1]
    assert [cell["source"] for cell in code_of((await running.job(job))["cells"])] == sources_of(
        BROODING.answer
    )


async def test_a_second_question_finds_the_documents_cached(running: Server) -> None:
    """Documents stand before the question, so the engine reads them once."""
    used = []
    for task in (GROUP_MEAN.task, GROUP_MEAN.phrases[1]):
        job = await running.submit(
            task=task, generator="model", sources=DOCS, context={"cells": ["import pandas as pd"]}
        )
        story = await soon(running.story(job), 120)
        used.append([event["usage"] for event in story if event["type"] == "usage"][-1])
    assert used[1]["cached_tokens"] > 0, used
    assert used[1]["prompt_tokens"] > used[1]["cached_tokens"]


async def test_many_at_once(running: Server) -> None:
    """Answers that stream side by side do not mix."""
    lessons = [GROUP_MEAN, REGRESSION, LESSONS["statistics"], FAULTY]
    jobs = [await running.submit(task=lesson.task, generator="model") for lesson in lessons]
    await soon(asyncio.gather(*(running.story(job) for job in jobs)), 240)
    for lesson, job in zip(lessons, jobs, strict=True):
        cells = code_of((await running.job(job))["cells"])
        assert [cell["source"] for cell in cells] == sources_of(lesson.answer)


async def test_a_seed_and_a_long_prompt_do_not_end_the_engine(vllm_engine: RealEngine) -> None:
    """A prompt that the engine reads in parts is answered also where a seed is given."""
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": "word " * 6000}],
        "reasoning_effort": "low",
        "max_completion_tokens": 4,
        "temperature": 1.0,
        "seed": 7,
    }
    answer = await asyncio.to_thread(partial(vllm_engine.http.post, "/v1/chat/completions", json=body))
    assert answer.status_code == httpx.codes.OK, answer.text
    assert vllm_engine.is_ready()
