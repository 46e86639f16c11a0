"""The worker on real transformers, with the tiny model and without a network."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.engines.status import EngineStatus, Patience
from gptoss_lab.engines.supervisor import EngineSupervisor
from gptoss_lab.engines.transformers import MAIN, TransformersLauncher
from gptoss_lab.engines.worker.prompt import Turn, render
from gptoss_lab.engines.worker.reader import AnswerReader
from gptoss_lab.engines.worker.weights import survey
from gptoss_lab.errors import EngineLoadError
from tests.engines.worker.packed import packed_model
from tests.tiny.lessons import ENDLESS, GROUP_MEAN
from tools.engine import engine_python

pytestmark = [pytest.mark.vllm, pytest.mark.slow, pytest.mark.timeout(300)]

REFERENCE = Path(__file__).parent / "reference.py"
DOCUMENTS = " ".join(f"Passage {number} says how a table is grouped by city." for number in range(60))
DEVELOPER = "You write cells for a Jupyter notebook."


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the engine's Python, in a namespace that has no network."""
    program = tmp_path_factory.mktemp("engine") / "python"
    words = shlex.join(["unshare", "--user", "--map-root-user", "--net", str(engine_python())])
    program.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    program.chmod(0o700)
    yield program
    shutil.rmtree(program.parent)


class Hosted:
    """A worker under our supervisor, and a client of it."""

    def __init__(self, supervisor: EngineSupervisor, endpoint: Endpoint, seen: list[EngineStatus]) -> None:
        self.supervisor = supervisor
        self.seen = seen
        self.client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(endpoint.socket)),
            base_url="http://worker",
            headers={"Authorization": f"Bearer {endpoint.key}"},
            timeout=60,
        )

    async def chat(self, *texts: str, **fields: Any) -> httpx.Response:
        """Ask greedily, and return the whole answer."""
        return await self.client.post("/v1/chat/completions", json=body(*texts, **fields))

    async def running(self) -> bool:
        """Say whether a generation runs."""
        metrics = (await self.client.get("/metrics")).text
        return 'num_requests_running{engine="0",model_name="tiny"} 1' in metrics


def body(*texts: str, **fields: Any) -> dict[str, Any]:
    """Return a question with documents before it, or none."""
    messages = [
        {"role": "developer", "content": DEVELOPER},
        *({"role": "user", "content": text} for text in texts),
    ]
    return {
        "messages": messages,
        "reasoning_effort": "low",
        "temperature": 0,
        "max_completion_tokens": 200,
    } | fields


@asynccontextmanager
async def hosted(python: Path, weights: Path, folder: Path) -> AsyncIterator[Hosted]:
    """Start the worker, and end it."""
    seen: list[EngineStatus] = []
    setting = EngineSetting(python, weights, "tiny", max_model_len=2048, start_timeout_s=240)
    patience = Patience(watch_s=0.3, backoff_s=(0.1,))
    supervisor = EngineSupervisor(
        TransformersLauncher(), setting, folder=folder, on_change=seen.append, patience=patience
    )
    supervisor.start()
    place = None
    try:
        place = Hosted(supervisor, await supervisor.ready(240), seen)
        yield place
    finally:
        if place is not None:
            await place.client.aclose()
        await supervisor.close()


async def test_the_worker_under_our_supervisor(python: Path, tiny_weights: Path, tmp_path: Path) -> None:
    """One start for all that a loaded worker has to show: it takes half a minute."""
    async with hosted(python, tiny_weights, tmp_path) as place:
        expect_phases(place)
        await expect_the_answer_of_the_model(place, tiny_weights)
        await expect_a_second_question_to_be_cached(place)
        await expect_refusals(place)
        await expect_a_cancelled_request_to_end(place)
        await expect_seeds_to_decide(place)
        assert not any("city" in line or "```" in line for line in place.supervisor.logs())
        await expect_a_killed_worker_to_come_back(place)


