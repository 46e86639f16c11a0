"""What the stages need of the rest of the house."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import (
    ApiSymbol,
    CorpusInfo,
    DocQuery,
    DocSource,
    Example,
    IndexProgress,
    Passage,
)
from gptoss_lab.schemas.execution import CellVerification, Environment, ExecutionRequest, SandboxStatus


class Corpora(Protocol):
    """The indexed documentation."""

    async def ensure(
        self,
        source: DocSource,
        report: Callable[[IndexProgress], None] | None = None,
        *,
        refresh: bool = False,
    ) -> CorpusInfo:
        """Index a source unless that was done.

        Raises:
            DocumentError: The source cannot be read.
            StorageError: The disk is full.
        """

    async def documented(self, corpora: Sequence[str]) -> dict[str, str]:
        """Return the package that each corpus is about, where it is about one."""

    async def skeleton(self, corpora: Sequence[str]) -> tuple[str, ...]:
        """Return the modules and classes that most of what is documented belongs to."""

    async def installed_version(self, name: str) -> str:
        """Return the version of an installed package; empty where there is none."""

    async def search(self, corpora: Sequence[str], query: DocQuery) -> list[Passage]:
        """Return the passages that fit best."""

    async def examples(
        self, corpora: Sequence[str], task: str, *, language: Language = "python", limit: int = 8
    ) -> list[Example]:
        """Return the runnable examples that fit best."""

    async def symbols(self, corpora: Sequence[str], names: Sequence[str]) -> list[ApiSymbol]:
        """Return the API objects of these names."""

    async def texts(self, corpora: Sequence[str], names: Sequence[str]) -> dict[str, str]:
        """Return all that the corpora tell of these objects."""


class Executor(Protocol):
    """The sandbox."""

    async def status(self, language: Language = "python") -> SandboxStatus:
        """Say whether verification can run."""

    def run(self, request: ExecutionRequest) -> AsyncIterator[tuple[int, CellVerification]]:
        """Run cells in a fresh sandbox.

        Raises:
            SandboxError: The sandbox failed.
        """

    async def inspect(self, language: Language, script: str, payload: str, *, timeout_s: float = 30.0) -> str:
        """Run a program in a fresh sandbox: payload in, answer out.

        Raises:
            SandboxError: The sandbox failed.
        """

    def environment(self, image: str) -> Environment | None:
        """Return what an image holds in which cells were run here; None for another."""

    async def packages(self, language: Language) -> dict[str, str]:
        """Return what the sandbox holds: distribution to version.

        Raises:
            SandboxError: The sandbox failed.
        """
