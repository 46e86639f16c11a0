"""`%%gptoss` and `%gptoss` in IPython."""

from __future__ import annotations

import os
import sys
from typing import cast

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from gptoss_lab.magics import front_end, verbs
from gptoss_lab.magics.client import Client
from gptoss_lab.magics.line import MAX_TASK_CHARS, parse_line, read_task
from gptoss_lab.magics.printer import Printer
from gptoss_lab.magics.request import preview_of, request_of
from gptoss_lab.magics.server import find_server
from gptoss_lab.magics.variables import compose, look_up
from gptoss_lab.magics.words import HANDED_OVER, HELP, NO_NETWORK, NO_SERVER

UNSEEN = dict.fromkeys(
    code
    for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\n\t"
)
"""Control characters, and those that change the direction of what follows: left out."""


@magics_class
class GptossMagics(Magics):
    """The magics of a kernel. They ask and show; what was generated is never executed."""

    @no_var_expand
    @line_cell_magic
    def gptoss(self, line: str, cell: str | None = None) -> None:
        """Ask gpt-oss for cells: `%gptoss help` says how."""
        if cell is None:
            self._verb(line.strip() or "help")
        else:
            self._generate(line, cell)

    @property
    def _shell(self) -> InteractiveShell:
        """The shell that the magics were registered with."""
        return cast("InteractiveShell", self.shell)

    def _verb(self, name: str) -> None:
        if name in {"help", "--help"}:
            _write(HELP)
            return
        if name not in verbs.VERBS:
            raise UsageError(
                f"%gptoss knows no {name}: {', '.join(verbs.VERBS)} or help. A task wants %%gptoss."
            )
        client = self._client()
        _write(_unserved() if client is None else f"{verbs.VERBS[name](client)}\n")

    def _generate(self, line: str, cell: str) -> None:
        options = parse_line(line)
        if options.help:
            _write(HELP)
            return
        body = read_task(cell, paper=options.paper is not None)
        variables = look_up(body, self._shell.user_ns)
        task = compose(body, variables)
        if len(task) > MAX_TASK_CHARS:
            raise UsageError(
                f"With its variables the task has {len(task):,} characters; {MAX_TASK_CHARS:,} fit."
            )
        preview = preview_of(options, task)
        ticket = front_end.ticket_of(self._shell)
        if options.dry_run:
            _write(f"This would be sent; nothing was.\n{preview}\n")
        elif ticket:
            front_end.hand_over(self._shell, ticket, variables, f"{HANDED_OVER}\n{preview}")
        else:
            self._print(preview, request_of(options, task))

    def _print(self, preview: str, request: dict[str, object]) -> None:
        client = self._client()
        if client is None:
            _write(_unserved())
            return
        _write(f"{preview}\n")
        job = client.generate(request)
        try:
            Printer(_write).follow(client.events(job))
        except KeyboardInterrupt:
            client.cancel(job)
            _write("\nStopped. What stands above is kept by the server; nothing was executed.\n")

    def _client(self) -> Client | None:
        app = getattr(getattr(self._shell, "kernel", None), "parent", None)
        server = find_server(os.environ, str(getattr(app, "abs_connection_file", "")))
        return None if server is None else Client(server)


def _unserved() -> str:
    """Say what to do where no server is known; our sandboxes say of themselves that they are some."""
    return NO_NETWORK if getattr(sys.modules.get("gptoss_lab"), "SANDBOX", False) else NO_SERVER


def _write(text: str) -> None:
    """Write text that a model or a document may have made: it must not steer a terminal."""
    sys.stdout.write(text.translate(UNSEEN))
    sys.stdout.flush()
