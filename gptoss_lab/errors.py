"""The error tree. Every error says what happened and what the person can do.

```
GptossError
├── RequestError            400  the request cannot be served as it was sent
│   ├── NotFoundError       404  no such job, corpus or sandbox
│   ├── ConflictError       409  the resource is in a state that forbids this
│   ├── FeedbackOffError    403  the administrator keeps no feedback
│   ├── PackageRefusedError 422  a package is unknown, denied, or cannot be added
│   ├── TooLargeError       413  over a limit that the administrator set
│   │   ├── PromptTooLongError 413  the prompt does not fit into the model's window
│   │   └── QuotaError      413  it is more than one person may have
│   └── TooBusyError        429  the limit on work in progress is reached
│       ├── LimitReachedError 429  one person has asked for too much in too short a time
│       └── TooManyReadersError 503  as many connections are open as may be
├── DocumentError           422  a source could not be read
│   ├── SourceNotFoundError 422  no such package, file or page
│   ├── SourceRefusedError  403  a policy forbids reading it
│   └── SourceLimitError    413  it is over a limit on size, pages or time
├── EngineError             502  the model service failed
│   ├── EngineUnreachableError 503
│   ├── EngineNotReadyError 503  the hosted model is not loaded, or still loading
│   ├── EngineLoadError     503  the hosted model could not be brought up
│   ├── EngineLostError     502  the hosted model ended while it answered; it is started again
│   ├── EngineAuthError     502
│   ├── EngineProtocolError 502  it answered something that is not the protocol
│   └── EngineTimeoutError  504
├── SandboxError            502  the sandbox failed
│   ├── SandboxUnavailableError 503  no runtime answers
│   ├── ImageMissingError   503  the image was not built
│   ├── PolicyError         403  the request asks for more than the policy allows
│   └── SandboxLostError    502  the container went away
├── RemoteError             502  the server that does the work of this one failed
│   ├── RemoteUnreachableError 503  it does not answer
│   ├── RemoteVersionError  502  it has another version of gptoss_lab, or none
│   ├── RemoteAuthError     502  it refuses this server, or cannot tell its persons apart
│   └── RemoteLostError     502  it went away while it answered
├── JobLostError            500  the server ended while the job ran
├── StorageError            507  the disk is full or not writable
└── CancelledByUser         499  the person stopped it
```
"""

from __future__ import annotations

from typing import ClassVar


class GptossError(Exception):
    """The root of every error that this project raises on purpose.

    Args:
        message: What happened, in one sentence a person can read.
        hint: What the person can do about it; the class's own hint when empty.

    Attributes:
        request_id: The request that a server refused so; empty where it was raised in this process.
    """

    status: int = 500
    code: str = "internal"
    request_id: str = ""
    default_hint: ClassVar[str] = "Look at the server's log, and report this if it happens again."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint


class RequestError(GptossError):
    """The request cannot be served as it was sent."""

    status = 400
    code = "bad_request"
    default_hint = "Correct the request and send it again."


class NotFoundError(RequestError):
    """No such job, corpus or sandbox."""

    status = 404
    code = "not_found"
    default_hint = "List what exists; it may have been removed or have expired."


class ConflictError(RequestError):
    """The resource is in a state that forbids this."""

    status = 409
    code = "conflict"
    default_hint = "Wait until the other operation has ended, then try again."


class FeedbackOffError(RequestError):
    """The administrator keeps no feedback; nothing was stored."""

    status = 403
    code = "feedback_off"
    default_hint = "The notebook itself still records its reviews; see `c.GptossLabApp.feedback`."


