"""Ask the model for the calls it would use, so that they can be looked up before it writes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

from gptoss_lab.documents.retrieval import names_of
from gptoss_lab.errors import EngineError
from gptoss_lab.schemas.events import Event, Progress, Usage, Warn
from gptoss_lab.services.generators.sketch import Sketches
from gptoss_lab.services.pipeline.run import Run

_FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


async def sketch(run: Run, named: Sequence[str]) -> AsyncIterator[Event]:
    """Note the names of a sketch in the run; a task that names what is documented needs none.

    Args:
        run: The generation.
        named: The names that the task itself holds.

    Raises:
        DocumentError: An index is damaged.
    """
    generator = run.generator
    if run.is_preview or not run.ids or not isinstance(generator, Sketches) or not generator.sketches:
        return
    if named and await run.corpora.symbols(run.ids, named):
        return
    yield Progress(stage="retrieve", message="asking the model which calls it would use")
    try:
        answer = await generator.sketch(run.request, await run.corpora.skeleton(run.ids))
    except EngineError as error:
        yield Warn(
            message=f"The documentation was searched by the task's words alone: {error.message}",
            hint=error.hint,
        )
        return
    run.spent += answer.usage
    yield Usage(usage=run.spent)
    run.sketched, run.sketched_packages = names_of(_code(answer.text), "\n".join(run.request.context.cells))


def _code(answer: str) -> str:
    """Return what stands in fences; the whole answer where nothing does."""
    return "\n".join(_FENCED.findall(answer)) or answer
