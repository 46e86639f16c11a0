"""What the lines of vLLM's log mean.

The patterns are of vLLM 0.32 and 0.33; a line that changes its wording costs a percentage, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gptoss_lab.engines.launch import LineFact

_GIB = 1 << 30
_Reader = Callable[[re.Match[str]], LineFact]


def _count(text: str) -> int:
    return int(text.replace(",", ""))


def _bytes(text: str) -> int:
    return int(float(text) * _GIB)


def _shards(found: re.Match[str]) -> LineFact:
    return LineFact(
        "loading_weights", fraction=int(found[1]) / 100, message=f"{found[2]} of {found[3]} files of weights"
    )


def _cache(found: re.Match[str]) -> LineFact:
    tokens = _count(found[1])
    return LineFact(
        "allocating_kv",
        message=f"Room for {tokens:,} tokens, or {float(found[2]):.0f} full conversations at a time",
        kv_tokens=tokens,
    )


_WORDS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (
        re.compile(r"Initializing a V1 LLM engine \(v([^)\s]+)\)"),
        lambda found: LineFact("starting", message="The engine starts", version=found[1]),
    ),
    (re.compile(r"█  version (\d\S*)"), lambda found: LineFact(version=found[1])),
    (
        re.compile(r"Starting to load model"),
        lambda _: LineFact("loading_weights", message="The weights are read"),
    ),
    (re.compile(r"shards:\s+(\d{1,3})% Completed \| (\d+)/(\d+)"), _shards),
    (re.compile(r"Loading weights took"), lambda _: LineFact("loading_weights", fraction=1.0)),
    (
        re.compile(r"Checkpoint size: (\d{1,6}(?:\.\d+)?) GiB"),
        lambda found: LineFact(weights_bytes=_bytes(found[1])),
    ),
    (
        re.compile(r"Model loading took (\d{1,6}(?:\.\d+)?) GiB"),
        lambda found: LineFact("loading_weights", fraction=1.0, weights_bytes=_bytes(found[1])),
    ),
    (
        re.compile(r"Directly load (?:the compiled graph|AOT compilation)"),
        lambda _: LineFact("compiling", message="What was compiled before is loaded"),
    ),
    (
        re.compile(
            r"Starting torch\.compile|Compiling a graph for|Dynamo bytecode transform|Compiling CuTeDSL"
            r"|JIT kernel warmup starting|DeepGEMM warmup|Warming up model for the compilation"
        ),
        lambda _: LineFact("compiling", message="The model is compiled for this machine"),
    ),
    (
        re.compile(r"Available KV cache memory: (\d{1,6}(?:\.\d+)?) GiB"),
        lambda found: LineFact("allocating_kv", kv_bytes=_bytes(found[1])),
    ),
    (
        re.compile(r"Explicitly set \((\d{1,6}(?:\.\d+)?)/[\d.]+\) GiB for KV cache"),
        lambda found: LineFact("allocating_kv", kv_bytes=_bytes(found[1])),
    ),
    (
        re.compile(
            r"KV cache size: (\d[\d,]{0,20}) tokens, "
            r"Maximum concurrency for [\d,]+ tokens per request: (\d{1,9}(?:\.\d+)?)x"
        ),
        _cache,
    ),
    (
        re.compile(r"Capturing CUDA graphs?[^%]*?(\d{1,3})%"),
        lambda found: LineFact(
            "capturing_graphs", fraction=int(found[1]) / 100, message="The graphs of the GPU are captured"
        ),
    ),
    (re.compile(r"Graph capturing finished"), lambda _: LineFact("capturing_graphs", fraction=1.0)),
    (re.compile(r"Starting vLLM server on"), lambda _: LineFact(message="The server of the engine starts")),
)
_SIGNS = (
    "engine",
    "version",
    "load",
    "Load",
    "Checkpoint",
    "ompil",
    "JIT",
    "DeepGEMM",
    "KV cache",
    "aptur",
    "Starting",
    "shards",
)


def read_line(line: str) -> LineFact | None:
    """Return what a line means; None for most."""
    if not any(sign in line for sign in _SIGNS):
        return None
    for pattern, reader in _WORDS:
        found = pattern.search(line)
        if found:
            return reader(found)
    return None
