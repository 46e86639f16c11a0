"""What the lines of vLLM's log mean, by logs that were recorded."""

from __future__ import annotations

import pytest

from gptoss_lab.engines.launch import LineFact
from gptoss_lab.engines.log_ring import LogRing
from gptoss_lab.engines.vllm_words import read_line
from gptoss_lab.schemas.model import EnginePhase
from tests.fakes.engines import LOGS


def facts(name: str) -> list[LineFact]:
    """Read a recorded log as the supervisor does."""
    ring = LogRing()
    lines = [*ring.feed((LOGS / f"{name}.log").read_bytes()), *ring.finish()]
    return [fact for fact in map(read_line, lines) if fact]


def phases(found: list[LineFact]) -> list[EnginePhase]:
    """Return the phases in the order in which they were told."""
    return list(dict.fromkeys(fact.phase for fact in found if fact.phase))


def test_a_start_on_a_gpu_is_understood() -> None:
    """Each phase, the shards, the sizes, and the bar that is drawn with carriage returns."""
    found = facts("gpu_start")
    assert phases(found) == ["starting", "loading_weights", "compiling", "allocating_kv", "capturing_graphs"]
    assert {fact.version for fact in found} == {"", "0.33.0"}
    shards = [fact.fraction for fact in found if "files of weights" in fact.message]
    assert shards == [0.0, 0.33, 0.67, 1.0]
    graphs = [fact.fraction for fact in found if fact.phase == "capturing_graphs"]
    assert graphs == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    assert [fact.weights_bytes for fact in found if fact.weights_bytes] == [int(13.2 * 2**30)]
    assert [fact.kv_bytes for fact in found if fact.kv_bytes] == [int(5.25 * 2**30)]
    assert [fact.kv_tokens for fact in found if fact.kv_tokens] == [229_376]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cpu_eager", ["starting", "loading_weights", "allocating_kv"]),
        ("cpu_compiled", ["starting", "loading_weights", "compiling", "allocating_kv"]),
    ],
)
def test_a_start_on_a_cpu_is_understood(name: str, expected: list[EnginePhase]) -> None:
    """With its size of the cache and its version."""
    found = facts(name)
    assert phases(found) == expected
    assert {fact.version for fact in found} == {"", "0.32.0"}
    assert [fact.kv_bytes for fact in found if fact.kv_bytes] == [2**28]
    assert [fact.kv_tokens for fact in found if fact.kv_tokens] == [508_400]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Starting",
        "shards: x% Completed | 1/3",
        "KV cache size: , tokens, Maximum concurrency for 1 tokens per request: x",
        "Checkpoint size: lots GiB",
        "\ufffd" * 1000,
        "█  version none",
    ],
)
def test_other_lines_mean_nothing(line: str) -> None:
    """However close they come."""
    assert read_line(line) is None


@pytest.mark.parametrize(
    ("line", "phase"),
    [
        ("INFO [backends.py:1] Directly load the compiled graph(s) for range", "compiling"),
        ("INFO [backends.py:1] Directly load AOT compilation from path", "compiling"),
        ("INFO [monitor.py:1] Starting torch.compile", "compiling"),
        ("Compiling CuTeDSL kernels:  10%", "compiling"),
        ("INFO JIT kernel warmup starting.", "compiling"),
    ],
)
def test_compiling_has_many_names(line: str, phase: EnginePhase) -> None:
    """A hit of its cache is one of them."""
    fact = read_line(line)
    assert fact is not None
    assert fact.phase == phase
