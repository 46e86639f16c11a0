"""What a server measures, out of its Prometheus text.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping

from gptoss_lab.schemas.model import EngineMetrics

MAX_LINES = 20_000
_SAMPLE = re.compile(r"([A-Za-z_:][\w:]{0,200})(?:\{[^\n]{0,2000}\})? +([^ ]{1,40})(?: +-?\d{1,20})?\s*")
_PREFIXES = ("vllm:", "llamacpp:", "sglang:")
_MAX_COUNT = 1 << 53


def read_metrics(text: str) -> EngineMetrics:
    """Return what the text says; a line that is none is passed over.

    Samples of several engines behind one address are added up, and shares averaged.
    """
    sums: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for line in text.split("\n", MAX_LINES)[:MAX_LINES]:
        if not line.startswith(_PREFIXES):
            continue
        match = _SAMPLE.fullmatch(line)
        value = _number(match[2]) if match else None
        if match and value is not None:
            sums[match[1]] += value
            counts[match[1]] += 1
    return _metrics(_Samples(sums, counts))


class _Samples:
    def __init__(self, sums: Mapping[str, float], counts: Mapping[str, int]) -> None:
        self._sums = sums
        self._counts = counts

    def total(self, *names: str) -> float | None:
        """Return the sum of the first name that is there."""
        return next((self._sums[name] for name in names if name in self._counts), None)

    def count(self, *names: str) -> int | None:
        value = self.total(*names)
        return int(value) if value is not None and 0 <= value < _MAX_COUNT else None

    def mean(self, name: str) -> float | None:
        """Return the mean over all label sets of a gauge."""
        return self._sums[name] / self._counts[name] if name in self._counts else None

    def average(self, *histograms: str) -> float | None:
        """Return the mean of the first histogram that holds anything."""
        for name in histograms:
            found = ratio(self.total(f"{name}_sum"), self.total(f"{name}_count"))
            if found is not None:
                return found
        return None


def ratio(part: float | None, whole: float | None) -> float | None:
    """Return a part of a whole; None where either is not known or the whole is nothing."""
    return part / whole if part is not None and whole else None


def _metrics(samples: _Samples) -> EngineMetrics:
    queries, hits = "vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total"
    prompt = samples.count("vllm:prompt_tokens_total", "llamacpp:prompt_tokens_total")
    cached = samples.count("vllm:prompt_tokens_cached_total", hits)
    accepted = samples.total("vllm:spec_decode_num_accepted_tokens_total")
    drafted = samples.total("vllm:spec_decode_num_draft_tokens_total")
    usage = samples.mean("vllm:kv_cache_usage_perc")
    return EngineMetrics(
        running=samples.count("vllm:num_requests_running", "llamacpp:requests_processing"),
        waiting=samples.count("vllm:num_requests_waiting", "llamacpp:requests_deferred"),
        ttft_s=samples.average("vllm:time_to_first_token_seconds"),
        tokens_per_s=_speed(samples),
        prompt_tokens=prompt,
        cached_tokens=cached,
        generated_tokens=samples.count("vllm:generation_tokens_total", "llamacpp:tokens_predicted_total"),
        cached_fraction=_share(ratio(samples.total(hits), samples.total(queries)) or ratio(cached, prompt)),
        kv_usage=_share(usage if usage is not None else samples.mean("llamacpp:kv_cache_usage_ratio")),
        accepted_fraction=_share(ratio(accepted, drafted)),
    )


def _speed(samples: _Samples) -> float | None:
    between = samples.average(
        "vllm:inter_token_latency_seconds",
        "vllm:request_time_per_output_token_seconds",
        "vllm:time_per_output_token_seconds",
    )
    if between is not None:
        return 1 / between if between > 0 else None
    return samples.mean("llamacpp:predicted_tokens_seconds")


def _share(value: float | None) -> float | None:
    return None if value is None else min(1.0, max(0.0, value))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
