"""What goes wrong between a client and its server.

An answer that is a problem of ours becomes the error of `gptoss_lab.errors` that the server raised, found by
its code; these are for the rest.

```
GptossError
├── ServerUnreachableError  503  nothing answers, or what stands before it answers instead
│   └── StreamLostError     503  the events of a job broke off, and the server did not come back
├── ProtocolError           502  what answers is not this interface, or of another version
├── RedirectedError         502  the server sends us elsewhere; the token stays here
├── StillRunningError       504  the job goes on after the time that was to be waited
├── FaultError              5xx  a fault of the server that has no name of its own
└── RequestError
    ├── NoServerError       404  no server is named, and none or several run
    └── RefusedError        4xx  a refusal that has no name of its own
        └── UnauthenticatedError 401 the token is missing or wrong
```
"""

from __future__ import annotations

from gptoss_lab.errors import GptossError, RequestError


class ServerUnreachableError(GptossError):
    """Nothing answers at the server's address.

    Args:
        message: What happened.
        sent: Whether the request may have reached the server.
        hint: What the person can do.
    """

    status = 503
    code = "server_unreachable"
    default_hint = "Check the address, and that the server runs: `jupyter server list` shows yours."

    def __init__(self, message: str, *, sent: bool = True, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.sent = sent


class StreamLostError(ServerUnreachableError):
    """The events of a job broke off, and the server did not come back.

    Args:
        message: What happened.
        last_seq: The number of the last event that came; to read on after it.
    """

    code = "stream_lost"
    default_hint = "The job goes on where the server does; read its events again later."

    def __init__(self, message: str, *, last_seq: int) -> None:
        super().__init__(message)
        self.last_seq = last_seq


class ProtocolError(GptossError):
    """What answers is not this interface, or one of another version."""

    status = 502
    code = "not_gptoss_lab"
    default_hint = "Check the address; the client and the server should have the same version of gptoss_lab."


class RedirectedError(GptossError):
    """The server sends us elsewhere. It is not followed: the token must not travel to another address."""

    status = 502
    code = "redirected"
    default_hint = "If you trust that place, name its address instead."


class StillRunningError(GptossError):
    """The job goes on after the time that was to be waited."""

    status = 504
    code = "still_running"
    default_hint = "Wait longer, or cancel it."


class FaultError(GptossError):
    """A fault of the server that has no name of its own."""

    code = "fault"

    def __init__(self, message: str, *, status: int, code: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code or type(self).code


class NoServerError(RequestError):
    """No server is named, and none or several of this user's run."""

    status = 404
    code = "no_server"
    default_hint = "Start one with `jupyter lab`, or name one by its address or in GPTOSS_LAB_URL."


class RefusedError(RequestError):
    """A refusal that has no name of its own."""

    code = "refused"

    def __init__(self, message: str, *, status: int, code: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code or type(self).code


class UnauthenticatedError(RefusedError):
    """The token is missing or wrong."""

    code = "unauthenticated"
    default_hint = "Give the server's token, or put it into the environment variable GPTOSS_LAB_TOKEN."
