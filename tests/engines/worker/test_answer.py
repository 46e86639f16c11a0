"""The wire form of vLLM."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from gptoss_lab.engines.answer import AnswerReader
from gptoss_lab.engines.base import ContentDelta, Finished, ReasoningDelta, UsageDelta
from gptoss_lab.engines.worker.answer import Answer
from gptoss_lab.engines.worker.generate import Ended, Picked, Prefilled, Step
from gptoss_lab.engines.worker.metrics import Metrics
from gptoss_lab.engines.worker.prompt import encoding
from gptoss_lab.schemas.generation import TokenUsage

TEXT = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes<|return|>"
TOKENS = encoding().encode(TEXT, allowed_special="all")


def answered(tokens: Sequence[int], reason: str) -> tuple[list[dict[str, Any]], Answer, Metrics]:
    """Return the chunks of an answer, it and its measurements; each look at the clock is a second."""
    metrics, seconds = Metrics("m"), count()
    answer = Answer("m", metrics, lambda: float(next(seconds)))
    steps: list[Step] = [Prefilled(0, 20, 16), Prefilled(20, 20, 16), *map(Picked, tokens), Ended(reason)]
    return [chunk for step in steps for chunk in answer.take(step)], answer, metrics


def test_our_own_client_reads_the_stream() -> None:
    """Reasoning, content, the reason of the end, and the usage on the last chunk."""
    chunks, _, _ = answered(TOKENS, "stop")
    reader = AnswerReader()
    deltas = [
        delta for chunk in chunks for delta in reader.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n")
    ]
    deltas += reader.feed(b"data: [DONE]\n\n")
    assert "".join(delta.text for delta in deltas if isinstance(delta, ReasoningDelta)) == "Hm."
    assert "".join(delta.text for delta in deltas if isinstance(delta, ContentDelta)) == "Yes"
    assert deltas[-2:] == [
        Finished("stop"),
        UsageDelta(
            TokenUsage(prompt_tokens=20, completion_tokens=len(TOKENS), reasoning_tokens=2, cached_tokens=16)
        ),
    ]
    assert (reader.done, reader.fault) == (True, None)


def test_chunks_have_the_form_of_vllm() -> None:
    """The first names the role, the last but one the reason, the last has no choice."""
    chunks, _, _ = answered(TOKENS, "stop")
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "reasoning": None}
    assert chunks[-2]["choices"][0] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    assert chunks[-1]["choices"] == []
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_the_whole_answer_says_the_same() -> None:
    """Nothing said is null, as vLLM has it."""
    _, answer, _ = answered(TOKENS, "stop")
    whole = answer.whole()
    choice = whole["choices"][0]
    assert choice["message"] == {"role": "assistant", "content": "Yes", "reasoning": "Hm."}
    assert (whole["object"], choice["finish_reason"]) == ("chat.completion", "stop")
    _, cut, _ = answered(TOKENS[:5], "length")
    assert cut.whole()["choices"][0]["message"]["content"] is None


def test_it_is_measured() -> None:
    """A second between two tokens, and the reason of the end counted."""
    chunks, _, metrics = answered(TOKENS, "length")
    assert (metrics.prompt_tokens, metrics.cached_tokens, metrics.generation_tokens) == (20, 16, len(TOKENS))
    assert metrics.between_tokens_s == metrics.between_tokens == len(TOKENS) - 1
    assert metrics.ended == {"length": 1}
    assert chunks[-1]["metrics"]["mean_itl_ms"] == 1000
    assert chunks[-1]["metrics"]["tokens_per_second"] == 1
