"""What can go wrong, in words for a person and with the codes that the launcher knows."""

from __future__ import annotations

_NO_MEMORY = (
    "can't allocate memory",
    "not enough memory",
    "cannot allocate memory",
    "out of memory",
    "cublas_status_alloc_failed",
    "cublas_status_not_initialized",  # its workspace could not be made: seen on a GPU that was full
)


class Refused(Exception):  # noqa: N818 - a decision about a request, not a fault of ours
    """A request that is not served.

    Args:
        status: The HTTP status.
        message: Why, in one sentence. It never holds what the person wrote.
        retry_after_s: When to come back; 0 says nothing of it.
    """

    def __init__(self, status: int, message: str, *, retry_after_s: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after_s = retry_after_s


class Aborted(Exception):  # noqa: N818 - the person went away, or the worker is stopped
    """The generation was given up."""


class GenerationError(Exception):
    """A generation broke off by a fault. What it fell over is not said: that may quote the prompt.

    Args:
        kind: The kind of the fault.
        out_of_memory: It was memory that lacked.
    """

    def __init__(self, kind: str, *, out_of_memory: bool) -> None:
        super().__init__(kind)
        self.kind = kind
        self.out_of_memory = out_of_memory


class UnloadableError(Exception):
    """The model cannot be brought up.

    Args:
        code: One of the failure codes of gptoss_lab.
        message: What happened.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that a device or the machine has no memory left."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _NO_MEMORY)


def load_fault(error: Exception, device: str) -> UnloadableError:
    """Return what an error while loading means.

    Args:
        error: What torch, transformers or safetensors raised.
        device: Where the weights were to go.
    """
    if isinstance(error, UnloadableError):
        return error
    text = " ".join(str(error).split())[:400]
    kind = type(error).__name__
    if is_out_of_memory(error):
        on_gpu = device != "cpu" and "defaultcpuallocator" not in text.lower()
        return UnloadableError("oom_gpu" if on_gpu else "oom_host", f"The weights do not fit: {text}")
    if isinstance(error, ModuleNotFoundError):
        return UnloadableError("engine_missing", f"A package is missing: {text}")
    return UnloadableError(_code(kind, text.lower()), f"{kind}: {text}")


def _code(kind: str, text: str) -> str:
    if "accelerate" in text and "install" in text:
        return "engine_missing"
    if kind in {"ImportError", "AttributeError"} or "does not recognize this architecture" in text:
        return "version_too_old"  # it lacks the name of something that newer ones have
    if any(words in text for words in ("nvidia driver", "driver version", "no cuda gpus", "cuda error")):
        return "driver"
    if kind in {"SafetensorError", "JSONDecodeError"} or any(
        words in text for words in ("size mismatch", "shape mismatch", "no file named", "not a valid json")
    ):
        return "corrupt_weights"
    return "crashed"
