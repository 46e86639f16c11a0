"""A key-value cache that can be cut back to any length.

The library's own sliding layers drop what has left the window, so a cache that went past it cannot be
cut back to a shared beginning. Ours keep everything and hand out only the window: cutting back is a
change of a number, and a token costs a copy of itself rather than of all that came before.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer

_STEP_TOKENS = 256


class GrowingLayer(DynamicLayer):  # type: ignore[misc]  # torch is not where types are checked
    """The keys and values of one layer, in a buffer with room to grow.

    Args:
        window: How many positions a query sees, itself included; None sees all.
    """

    def __init__(self, window: int | None) -> None:
        super().__init__()
        self.window = window
        self.is_sliding = window is not None
        self.length = 0

    def lazy_initialization(self, key_states: Any, value_states: Any) -> None:
        """Take the form of the first states."""
        self.dtype, self.device = key_states.dtype, key_states.device
        self.keys = self._empty(key_states, 0)
        self.values = self._empty(value_states, 0)
        self.is_initialized = True

    def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Append states, and return those that the new queries see."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start, added = self.length, key_states.shape[-2]
        self._make_room(start + added)
        self.keys[..., start : start + added, :] = key_states
        self.values[..., start : start + added, :] = value_states
        self.length = start + added
        first = self._first_visible(start)
        return self.keys[..., first : self.length, :], self.values[..., first : self.length, :]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return how many states the next queries see, and where those begin."""
        first = self._first_visible(self.length)
        return self.length - first + query_length, first

    def get_seq_length(self) -> int:
        """Return how many positions are held."""
        return self.length

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last positions; the sign is the library's and means nothing here."""
        self.length = max(0, self.length - abs(tokens_to_remove))

    def copy_from(self, other: GrowingLayer, length: int) -> None:
        """Become another layer, cut back to a length."""
        self.length = 0
        if length and other.is_initialized:
            if not self.is_initialized:
                self.lazy_initialization(other.keys, other.values)
            self._make_room(length)
            self.keys[..., :length, :] = other.keys[..., :length, :]
            self.values[..., :length, :] = other.values[..., :length, :]
            self.length = length

    def _first_visible(self, position: int) -> int:
        return 0 if self.window is None else max(0, position - self.window + 1)

    def _make_room(self, length: int) -> None:
        room = self.keys.shape[-2]
        if length <= room:
            return
        wanted = -(-max(length, room + room // 2) // _STEP_TOKENS) * _STEP_TOKENS
        for name in ("keys", "values"):
            old = getattr(self, name)
            new = self._empty(old, wanted)
            new[..., : self.length, :] = old[..., : self.length, :]
            setattr(self, name, new)

    @staticmethod
    def _empty(like: Any, length: int) -> Any:
        shape = (*like.shape[:-2], length, like.shape[-1])
        return torch.empty(shape, dtype=like.dtype, device=like.device)


class GrowingCache(Cache):  # type: ignore[misc]  # as above
    """The cache of all layers of a model.

    Args:
        config: The model's configuration, which says which layers slide.
    """

    def __init__(self, config: Any) -> None:
        windows = [
            config.sliding_window if kind == "sliding_attention" else None for kind in config.layer_types
        ]
        super().__init__(layers=[GrowingLayer(window) for window in windows])

    def crop_to(self, length: int) -> None:
        """Forget all behind a length. A pass that broke off has left its layers at different ones."""
        for layer in self.layers:
            layer.length = min(layer.length, length)

    def copy_from(self, other: GrowingCache, length: int) -> None:
        """Become another cache, cut back to a length."""
        for mine, theirs in zip(self.layers, other.layers, strict=True):
            mine.copy_from(theirs, length)
