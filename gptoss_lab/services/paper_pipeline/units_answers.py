"""What a person answers to the questions of units that a paper leaves open."""

from __future__ import annotations

from gptoss_lab.prompts.untrusted import one_line
from gptoss_lab.schemas.events import Event, Warn
from gptoss_lab.services.paper_pipeline.modelled_work import Work


def answered(work: Work) -> list[Event]:
    """Tell the units with the answers that were given; one for a unit that is not there is told too."""
    events: list[Event] = []
    for answer in work.run.ask.answers:
        unit = work.unit(answer.unit)
        if unit is None:
            message = f"There is no open question {one_line(answer.unit)[:60]}; its answer was not used."
            events.append(
                Warn(message=message, hint="Read the paper again for the questions that it leaves.")
            )
        else:
            events.append(work.tell_unit(unit.model_copy(update={"answer": one_line(answer.text)})))
    return events
