"""What the routes work on: the model once it is there, its line and its measurements."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Event
from typing import Any, Protocol

from gptoss_lab.engines.worker.ask import Ask
from gptoss_lab.engines.worker.faults import Refused
from gptoss_lab.engines.worker.generate import Job, Model, Step, generate
from gptoss_lab.engines.worker.line import Line
from gptoss_lab.engines.worker.metrics import Metrics
from gptoss_lab.engines.worker.options import Options
from gptoss_lab.engines.worker.prefix import PrefixStore
from gptoss_lab.engines.worker.prompt import render

_LOADING_RETRY_S = 2
_MAX_KEPT_PROMPTS = 16


class LoadedModel(Model, Protocol):
    """What a loaded model can do beyond computing."""

    max_model_len: int
    chunk_tokens: int
    kv_bytes_per_token: int

    def new_cache(self) -> Any:
        """Return an empty cache."""

    def release(self) -> None:
        """Give memory that is free back to the device."""


class Station:
    """The state of the worker.

    Args:
        options: What it was started with.

    Attributes:
        stopping: It was told to stop: nothing new is taken.
        kv_tokens: The room for remembered prompts.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.metrics = Metrics(options.name)
        self.line = Line(options.max_waiting, self._clean_up)
        self.stopping = False
        self.version = ""
        self.max_model_len = options.max_model_len
        self.kv_tokens = 0
        self._model: LoadedModel | None = None
        self._store: PrefixStore | None = None

    @property
    def ready(self) -> bool:
        """Whether it can answer."""
        return self._model is not None and not self.stopping

    @property
    def kv_usage(self) -> float:
        """The part of the cache's room that remembered prompts take, 0 to 1."""
        return self._store.tokens / self.kv_tokens if self._store and self.kv_tokens else 0.0

    def serve(self, model: LoadedModel, version: str) -> None:
        """Take requests from now on.

        Args:
            model: The loaded model.
            version: That of transformers.
        """
        self.max_model_len = min(filter(None, (self.options.max_model_len, model.max_model_len)))
        slots = self.options.kept_prompts
        if self.options.kv_cache_bytes:
            slots = self.options.kv_cache_bytes // (self.max_model_len * model.kv_bytes_per_token)
            slots = max(1, min(slots, _MAX_KEPT_PROMPTS))
        self.kv_tokens = slots * self.max_model_len
        self._store = PrefixStore(model.new_cache, slots, model.chunk_tokens)
        self._model = model
        self.version = version

    def require_ready(self) -> None:
        """Refuse what comes too early or too late.

        Raises:
            Refused: The model is loading, or the worker is stopping.
        """
        if not self.ready:
            what = "being stopped" if self.stopping else "still loading"
            raise Refused(503, f"The model is {what}", retry_after_s=_LOADING_RETRY_S)

    def job(self, ask: Ask) -> Job:
        """Return the job of a chat; takes time for long prompts.

        Args:
            ask: What is asked for.

        Raises:
            Refused: The prompt is longer than the window.
        """
        ids = tuple(render(ask.turns, ask.effort, self.options.date))
        room = self.max_model_len - len(ids)
        if room < 1:
            raise Refused(
                400,
                f"This model's maximum context length is {self.max_model_len} tokens. However, your prompt"
                f" contains {len(ids)} input tokens, which exceeds this limit even without any output tokens."
                " Please reduce the length of the input prompt.",
            )
        return Job(ids, min(ask.max_tokens or room, room), ask.sampling, ask.repetition, ask.salt)

    def work(self, job: Job) -> partial[Iterator[Step]]:
        """Return what the line runs for a job."""
        return partial(self._generate, job)

    def _generate(self, job: Job, abort: Event) -> Iterator[Step]:
        if self._model is None or self._store is None:
            raise Refused(503, "The model is still loading", retry_after_s=_LOADING_RETRY_S)
        yield from generate(self._model, self._store, job, abort)

    def _clean_up(self) -> None:
        if self._store and self._model:
            self._store.forget()
            self._model.release()
