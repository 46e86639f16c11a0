"""The vocabulary is loaded for a model that has it, off the event loop."""

from __future__ import annotations

from gptoss_lab.prompts.budget import Estimate
from gptoss_lab.prompts.harmony import HarmonyCounter
from gptoss_lab.services.generators.counting import Counting


def test_gpt_oss() -> None:
    """A guess until the vocabulary is there, then the vocabulary; for other models a guess."""
    counting = Counting()
    assert isinstance(counting.counter("gpt-oss-20b"), Estimate)
    counting.begin("openai/GPT-OSS-20b")
    counting.begin("gpt-oss-20b")
    assert counting.wait(60)
    assert isinstance(counting.counter("gpt-oss-20b"), HarmonyCounter)
    assert isinstance(counting.counter("qwen3"), Estimate)


def test_other_models_load_nothing() -> None:
    """A model with another vocabulary costs no memory."""
    counting = Counting()
    counting.begin("qwen3-coder")
    assert not counting.wait(0)
