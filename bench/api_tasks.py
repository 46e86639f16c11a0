"""DS-1000 rows as a notebook would hold them: cells above, and the cell that is to be checked."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

_CONTEXT = re.compile(r'exec_context = r?"""\n?(.*?)"""', re.DOTALL)
_CODE = re.compile(r"<code>\n(.*?)(?:</code>|\Z)", re.DOTALL)
_INSERT = "[insert]"


@dataclass(frozen=True, slots=True)
class Task:
    """A reference solution and its place.

    Attributes:
        setup: What the question gives as code; a notebook would hold it in the cells above.
        prefix: What the harness runs before the solution.
        suffix: What it runs after it.
    """

    id: str
    library: str
    solution: str
    setup: str
    prefix: str
    suffix: str
    harness: str

    def cells(self, solution: str | None = None) -> tuple[str, ...]:
        """Return the notebook's cells; the last holds a solution, or the reference.

        A solution that is the body of a function has no cell of its own: it stays in its function.
        """
        own = self.solution if solution is None else solution
        if parses(self.setup) and parses(own):
            return self.imports, self.setup, own
        joined = f"{self.setup.rstrip()}\n{own}"
        return (self.imports, joined) if parses(joined) else (self.program(own),)

    @property
    def imports(self) -> str:
        """Return what the harness imports for the solution; a notebook has it at its top."""
        lines = self.prefix.split("\n")
        return "\n".join(line for line in lines if line.startswith(("import ", "from ")) and parses(line))

    def program(self, solution: str | None = None) -> str:
        """Return the text that the harness executes."""
        return self.prefix + (self.solution if solution is None else solution) + self.suffix

    def whole(self, solution: str | None = None) -> str:
        """Return all cells as one file, for checkers that read files."""
        return "\n".join(self.cells(solution))


def task_of(row: dict[str, Any]) -> Task | None:
    """Return a row as a task; None where its harness has not the usual form."""
    context = _CONTEXT.search(row["harness"])
    if context is None or _INSERT not in context[1]:
        return None
    prefix, suffix = context[1].split(_INSERT, 1)
    setup = _setup(row["prompt"])
    return Task(row["id"], row["library"], row["reference"], setup, prefix, suffix, row["harness"])


def parses(source: str) -> bool:
    """Say whether a text is Python."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def _setup(prompt: str) -> str:
    answer = prompt.rsplit("\nA:", maxsplit=1)
    if len(answer) == 1:
        return prompt if "<code>" not in prompt else ""
    # The last block is where the answer goes; what stands before it is given.
    blocks = [block for block in _CODE.findall(answer[1]) if block.strip()]
    return blocks[0] if blocks else ""