def expect_phases(place: Hosted) -> None:
    """Expect that the start was told, with the memory that it took."""
    phases = [status.phase for status in place.seen]
    assert [phase for phase in dict.fromkeys(phases) if phase != "stopped"] == [
        "starting",
        "loading_weights",
        "warming",
        "ready",
    ]
    status = place.supervisor.status
    assert re.match(r"5\.\d+", status.version)
    assert status.memory.weights_bytes is not None
    assert status.memory.weights_bytes > 50 << 20
    assert status.memory.kv_tokens == 4096


async def expect_the_answer_of_the_model(place: Hosted, weights: Path) -> None:
    """Expect what `model.generate` says to the same tokens, streamed and in whole."""
    today = time.strftime("%Y-%m-%d")
    tokens = render((Turn("developer", DEVELOPER), Turn("user", GROUP_MEAN.task)), "low", today)
    said = (await asyncio.to_thread(reference, weights, [tokens]))[0]
    reader = AnswerReader()
    pieces = [reader.feed(token) for token in said["model"]]
    content = "".join(piece.content for piece in pieces)
    assert "groupby" in content
    whole = (await place.chat(GROUP_MEAN.task)).json()
    assert whole["choices"][0]["message"]["content"] == content
    assert whole["choices"][0]["message"]["reasoning"] == "".join(piece.reasoning for piece in pieces)
    assert whole["usage"]["prompt_tokens"] == len(tokens)
    assert whole["usage"]["completion_tokens"] == len(said["model"])
    stream = (await place.chat(GROUP_MEAN.task, stream=True)).text.split("\n\n")
    chunks = [json.loads(row.removeprefix("data: ")) for row in stream if row.startswith("data: {")]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == content


