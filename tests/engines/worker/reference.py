"""What the model says without the worker: run by the engine's Python, by path.

It reads `{"worker", "weights", "prompts", "max_tokens"}` as JSON from standard input, and writes what
`model.generate` says to each prompt, what our own loop says, with a cache that is empty and with one
that remembers, and how far the scores differ.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from threading import Event
from typing import Any

import torch
from transformers import GptOssForCausalLM


class Reference:
    """One model, read in all ways."""

    def __init__(self, weights: str, max_tokens: int) -> None:
        from gptoss_lab.engines.worker import generate, network, prefix  # noqa: PLC0415 - mounted by now

        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        loaded = GptOssForCausalLM.from_pretrained(weights, dtype=torch.bfloat16, attn_implementation="eager")
        self.model = loaded.to(self.device)
        self.network = network.Network(self.model)
        self.max_tokens = max_tokens
        self._loop = generate
        self._make_store = prefix.PrefixStore
        self.remembering, self.warm = self.store(), self.store()

    def store(self) -> Any:
        """Return a store that remembers nothing yet."""
        return self._make_store(self.network.new_cache, 2, self.network.chunk_tokens)

    def generated(self, ids: list[int]) -> list[int]:
        """Return what the library says."""
        inputs = torch.tensor([ids], device=self.device)
        with torch.inference_mode():
            said = self.model.generate(
                inputs,
                attention_mask=torch.ones_like(inputs),
                max_new_tokens=self.max_tokens,
                do_sample=False,
            )
        tokens: list[int] = said[0, len(ids) :].tolist()
        return tokens

    def said(self, store: Any, ids: list[int]) -> tuple[list[int], int]:
        """Return what our loop says, and how much of the prompt was remembered."""
        job = self._loop.Job(tuple(ids), self.max_tokens, self._loop.Sampling(temperature=0))
        steps = list(self._loop.generate(self.network, store, job, Event()))
        cached = next(step.cached for step in steps if isinstance(step, self._loop.Prefilled))
        return [step.token for step in steps if isinstance(step, self._loop.Picked)], cached

    def scores(self, store: Any, ids: list[int]) -> Any:
        """Return the scores behind a prompt."""
        kept = store.take(ids)
        found = None
        for start in range(len(kept.ids), len(ids), store.chunk_tokens):
            chunk = ids[start : start + store.chunk_tokens]
            found = self.network.feed(kept.cache, chunk, Event(), scored=start + len(chunk) == len(ids))
            if len(chunk) == store.chunk_tokens:
                kept.ids += chunk
        return found

    def compare(self, ids: list[int]) -> dict[str, Any]:
        """Return all that can be said of one prompt."""
        with torch.inference_mode():
            inputs = torch.tensor([ids], device=self.device)
            whole = self.model(input_ids=inputs, logits_to_keep=1).logits[0, -1].float()
        again, cached = self.said(self.remembering, ids)
        fresh = self.scores(self.store(), ids)
        return {
            "model": self.generated(ids),
            "ours": self.said(self.store(), ids)[0],
            "again": again,
            "cached": cached,
            "equal_bits": bool(torch.equal(fresh, self.scores(self.warm, ids))),
            "off_the_library": float((fresh - whole).abs().max() / whole.abs().max()),
        }


def main() -> None:
    """Compare, and write what was found."""
    given = json.load(sys.stdin)
    worker = Path(given["worker"])
    runpy.run_path(str(worker / "main.py"))["mount"](worker)
    reference = Reference(given["weights"], given["max_tokens"])
    json.dump([reference.compare(ids) for ids in given["prompts"]], sys.stdout)


if __name__ == "__main__":
    main()
