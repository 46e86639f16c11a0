"""Which counter of tokens serves a model: gpt-oss' own once it is loaded, a guess until then."""

from __future__ import annotations

from threading import Lock, Thread

from gptoss_lab.prompts.budget import Counter, Estimate
from gptoss_lab.prompts.harmony import HarmonyCounter, load_counter

_FAMILY = "gpt-oss"


class Counting:
    """Loads the vocabulary off the event loop, at the first need of a model that has it."""

    def __init__(self) -> None:
        self._loaded: HarmonyCounter | None = None
        self._thread: Thread | None = None
        self._lock = Lock()

    def begin(self, model: str) -> None:
        """Have the vocabulary loaded if the model has it; returns at once."""
        with self._lock:
            if self._thread is None and _FAMILY in model.lower():
                self._thread = Thread(target=self._load, name="gptoss-vocabulary", daemon=True)
                self._thread.start()

    def counter(self, model: str) -> Counter:
        """Return what counts for a model now."""
        return self._loaded or Estimate() if _FAMILY in model.lower() else Estimate()

    def wait(self, timeout_s: float) -> bool:
        """Wait in a thread until what was begun is loaded; say whether it is."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self._loaded is not None

    def _load(self) -> None:
        self._loaded = load_counter()
