"""What the base model thinks of a prompt before it was tuned."""

from __future__ import annotations

from typing import Any

import torch

from gptoss_lab.engines.tuner.report import say
from gptoss_lab.engines.tuner.rows import special

SAY_EVERY = 10


class Thoughts:
    """Has the base model think, greedily, so that the same seed and weights give the same rows.

    Args:
        model: The base model.
        max_tokens: A longer thought is given up: half a thought would teach to stop in the middle.
    """

    def __init__(self, model: Any, max_tokens: int) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._begin = special("<|channel|>analysis<|message|>")
        (self._end,) = special("<|end|>")
        self._ends = [self._end, *special("<|return|>"), *special("<|call|>")]
        self._known: dict[tuple[int, ...], list[int]] = {}
        self.count = 0

    def __call__(self, prompt: list[int]) -> list[int]:
        """Return the thought on a prompt as a whole message; nothing where it has none, or a long one."""
        key = tuple(prompt)
        if key not in self._known:
            self._known[key] = self._have(prompt) if self._max_tokens else []
            self.count += 1
            if self.count % SAY_EVERY == 1:
                say("thoughts", rows=self.count)
        return self._known[key]

    def _have(self, prompt: list[int]) -> list[int]:
        given = torch.tensor([prompt], device=self._model.device)
        with torch.inference_mode():
            whole = self._model.generate(
                given,
                attention_mask=torch.ones_like(given),
                max_new_tokens=self._max_tokens,
                do_sample=False,
                use_cache=True,
                eos_token_id=self._ends,
                pad_token_id=self._ends[0],
            )
        thought = whole[0, len(prompt) :].tolist()
        is_one = thought[: len(self._begin)] == self._begin and thought[-1:] == [self._end]
        return thought if is_one else []
