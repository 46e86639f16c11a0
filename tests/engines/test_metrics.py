"""Prometheus text of each server, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.engines.metrics import MAX_LINES, read_metrics
from gptoss_lab.schemas.model import EngineMetrics

VLLM = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="gpt-oss-20b"} 2.0
vllm:num_requests_waiting{engine="0",model_name="gpt-oss-20b"} 1.0
vllm:kv_cache_usage_perc{engine="0",model_name="gpt-oss-20b"} 0.25
vllm:prefix_cache_queries_total{engine="0",model_name="gpt-oss-20b"} 2000.0
vllm:prefix_cache_hits_total{engine="0",model_name="gpt-oss-20b"} 1500.0
vllm:prompt_tokens_total{engine="0",model_name="gpt-oss-20b"} 2000.0
vllm:prompt_tokens_cached_total{engine="0",model_name="gpt-oss-20b"} 1500.0
vllm:generation_tokens_total{engine="0",model_name="gpt-oss-20b"} 640.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.1",model_name="gpt-oss-20b"} 3.0
vllm:time_to_first_token_seconds_sum{engine="0",model_name="gpt-oss-20b"} 0.8
vllm:time_to_first_token_seconds_count{engine="0",model_name="gpt-oss-20b"} 4.0
vllm:inter_token_latency_seconds_sum{engine="0",model_name="gpt-oss-20b"} 6.4
vllm:inter_token_latency_seconds_count{engine="0",model_name="gpt-oss-20b"} 640.0
vllm:spec_decode_num_draft_tokens_total{engine="0",model_name="gpt-oss-20b"} 100.0
vllm:spec_decode_num_accepted_tokens_total{engine="0",model_name="gpt-oss-20b"} 62.0
python_gc_objects_collected_total{generation="0"} 10450.0
"""
LLAMA = """\
llamacpp:prompt_tokens_total 900
llamacpp:tokens_predicted_total 300
llamacpp:predicted_tokens_seconds 42.5
llamacpp:kv_cache_usage_ratio 0.5
llamacpp:requests_processing 1
llamacpp:requests_deferred 0
"""


def test_vllm() -> None:
    """VLLM says all that we show."""
    assert read_metrics(VLLM) == EngineMetrics(
        running=2,
        waiting=1,
        ttft_s=0.2,
        tokens_per_s=100.0,
        prompt_tokens=2000,
        cached_tokens=1500,
        generated_tokens=640,
        cached_fraction=0.75,
        kv_usage=0.25,
        accepted_fraction=0.62,
    )


def test_several_engines_behind_one_address() -> None:
    """Counts are added up, a share is their mean."""
    other = VLLM.replace('engine="0"', 'engine="1"').replace("perc{", "perc{").replace("0.25", "0.75")
    both = read_metrics(VLLM + other)
    assert (both.running, both.prompt_tokens, both.kv_usage) == (4, 4000, 0.5)


def test_llama_server() -> None:
    """llama-server says less, and that in other words."""
    metrics = read_metrics(LLAMA)
    assert (metrics.running, metrics.waiting, metrics.prompt_tokens) == (1, 0, 900)
    assert (metrics.tokens_per_s, metrics.kv_usage, metrics.generated_tokens) == (42.5, 0.5, 300)
    assert metrics.accepted_fraction is None
    assert metrics.cached_fraction is None


def test_nothing_measured_yet() -> None:
    """Counters at zero give no share and no speed, and do not divide by it."""
    fresh = "\n".join(f"{line.rpartition(' ')[0]} 0.0" for line in VLLM.splitlines())
    metrics = read_metrics(fresh)
    assert metrics.running == 0
    assert (metrics.ttft_s, metrics.tokens_per_s, metrics.cached_fraction) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "vllm:num_requests_running NaN",
        "vllm:num_requests_running +Inf",
        "vllm:num_requests_running -3",
        "vllm:num_requests_running 1e300",
        'vllm:num_requests_running{a="' + "x" * 5000,
        "vllm:num_requests_running 1 2 3",
    ],
)
def test_garbage(text: str) -> None:
    """What is no sample is passed over."""
    assert read_metrics(text) == EngineMetrics()


def test_a_flood_is_cut() -> None:
    """Beyond a bound nothing is read."""
    assert read_metrics("vllm:x 1\n" * MAX_LINES + "vllm:num_requests_running 1\n").running is None


@given(text=st.text(alphabet=st.sampled_from('vllm:prom_tokensal{}"=,0.1eE+- \n\x00é'), max_size=200))
def test_it_never_raises(text: str) -> None:
    """Whatever arrives, there is an answer."""
    assert isinstance(read_metrics(f"vllm:num_requests_running {text}\n{text}"), EngineMetrics)
