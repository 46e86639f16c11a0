"""The model on its device: computes tokens, and chooses the next one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

import torch

from gptoss_lab.engines.worker.faults import Aborted
from gptoss_lab.engines.worker.generate import Sampling
from gptoss_lab.engines.worker.growing import GrowingCache

_CHUNK_TOKENS = {"cpu": 128}
_CHUNK_TOKENS_GPU = 256
_STOPS_BESIDE_ITS_OWN = (200002, 200012)  # <|return|> and <|call|>: nobody here runs a tool


class Network:
    """A loaded gpt-oss.

    Args:
        model: The model of transformers, on its devices.

    Attributes:
        stop_ids: The tokens that end an answer.
        max_model_len: The tokens that it was trained to hold.
        chunk_tokens: How many tokens of a prompt are computed at a time.
        kv_bytes_per_token: What one position takes in the cache.
    """

    def __init__(self, model: Any) -> None:
        self._model = model.eval()
        self._config = model.config
        self._abort = Event()
        own = getattr(model.generation_config, "eos_token_id", None) or self._config.eos_token_id or []
        self.stop_ids = frozenset([own] if isinstance(own, int) else own) | set(_STOPS_BESIDE_ITS_OWN)
        self.max_model_len = int(self._config.max_position_embeddings)
        self.chunk_tokens = _CHUNK_TOKENS.get(model.device.type, _CHUNK_TOKENS_GPU)
        heads = self._config.num_key_value_heads * self._config.head_dim
        self.kv_bytes_per_token = 2 * heads * self._config.num_hidden_layers * model.dtype.itemsize
        for layer in model.model.layers:
            layer.register_forward_pre_hook(self._give_up)

    def new_cache(self) -> GrowingCache:
        """Return an empty cache."""
        return GrowingCache(self._config)

    def feed(self, cache: GrowingCache, ids: Sequence[int], abort: Event, *, scored: bool) -> Any:
        """Compute tokens behind what a cache holds; see `Model.feed`.

        Raises:
            Aborted: The event was set, before or between two layers.
        """
        self._abort = abort
        if abort.is_set():
            raise Aborted
        with torch.inference_mode():
            inputs = torch.tensor([list(ids)], device=self._model.device)
            if not scored:
                self._model.model(input_ids=inputs, past_key_values=cache, use_cache=True)
                return None
            found = self._model(input_ids=inputs, past_key_values=cache, use_cache=True, logits_to_keep=1)
            return found.logits[0, -1].float()

    def chooser(self, sampling: Sampling) -> Callable[[Any], int]:
        """Return what chooses from scores, call by call."""
        if sampling.temperature == 0:
            return lambda scores: int(scores.argmax())
        dice: dict[Any, Any] = {}

        def choose(scores: Any) -> int:
            generator = dice.get(scores.device)
            if generator is None:
                generator = dice[scores.device] = torch.Generator(scores.device)
                if sampling.seed is None:
                    generator.seed()
                else:
                    generator.manual_seed(sampling.seed)
            chances = _narrowed(torch.softmax(scores / sampling.temperature, -1), sampling)
            # The race of exponential clocks: the first to ring is distributed as the chances are.
            return int((chances / torch.empty_like(chances).exponential_(generator=generator)).argmax())

        return choose

    def release(self) -> None:
        """Give memory that is free back to the device."""
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _give_up(self, *_: Any) -> None:
        if self._abort.is_set():
            raise Aborted


def _narrowed(chances: Any, sampling: Sampling) -> Any:
    """Drop the unlikely tokens that the sampling excludes."""
    if sampling.min_p > 0:
        chances = chances.masked_fill(chances < chances.max() * sampling.min_p, 0)
    if 0 < sampling.top_k < chances.shape[-1]:
        chances = chances.masked_fill(chances < chances.topk(sampling.top_k).values[-1], 0)
    if sampling.top_p < 1:
        ordered, places = chances.sort(descending=True)
        before = ordered.cumsum(-1) - ordered
        # Measured against what is left, so that a narrowing above does not widen this one.
        chances = chances.index_fill(0, places[before >= sampling.top_p * ordered.sum()], 0)
    return chances
