"""What the stages of a paper ask for and others provide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gptoss_lab.schemas.papers import Paper, PaperAsk


class PaperReader(Protocol):
    """Whoever loads papers and cuts them into blocks."""

    async def read(self, ask: PaperAsk, report: Callable[[str, int, int], None]) -> Paper:
        """Return a paper; one that was read before comes from the store.

        Args:
            ask: Which one, and of which form.
            report: Told what is being done, how many pages or files are done, and how many there are; 0
                where that is not known.

        Raises:
            DocumentError: It cannot be read.
            SourceNotFoundError: There is no such paper.
            SourceRefusedError: A policy forbids reading it.
            SourceLimitError: It is over a limit on size, pages, time or memory.
            StorageError: The disk is full, or the folder is not writable.
        """
