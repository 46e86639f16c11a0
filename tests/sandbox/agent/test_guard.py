"""What the guard of an IPython kernel makes of metadata and of notebooks."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gptoss_lab.sandbox.agent.guard import (
    REFUSAL,
    PendingReviewError,
    is_pending,
    load_ipython_extension,
    pending_cells,
)

Request = dict[str, Any]
PENDING = {"gptoss_lab": {"review": "pending"}}
ACCEPTED = {"gptoss_lab": {"review": "accepted"}}


class Kernel:
    """A kernel, as far as the guard asks: what it has run and what it has sent."""

    iopub_socket = "iopub"

    def __init__(self) -> None:
        self.ran: list[object] = []
        self.sent: list[tuple[Any, ...]] = []
        self.shell_handlers: dict[str, Any] = {"execute_request": self.execute}
        self.session = SimpleNamespace(send=self.send)

    def execute(self, stream: object, ident: object, parent: Request) -> None:
        """Run a request, as kernels before ipykernel 6 do: at once."""
        self.ran.append((stream, ident, parent))

    def send_response(self, socket: object, kind: str, content: Request) -> None:
        """Answer on a socket."""
        self.sent.append((socket, kind, content))

    def send(self, stream: object, kind: str, content: Request, parent: Request, *, ident: object) -> None:
        """Answer a request."""
        self.sent.append((stream, kind, content, parent, ident))


class Shell:
    """A shell that runs files."""

    def __init__(self, kernel: Kernel | None) -> None:
        if kernel is not None:
            self.kernel = kernel
        self.files: list[tuple[Any, ...]] = []
        self.safe_execfile_ipy: Any = lambda *words: self.files.append(words)


@pytest.mark.parametrize("damaged", ["", "accepted", [], {}, {"review": None}, {"review": ["accepted"]}, 0])
def test_what_cannot_be_read_waits(damaged: object) -> None:
    """A damaged record must not let code run."""
    assert is_pending({"gptoss_lab": damaged})


@pytest.mark.parametrize("metadata", [None, [], "x", {}, {"gptoss_lab": None}, {"gptoss_lab_ticket": "x"}])
def test_what_is_none_of_ours_does_not_wait(metadata: object) -> None:
    """Metadata of any shape are read without harm."""
    assert not is_pending(metadata)
    assert not is_pending({"gptoss_lab": {"review": "rejected"}})


def test_a_request_that_waits_never_reaches_the_kernel() -> None:
    """All others do, once, however often the guard is loaded."""
    kernel = Kernel()
    for _ in range(2):
        load_ipython_extension(Shell(kernel))
    handler = kernel.shell_handlers["execute_request"]
    asyncio.run(handler("shell", b"id", {"metadata": ACCEPTED}))
    assert (len(kernel.ran), kernel.sent) == (1, [])
    request = {"metadata": PENDING}
    asyncio.run(handler("shell", b"id", request))
    assert len(kernel.ran) == 1
    (error, reply) = kernel.sent
    assert (error[0], error[1], error[2]["evalue"]) == ("iopub", "error", REFUSAL)
    assert (reply[0], reply[1], reply[3], reply[4]) == ("shell", "execute_reply", request, b"id")
    assert (reply[2]["status"], reply[2]["execution_count"]) == ("error", None)


def test_a_notebook_that_waits_is_no_script(tmp_path: Path) -> None:
    """`%run` runs the others, and files that are no notebooks."""
    shell = Shell(Kernel())
    load_ipython_extension(shell)
    for name, metadata in (("waits", PENDING), ("done", ACCEPTED)):
        cells = [{"cell_type": "code", "metadata": metadata}, {"cell_type": "raw", "metadata": PENDING}]
        (tmp_path / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    with pytest.raises(PendingReviewError, match="1 cells that are pending review"):
        shell.safe_execfile_ipy(str(tmp_path / "waits.ipynb"))
    shell.safe_execfile_ipy(str(tmp_path / "done.ipynb"), True)
    shell.safe_execfile_ipy("a.ipy")
    assert [Path(name).name for name, *_ in shell.files] == ["done.ipynb", "a.ipy"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 1}', '{"cells": ["x"]}'])
def test_what_is_no_notebook_is_left_to_ipython(tmp_path: Path, text: str) -> None:
    """It says itself what is wrong."""
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    assert pending_cells(path) == 0
    assert pending_cells(tmp_path / "none.ipynb") == 0


def test_a_shell_in_a_terminal_is_left_alone() -> None:
    """It has no cells."""
    shell = Shell(None)
    before = shell.safe_execfile_ipy
    load_ipython_extension(shell)
    assert shell.safe_execfile_ipy is before
