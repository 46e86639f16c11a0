"""The measurements, as Prometheus reads them."""

from __future__ import annotations

import re

from gptoss_lab.engines.worker.metrics import Metrics


def test_every_line_is_one_of_prometheus() -> None:
    """With the model's name escaped."""
    metrics = Metrics('a"b\\c\nd', prompt_tokens=3, cached_tokens=2)
    metrics.ended["stop"] += 2
    text = metrics.render(1, 2, 0.25)
    for line in text.splitlines():
        assert re.fullmatch(
            r'# TYPE \S+ \w+|vllm:\w+\{\w+="\d+",\w+="(\\.|[^"\\])*"(,\w+="\w+")?\} [\d.]+', line
        )
    assert 'vllm:num_requests_waiting{engine="0",model_name="a\\"b\\\\c d"} 2' in text
    assert "prefix_cache_hits_total" in text
