"""How much of a second question on the same documents the engine's cache serves.

    python -m bench.engine_cache

Our way to start vLLM and to lay out a prompt, beside an engine with its own defaults for what it keeps.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator

from bench.engine_readers import WINDOW_TOKENS, no_engine
from bench.figure import Figure, report
from bench.server import Server, jupyter_server
from tests.tiny.build import shared_folder, tiny_model
from tests.tiny.engine import real_engine, setting_of, without_retention
from tests.tiny.lessons import GROUP_MEAN
from tools.engine import engine_python

BENCH = "engine_cache"
MIN_CACHED = 0.75


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", default="pandas", help="a package, folder or page of documentation")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the engine ends with the bench
    if no_engine(BENCH):
        return 0
    setting = setting_of(engine_python(), tiny_model(shared_folder()))
    with real_engine(without_retention(setting)) as engine:
        peer = questions(engine.url, options.docs, warm_up=False)
    with real_engine(setting) as engine:
        ours = questions(engine.url, options.docs, warm_up=True)
    return report([
        Figure(
            BENCH,
            f"question {number} on {options.docs}: prompt tokens that the cache served",
            own,
            "part",
            "the engine's defaults, no warm-up",
            other,
            MIN_CACHED if number == 2 else None,
            at_most=False,
        )
        for number, (own, other) in enumerate(zip(ours, peer, strict=True), start=1)
    ])


def questions(url: str, docs: str, *, warm_up: bool) -> list[float]:
    """Ask three questions on the same documents; return the cached part of each prompt."""
    model = {
        "url": url,
        "temperature": 0,
        "context_tokens": WINDOW_TOKENS,
        "effort": "low",
        "warm_up": warm_up,
    }
    config = {"model": model, "sandbox": {"runtime": "none"}}
    with jupyter_server(extension=True, config=config) as server:
        return list(_asked(server, docs))


def _asked(server: Server, docs: str) -> Iterator[float]:
    with server.client() as client:
        for task in GROUP_MEAN.phrases[:3]:
            body = {"task": task, "sources": [{"uri": docs}], "generator": "model", "verify": False}
            headers = {"Accept": "text/event-stream"}
            with client.stream("POST", "/api/v1/code/generate", json=body, headers=headers) as answer:
                answer.raise_for_status()
                lines = [line for line in answer.iter_lines() if line.startswith("data: {")]
            events = [json.loads(line.removeprefix("data: ")) for line in lines]
            usage = [event["usage"] for event in events if event["type"] == "usage"][-1]
            yield usage["cached_tokens"] / usage["prompt_tokens"]


if __name__ == "__main__":
    sys.exit(main())
