"""What the worker has measured, in Prometheus's text and under vLLM's names: one reader reads both."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Metrics:
    """Counters since the start."""

    model: str
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generation_tokens: int = 0
    first_token_s: float = 0.0
    first_tokens: int = 0
    between_tokens_s: float = 0.0
    between_tokens: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    def render(self, running: int, waiting: int, kv_usage: float) -> str:
        """Return the text.

        Args:
            running: Requests that are generated now.
            waiting: Requests that wait for their turn.
            kv_usage: The part of the cache's room that is in use, 0 to 1.
        """
        rows = [
            *self._row("num_requests_running", "gauge", running),
            *self._row("num_requests_waiting", "gauge", waiting),
            *self._row("kv_cache_usage_perc", "gauge", kv_usage),
            *self._row("prefix_cache_queries_total", "counter", self.prompt_tokens),
            *self._row("prefix_cache_hits_total", "counter", self.cached_tokens),
            *self._row("prompt_tokens_total", "counter", self.prompt_tokens),
            *self._row("prompt_tokens_cached_total", "counter", self.cached_tokens),
            *self._row("generation_tokens_total", "counter", self.generation_tokens),
            *self._mean("time_to_first_token_seconds", self.first_token_s, self.first_tokens),
            *self._mean("inter_token_latency_seconds", self.between_tokens_s, self.between_tokens),
            *self._mean("request_time_per_output_token_seconds", self.between_tokens_s, self.between_tokens),
            "# TYPE vllm:request_success_total counter",
        ]
        rows += [
            self._line("request_success_total", self.ended[reason], reason) for reason in sorted(self.ended)
        ]
        return "\n".join(rows) + "\n"

    def _row(self, name: str, kind: str, value: float) -> list[str]:
        return [f"# TYPE vllm:{name} {kind}", self._line(name, value)]

    def _mean(self, name: str, total: float, count: int) -> list[str]:
        return [
            f"# TYPE vllm:{name} summary",
            self._line(f"{name}_sum", total),
            self._line(f"{name}_count", count),
        ]

    def _line(self, name: str, value: float, reason: str = "") -> str:
        model = self.model.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        finished = f',finished_reason="{reason}"' if reason else ""
        return f'vllm:{name}{{engine="0",model_name="{model}"{finished}}} {value}'