class PackageRefusedError(RequestError):
    """A package is unknown, denied, or cannot be added to a sandbox's environment."""

    status = 422
    code = "package_refused"
    default_hint = "Check the spelling: it is the name on the package index, not the one that is imported."

    def __init__(self, message: str, *, package: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.package = package


class TooLargeError(RequestError):
    """The request is over a limit that the administrator set."""

    status = 413
    code = "too_large"
    default_hint = "Send less, or ask the administrator to raise the limit."


class PromptTooLongError(TooLargeError):
    """The prompt does not fit into the model's window.

    Args:
        message: What happened.
        prompt_tokens: The prompt's length as the server counted it; None where it does not say.
        context_tokens: The window that the server has; None where it does not say.
        hint: What the person can do.
    """

    code = "prompt_too_long"
    default_hint = "Name fewer sources or shorten the task, or give the model server a longer context."

    def __init__(
        self,
        message: str,
        *,
        prompt_tokens: int | None = None,
        context_tokens: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.prompt_tokens = prompt_tokens
        self.context_tokens = context_tokens


class QuotaError(TooLargeError):
    """It is more than one person may have on this server."""

    code = "quota"
    default_hint = "Remove some that you no longer need; the limits are in `c.GptossLabApp.access`."


class TooBusyError(RequestError):
    """The limit on work in progress is reached.

    Args:
        message: What happened.
        hint: What the person can do.
        retry_after_s: After how long it is worth asking again; None where nobody knows.
    """

    status = 429
    code = "too_busy"
    default_hint = "Wait for a running job to end, or stop one."

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class LimitReachedError(TooBusyError):
    """One person has asked for too much in too short a time."""

    code = "limit_reached"
    default_hint = "Wait a moment; the administrator sets the limits in `c.GptossLabApp.access`."


class TooManyReadersError(TooBusyError):
    """As many connections that wait for events are open as this server may have."""

    status = 503
    code = "too_many_readers"
    default_hint = "The job goes on. Ask for its state instead, or for its events a little later."


class DocumentError(GptossError):
    """A documentation source could not be read."""

    status = 422
    code = "document"
    default_hint = "Check the source, or remove it from the request."


class SourceNotFoundError(DocumentError):
    """No such package, file, folder or page."""

    code = "source_not_found"
    default_hint = "Check the spelling; a package must be installed in the sandbox or beside the server."


class SourceRefusedError(DocumentError):
    """A policy forbids reading this source."""

    status = 403
    code = "source_refused"
    default_hint = "Only public http(s) addresses and files that you can read are allowed."


class SourceLimitError(DocumentError):
    """The source is over a limit on size, pages or time."""

    status = 413
    code = "source_limit"
    default_hint = "Point at a smaller part of it."


class EngineError(GptossError):
    """The model service failed."""

    status = 502
    code = "engine"
    default_hint = "Look at the model server's log; `jupyter gptoss doctor` tests the connection."


class EngineUnreachableError(EngineError):
    """Nothing answers at the model's address."""

    status = 503
    code = "engine_unreachable"
    default_hint = "Start the model server, or correct its address in the configuration."


class EngineNotReadyError(EngineError):
    """The hosted model is not loaded, or still loading."""

    status = 503
    code = "engine_not_ready"
    default_hint = "Start it in the panel or with `jupyter gptoss model start`, and wait until it is ready."


class EngineLoadError(EngineError):
    """The hosted model could not be brought up.

    Args:
        message: What happened.
        reason: The reason code of the failure, as in the state of the model.
        hint: What the person can do.
    """

    status = 503
    code = "engine_load"
    default_hint = "`jupyter gptoss model logs` shows its last words, `model plan` what fits this machine."

    def __init__(self, message: str, *, reason: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class EngineLostError(EngineError):
    """The hosted model ended while it answered."""

    code = "engine_lost"
    default_hint = "It is started again. What was finished is kept; generate again when it is ready."


class EngineAuthError(EngineError):
    """The model service refused the key."""

    code = "engine_auth"
    default_hint = "Set the key in the environment variable that the configuration names."


class EngineProtocolError(EngineError):
    """The model service answered something that is not the protocol."""

    code = "engine_protocol"
    default_hint = "The address must be that of an OpenAI-compatible server, ending in /v1."


class EngineTimeoutError(EngineError):
    """The model service went silent."""

    status = 504
    code = "engine_timeout"
    default_hint = "The model may be loading or overloaded; try again, or raise the timeout."


class SandboxError(GptossError):
    """The sandbox failed."""

    status = 502
    code = "sandbox"
    default_hint = "Run `jupyter gptoss doctor` for the state of the sandbox."


class SandboxUnavailableError(SandboxError):
    """No sandbox runtime answers on this machine."""

    status = 503
    code = "sandbox_unavailable"
    default_hint = "Start Docker or Podman, or install bubblewrap (`apt install bubblewrap`)."


class ImageMissingError(SandboxError):
    """The sandbox image was not built."""

    status = 503
    code = "image_missing"
    default_hint = "Build it once with `jupyter gptoss sandbox build python`."


class PolicyError(SandboxError):
    """The request asks for more than the policy allows."""

    status = 403
    code = "policy"
    default_hint = "Ask for less, or ask the administrator to raise the profile's maxima."


class SandboxLostError(SandboxError):
    """The sandbox went away while it was in use."""

    code = "sandbox_lost"
    default_hint = "Its state is lost. Run the cells again in a new sandbox."


class RemoteError(GptossError):
    """The server that does the work of this one failed."""

    status = 502
    code = "remote"
    default_hint = "Look at the log of the server that `c.GptossLabApp.remote` or --gateway-url names."


class RemoteUnreachableError(RemoteError):
    """The server that does the work does not answer."""

    status = 503
    code = "remote_unreachable"
    default_hint = "Start it, or correct its address; `jupyter gptoss serve` starts one."


class RemoteVersionError(RemoteError):
    """The server that does the work has another version of ours, or none."""

    code = "remote_version"
    default_hint = "Install the same version of gptoss-lab on both servers, and start them again."


class RemoteAuthError(RemoteError):
    """The server that does the work refuses this one."""

    code = "remote_auth"
    default_hint = "Give this server the other's token: `token_env` or `token_file` of c.GptossLabApp.remote."


class RemoteLostError(RemoteError):
    """The server that does the work went away while it answered."""

    code = "remote_lost"
    default_hint = "A generation may go on there: look at the list of jobs when it answers again."


class JobLostError(GptossError):
    """The server ended while the job ran."""

    status = 500
    code = "job_lost"
    default_hint = "What was finished is kept. Start the job again."


class StorageError(GptossError):
    """The disk is full or not writable."""

    status = 507
    code = "storage"
    default_hint = "Free some space, or move the data folder with GPTOSS_LAB_DATA_DIR."


class CancelledByUser(GptossError):  # noqa: N818 - a decision of the person, not a fault
    """The person stopped it."""

    status = 499
    code = "cancelled"
    default_hint = "What was finished before is kept."
