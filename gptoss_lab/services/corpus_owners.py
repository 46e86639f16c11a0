"""Who sees which documentation, and how much of it a person may have."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gptoss_lab.documents.holders import Holders
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.errors import NotFoundError, QuotaError
from gptoss_lab.schemas.documents import CorpusInfo


class CorpusOwners:
    """Keeps what a person has indexed from the others on one server; what two of them index is kept once.

    Args:
        store: The indexes.
        max_bytes: How much one person may have; 0 for any amount.
    """

    def __init__(self, store: IndexStore, max_bytes: int = 0) -> None:
        self._store = store
        self._holders = Holders(store.folder)
        self._max_bytes = max_bytes

    async def seen(self, infos: Sequence[CorpusInfo], owner: str) -> list[CorpusInfo]:
        """Return those that an owner may know of."""
        return await asyncio.to_thread(
            lambda: [info for info in infos if self._holders.sees(info.id, owner)] if owner else list(infos)
        )

    async def check(self, corpus: str, owner: str) -> None:
        """Refuse what an owner may not know of, in the words of what does not exist.

        Raises:
            NotFoundError: It is someone else's.
        """
        await asyncio.to_thread(self._store.path, corpus)
        if not await asyncio.to_thread(self._holders.sees, corpus, owner):
            raise NotFoundError(f"There is no corpus {corpus!r}")

    def begin(self, corpus: str) -> None:
        """Note that an index is about to be written, before it lies where others could see it. Blocks.

        Raises:
            StorageError: The disk is full or not writable.
        """
        self._holders.begin(corpus, existed=self._store.path(corpus).exists())

    async def admit(self, info: CorpusInfo, owner: str) -> None:
        """Give an owner an index that is there now.

        Raises:
            QuotaError: It is more than they may have; it is gone again unless someone else has it.
            StorageError: The disk is full or not writable.
        """
        await asyncio.to_thread(self._admit, info, owner)

    async def leave(self, corpus: str, owner: str) -> bool:
        """Take an index from an owner; say whether it may go."""
        return await asyncio.to_thread(self._holders.leave, corpus, owner)

    def _admit(self, info: CorpusInfo, owner: str) -> None:
        if owner and self._max_bytes and not self._holders.holds(info.id, owner):
            had = sum(one.size_bytes for one in self._store.list() if self._holders.holds(one.id, owner))
            if had + info.size_bytes > self._max_bytes:
                if self._holders.forsaken(info.id):
                    self._store.remove(info.id)
                raise QuotaError(_too_much(had + info.size_bytes, self._max_bytes))
        self._holders.hold(info.id, owner)


def _too_much(bytes_wanted: int, max_bytes: int) -> str:
    return (
        f"With this your documentation would take {bytes_wanted / (1 << 20):.0f} MB; "
        f"a person may have {max_bytes / (1 << 20):.0f} MB here"
    )
