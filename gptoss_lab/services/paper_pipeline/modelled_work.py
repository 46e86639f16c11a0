"""What the stages that ask a model share, beside the state of the job."""

from __future__ import annotations

from dataclasses import dataclass, field

from gptoss_lab.errors import RequestError
from gptoss_lab.prompts.budget import Counter, prompt_room
from gptoss_lab.prompts.paper import Messages, PaperPrompts
from gptoss_lab.schemas.base import Effort, Language
from gptoss_lab.schemas.events import ClaimEvent, Event, UnitEvent
from gptoss_lab.schemas.papers import Claim, PaperBlock, Unit
from gptoss_lab.services.generators.asking import Converses
from gptoss_lab.services.paper_pipeline.datasets import DataChoice
from gptoss_lab.services.paper_pipeline.plan_parts import Plan
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.paper_pipeline.units_read import NamedData

_EFFORTS: tuple[Effort, ...] = ("low", "medium", "high")
MAX_PROMPT_TOKENS = 12_000
MIN_ROOM = 256


@dataclass(slots=True)
class Work:
    """The state of the modelled path.

    Attributes:
        named: The data sets that the paper names.
        data: What stands for each of them here.
        plan: The cells; None until there is a plan.
        unread: Why units of the paper could not be taken from an answer, by how often.
    """

    run: PaperRun
    model: Converses
    prompts: PaperPrompts
    named: list[NamedData] = field(default_factory=list)
    data: tuple[DataChoice, ...] = ()
    plan: Plan | None = None
    unread: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, run: PaperRun) -> Work:
        """Return the state at the beginning.

        Raises:
            RequestError: The generator can only be given tasks.
        """
        generator, request = run.run.generator, run.run.request
        if not isinstance(generator, Converses):
            raise RequestError(
                "This model cannot be asked about papers.",
                hint="Choose the examples generator: it runs the code that the paper prints.",
            )
        prompts = PaperPrompts(generator.wording, request.language, request.task, request.house_rules)
        return cls(run, generator, prompts)

    @property
    def language(self) -> Language:
        """The language of the cells."""
        return self.run.run.request.language

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units as they stand."""
        return self.run.told.units

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims as they stand."""
        return self.run.told.claims

    def block(self, identifier: str) -> PaperBlock | None:
        """Return a block of the paper."""
        return next((block for block in self.run.paper.blocks if block.id == identifier), None)

    def effort(self, wanted: Effort) -> Effort:
        """Return how much the model may think for a step: never more than the person asks for."""
        asked = self.run.run.request.effort
        return wanted if asked is None else min(wanted, asked, key=_EFFORTS.index)

    def room(self, effort: Effort, bare: Messages) -> int:
        """Return how many tokens there are beside a question that holds nothing yet of the paper."""
        room = min(MAX_PROMPT_TOKENS, prompt_room(effort, self.model.setting(effort).window))
        count = self.counter().text
        return max(room - sum(count(message.content, "prose") for message in bare), MIN_ROOM)

    def counter(self) -> Counter:
        """Return what counts tokens."""
        return self.model.counter()

    def tell_unit(self, unit: Unit) -> Event:
        """Return the event that tells a unit as it now stands."""
        return self.run.apply(UnitEvent(unit=unit))

    def tell_claim(self, claim: Claim) -> Event:
        """Return the event that tells a claim as it now stands."""
        return self.run.apply(ClaimEvent(claim=claim))

    def unit(self, identifier: str) -> Unit | None:
        """Return a unit as it stands."""
        return next((unit for unit in self.units if unit.id == identifier), None)