async def expect_a_second_question_to_be_cached(place: Hosted) -> None:
    """Expect three quarters of the prompt from the cache, and the same answer as without it."""
    await place.chat(DOCUMENTS, "Something else")
    warm = (await place.chat(DOCUMENTS, GROUP_MEAN.task)).json()
    cold = (await place.chat(DOCUMENTS, GROUP_MEAN.task, cache_salt="another")).json()
    usage = warm["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] >= 0.75 * usage["prompt_tokens"]
    assert cold["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
    assert warm["choices"] == cold["choices"]


async def expect_refusals(place: Hosted) -> None:
    """Expect 400 for what cannot be answered, 401 without the key."""
    long = await place.chat("word " * 3000)
    assert (long.status_code, "maximum context length" in long.text) == (400, True)
    assert (await place.chat("x", reasoning_effort="extreme")).status_code == 400
    key = {"Authorization": "Bearer wrong"}
    assert (await place.client.post("/v1/chat/completions", json=body("x"), headers=key)).status_code == 401
    assert (await place.chat("x")).status_code == 200


async def expect_a_cancelled_request_to_end(place: Hosted) -> None:
    """Expect the engine idle within a second after the client has left."""
    fields = {"stream": True, "max_completion_tokens": 1900}
    async with place.client.stream(
        "POST", "/v1/chat/completions", json=body(ENDLESS.task, **fields)
    ) as answer:
        lines = answer.aiter_lines()
        for _ in range(20):
            assert await lines.__anext__() is not None
        assert await place.running()
    left_s = time.monotonic()
    while await place.running():  # noqa: ASYNC110 - another process has no event
        await asyncio.sleep(0.02)
    assert time.monotonic() - left_s < 1


async def expect_seeds_to_decide(place: Hosted) -> None:
    """Expect that a seed makes an answer that can be had again."""
    fields = {"temperature": 5.0, "seed": 7, "max_completion_tokens": 12}
    first, again, other = [
        (await place.chat("x", **(fields | change))).json()["choices"] for change in ({}, {}, {"seed": 8})
    ]
    assert first == again
    assert first != other


async def expect_a_killed_worker_to_come_back(place: Hosted) -> None:
    """Expect the stream cut, the supervisor to know why, and a worker that answers again."""
    worker = next(
        child
        for child in psutil.Process().children(recursive=True)
        if str(MAIN) in child.cmdline() and "tether.py" not in " ".join(child.cmdline())
    )
    async with place.client.stream(
        "POST", "/v1/chat/completions", json=body(ENDLESS.task, stream=True)
    ) as answer:
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError):
            await answer.aread()
    while place.supervisor.status.restarts == 0:  # noqa: ASYNC110 - a status has no event
        await asyncio.sleep(0.05)
    assert any(status.failure and status.failure.code == "oom_host" for status in place.seen)
    endpoint = await place.supervisor.ready(240)
    again = Hosted(place.supervisor, endpoint, place.seen)
    assert (await again.chat("x")).status_code == 200
    await again.client.aclose()


def test_reused_prompts_give_the_same_scores_to_the_bit(tiny_weights: Path) -> None:
    """And a prompt that is cut back far behind the sliding window of 128 tokens, too."""
    turns = [(DOCUMENTS, "one"), (DOCUMENTS, "another"), (DOCUMENTS[:1900], "shorter"), ("unlike",)]
    prompts = [
        render((Turn("developer", DEVELOPER), *(Turn("user", text) for text in texts)), "low", "2026-11-26")
        for texts in turns
    ]
    assert len(prompts[0]) > 600
    found = reference(tiny_weights, prompts)
    assert all(said["equal_bits"] for said in found)
    assert all(said["model"] == said["ours"] == said["again"] for said in found)
    assert max(said["off_the_library"] for said in found) < 0.02
    first, second, third, fourth = [said["cached"] for said in found]
    assert (first, fourth) == (0, 0)
    assert second >= 512
    assert 256 <= third < second


def reference(weights: Path, prompts: list[list[int]]) -> list[dict[str, Any]]:
    """Return what the model says without the worker; see reference.py."""
    given = {"worker": str(MAIN.parent), "weights": str(weights), "prompts": prompts, "max_tokens": 150}
    argv = [str(engine_python()), str(REFERENCE)]
    env = {"PATH": os.environ["PATH"], "HF_HUB_OFFLINE": "1"}
    run = subprocess.run(
        argv, input=json.dumps(given), capture_output=True, text=True, check=False, timeout=240, env=env
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found


async def test_weights_packed_in_mxfp4_are_unpacked(python: Path, tiny_weights: Path, tmp_path: Path) -> None:
    """In the form of the real checkpoint; rounded to 4 bits, the tiny model still knows its lesson."""
    packed = packed_model(tiny_weights, tmp_path / "packed")
    found = survey(packed)
    assert found.quantized
    async with hosted(python, packed, tmp_path) as place:
        answer = (await place.chat(GROUP_MEAN.task)).json()
        assert "groupby" in answer["choices"][0]["message"]["content"]
        loaded_bytes = place.supervisor.status.memory.weights_bytes
        assert loaded_bytes is not None
        assert abs(found.unpacked_bytes - loaded_bytes) < 0.02 * loaded_bytes


@pytest.mark.parametrize(
    ("harm", "code"), [("cut", "corrupt_weights"), ("config", "corrupt_weights"), ("llama", "bad_flag")]
)
async def test_weights_that_are_not_whole_are_named(
    python: Path, tiny_weights: Path, tmp_path: Path, harm: str, code: str
) -> None:
    """With a reason that the panel can show, and without another try."""
    broken = tmp_path / "broken"
    shutil.copytree(tiny_weights, broken, ignore=shutil.ignore_patterns("tokenizer*"))
    if harm == "cut":
        shard = broken / "model.safetensors"
        os.truncate(shard, shard.stat().st_size // 2)
    elif harm == "config":
        (broken / "config.json").write_text("{")
    else:
        (broken / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(EngineLoadError) as failed:
        async with hosted(python, broken, tmp_path):
            raise AssertionError("it was loaded")
    assert failed.value.reason == code
