"""What the errors of the Hub's library, of the network and of the disk mean for a person."""

from __future__ import annotations

import errno


class FetchError(Exception):
    """It cannot be had: the code of the failure, what happened, what to do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def failure_of(error: BaseException, repo: str, revision: str) -> FetchError:
    """Say what an error of the library, of the network or of the disk means."""
    from huggingface_hub import errors  # noqa: PLC0415 - only where something went wrong

    if isinstance(error, FetchError):
        return error
    if isinstance(error, errors.GatedRepoError):
        hint = "Accept its terms on its page at the Hub, and set HF_TOKEN to a token of yours."
        return FetchError("gated_or_offline", f"{repo} is given only to those who accept its terms", hint)
    if isinstance(error, errors.RevisionNotFoundError):
        return FetchError(
            "wrong_revision", f"{repo} has no revision {revision}", "Correct `revision`, or empty it."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        hint = "Check `source`; for a private repository set HF_TOKEN."
        return FetchError("gated_or_offline", f"There is no repository {repo}, or it is private", hint)
    if isinstance(error, errors.HfHubHTTPError):
        status = getattr(getattr(error, "response", None), "status_code", 0)
        hint = "Set HF_TOKEN, or check HF_ENDPOINT; try again later where the Hub itself fails."
        return FetchError("gated_or_offline", f"The Hub answered {status} for {repo}", hint)
    return _failure_outside(error, repo)


def _failure_outside(error: BaseException, repo: str) -> FetchError:
    name, hint = (
        type(error).__name__,
        "Check the network and the proxy, then start again: it goes on where it ended.",
    )
    if "Timeout" in name:
        return FetchError("timeout", f"The download of {repo} stood still ({name})", hint)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FetchError("no_disk", "The disk is full", "Free some space, then start again.")
    if isinstance(error, OSError) and str(error).startswith("Consistency check failed"):
        return FetchError("corrupt_weights", f"A file of {repo} ended before its size", hint)
    if isinstance(error, PermissionError):
        return FetchError("no_disk", f"{error.filename} cannot be written", "Check who owns the data folder.")
    if name == "OfflineModeIsEnabled":
        return FetchError(
            "gated_or_offline", "HF_HUB_OFFLINE forbids the network", "Unset it for the download."
        )
    return FetchError("gated_or_offline", f"The Hub cannot be reached for {repo} ({name})", hint)
