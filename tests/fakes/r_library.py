"""An R of the sandbox that answers from a table of pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gptoss_lab.documents.r_help import RHelp, RPage
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SandboxImage

IMAGE = SandboxImage(
    id="sha256:one",
    runtime="docker",
    language="r",
    tag="gptoss-sandbox-r:x",
    packages={"mini": "1.2", "empty": "0.1", "ggplot2": "3.5.1"},
)


@dataclass
class FakeRLibrary:
    """Packages of pages. `problem` is what each question fails with; `slow` makes it wait for ever."""

    pages: Mapping[str, Sequence[RPage]]
    held: SandboxImage | None = IMAGE
    problem: str = ""
    slow: bool = False
    asked: list[dict[str, object]] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def image(self, language: Language) -> SandboxImage | None:
        """Return the environment."""
        return self.held if language == "r" else None

    async def inspect(self, language: Language, script: str, payload: str, *, timeout_s: float = 30.0) -> str:
        """Answer as the program of the help would.

        Raises:
            SandboxError: The test asked for it.
        """
        assert (language, bool(script), timeout_s > 0) == ("r", True, True)
        wanted = json.loads(payload)
        self.asked.append(wanted)
        self.heard.set()
        if self.problem:
            raise SandboxError(self.problem)
        if self.slow:
            await asyncio.Event().wait()
        known = self.pages.get(wanted["package"], ())
        start = wanted["from"] - 1
        return RHelp(total=len(known), pages=tuple(known[start : start + wanted["count"]])).model_dump_json()
