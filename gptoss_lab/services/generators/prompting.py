"""From a brief to the prompt that a model gets, also for a person who only wants to see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gptoss_lab.prompts.edit import EditQuestion
from gptoss_lab.prompts.layout import Layout, Own, Pack, Prompt
from gptoss_lab.prompts.repair import Broken, repair_question
from gptoss_lab.prompts.shelf import Shelf
from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.prefixes import Prefixes


@dataclass(frozen=True, slots=True)
class Setting:
    """What a prompt depends on beside its brief: the model, its window in tokens and the effort."""

    model: str
    window: int
    effort: Effort


@dataclass(frozen=True, slots=True)
class Prompting:
    """Lays out prompts. It blocks: long notebooks take longer than an event loop may wait.

    Attributes:
        prefixes: What the prompts share with those of other requests.
        wording: What the server's configuration puts into them.
    """

    prefixes: Prefixes = field(default_factory=Prefixes)
    wording: Wording = field(default_factory=Wording)

    def draft(self, brief: Brief, setting: Setting) -> Prompt:
        """Return the prompt of a request; that of an earlier one where it is the same, seed and all.

        Raises:
            TooLargeError: The task does not fit into the model's context.
        """
        return self.prefixes.replayed(brief, setting) or self._laid_out(brief, setting)

    def repair(
        self, brief: Brief, setting: Setting, cells: Sequence[GeneratedCell], broken: Sequence[Broken]
    ) -> Prompt:
        """Return the prompt that asks to rewrite cells.

        Raises:
            TooLargeError: The cells do not fit into the model's context.
        """
        layout, request = self._layout(brief, setting), brief.request

        def question(above: Sequence[str]) -> str:
            own = Own(request.house_rules, request.context.variables)
            templates = self.wording.templates
            return repair_question(request.task, cells, broken, above, own=own, templates=templates)

        near = layout.near(brief.above, question(())) if brief.above else ()
        return layout.repair(question(near), _pack(brief, self.prefixes.shelf(brief)))

    def _laid_out(self, brief: Brief, setting: Setting) -> Prompt:
        request, layout = brief.request, self._layout(brief, setting)
        pack, context = _pack(brief, self.prefixes.shelf(brief)), request.context
        if request.edit is None:
            own = Own(request.house_rules, context.variables)
            return layout.draft(request.task, pack, context.cells, request.max_cells, own)
        question = EditQuestion(
            request.task,
            request.edit,
            request.language,
            brief.calls,
            request.max_cells,
            request.house_rules,
            context.variables,
        )
        return layout.edit(question, pack, context.cells)

    def _layout(self, brief: Brief, setting: Setting) -> Layout:
        counter = self.prefixes.counting.counter(setting.model)
        return Layout(brief.request.language, setting.effort, setting.window, counter, self.wording)


def _pack(brief: Brief, shelf: Shelf) -> Pack:
    return Pack(brief.passages, brief.examples, brief.packages, shelf)
