"""The question that asks for a change of cells that are there, or for new ones about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gptoss_lab.prompts.template import Templates, built_in
from gptoss_lab.prompts.traceback import first_and_last
from gptoss_lab.prompts.untrusted import marker_for, neutralise, one_line
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.generation import CHANGING, CellEdit, EditedCell, NotebookVariable

_NAMES: dict[Language, str] = {"python": "Python", "r": "R"}
_MAX_CALLS = 8


@dataclass(frozen=True, slots=True)
class EditQuestion:
    """What an edit asks.

    Attributes:
        task: The instruction.
        edit: The cells, and what is to be done with them.
        language: The language of the code that is wanted.
        calls: The functions that the cells call, for an example of them.
        max_cells: How many new code cells there may be.
        rules: The person's house rules.
        variables: What the kernel holds.
        lines: What is told of them; the layout says.
    """

    task: str
    edit: CellEdit
    language: Language
    calls: Sequence[str] = ()
    max_cells: int | None = None
    rules: str = ""
    variables: Sequence[NotebookVariable] = ()
    lines: Sequence[str] = ()
    templates: Templates = field(default_factory=built_in)

    def text(self, above: Sequence[str]) -> str:
        """Return the last message of the prompt.

        Args:
            above: Code cells of the notebook above the edited ones, safe to stand in a prompt.
        """
        kind, cells = self.edit.kind, self.edit.cells
        task = neutralise(self.task).strip()
        shown = [
            {
                "what": "text" if cell.kind == "markdown" else _NAMES[cell.language],
                "source": neutralise(cell.source),
                "error": first_and_last(cell.error) if kind == "fix" else "",
            }
            for cell in cells
        ]
        calls = [f"`{one_line(call)}`" for call in self.calls[:_MAX_CALLS]]
        rules = neutralise(self.rules).strip()
        return self.templates.render(
            "edit",
            kind=kind,
            changes=kind in CHANGING,
            task=task,
            cells=shown,
            above=above,
            calls=" and ".join(filter(None, (", ".join(calls[:-1]), *calls[-1:]))),
            one_call=len(calls) == 1,
            names=", ".join(self._opener(number, cell) for number, cell in enumerate(cells, start=1)),
            has_text=any(cell.kind == "markdown" for cell in cells),
            fence=self.language,
            language_name=_NAMES[self.language],
            max_cells=self.max_cells,
            rules=rules,
            variables=self.lines,
            marker=marker_for(task, rules, repr(shown), *self.lines, *above),
        )

    def _opener(self, number: int, cell: EditedCell) -> str:
        return (
            f"````markdown cell {number}" if cell.kind == "markdown" else f"```{self.language} cell {number}"
        )
