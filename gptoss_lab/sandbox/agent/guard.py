"""Refuse, in an IPython kernel, cells that wait for a review; the standard library only.

JupyterLab sends a cell's metadata with each request to run it. What cannot be read of them counts as
pending. This is no defence against code that runs in the kernel already: it holds off what nobody
has accepted, whichever way it was sent.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

REFUSAL = "This cell is pending review and did not run. Accept it first, then run it."


class PendingReviewError(Exception):
    """A notebook that was to run as a script has cells that wait for a review."""


def load_ipython_extension(shell: Any) -> None:
    """Guard the kernel of a shell, once; a shell in a terminal has none, and no cells."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None or isinstance(kernel.shell_handlers.get("execute_request"), Guard):
        return
    kernel.shell_handlers["execute_request"] = Guard(kernel, kernel.shell_handlers["execute_request"])
    shell.safe_execfile_ipy = NotebookGuard(shell.safe_execfile_ipy)


def is_pending(metadata: object) -> bool:
    """Say whether a cell with these metadata waits for a review."""
    ours = metadata.get("gptoss_lab") if isinstance(metadata, dict) else None
    if ours is None:
        return False
    return not isinstance(ours, dict) or ours.get("review") not in ("accepted", "rejected")


class Guard:
    """Stands before the kernel's own handler of requests to execute.

    Args:
        kernel: The kernel, of ipykernel 6 or 7.
        handler: Its own.
    """

    def __init__(self, kernel: Any, handler: Any) -> None:
        self._kernel = kernel
        self._handler = handler

    async def __call__(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Refuse a cell that waits, as one that has failed; its number is not used up."""
        if not is_pending(parent.get("metadata")):
            handled = self._handler(stream, ident, parent)
            if inspect.isawaitable(handled):
                await handled
            return
        kernel = self._kernel
        failure = {"ename": "PendingReview", "evalue": REFUSAL, "traceback": [REFUSAL]}
        kernel.send_response(kernel.iopub_socket, "error", failure)
        reply = {"status": "error", "execution_count": None, **failure}
        kernel.session.send(stream, "execute_reply", reply, parent, ident=ident)


class NotebookGuard:
    """Stands before `%run some.ipynb`, whose cells have no request of their own.

    Args:
        run: What IPython runs such files with.
    """

    def __init__(self, run: Any) -> None:
        self._run = run

    def __call__(self, fname: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a file, unless it is a notebook with code that waits.

        Raises:
            PendingReviewError: It is.
        """
        path = Path(fname).expanduser()
        waiting = pending_cells(path) if path.suffix == ".ipynb" else 0
        if waiting:
            raise PendingReviewError(f"{path} has {waiting} cells that are pending review; none was run.")
        return self._run(fname, *args, **kwargs)


def pending_cells(path: Path) -> int:
    """Return how many code cells of a notebook wait; of a file that is none IPython says what is wrong."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return 0
    return sum(is_pending(cell.get("metadata")) for cell in cells)
