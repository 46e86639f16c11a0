"""What the prompts of several questions share, and for whom the server may keep it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Hashable

from gptoss_lab.prompts.layout import Prompt
from gptoss_lab.prompts.shelf import Shelf
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.counting import Counting
from gptoss_lab.services.generators.warmer import Warmer
from gptoss_lab.services.owners import OWNER

MAX_SHELVES = 64
MAX_PROMPTS = 64


class Prefixes:
    """The shelves of documentation, one for each person and choice of sources; and what keeps them warm.

    It lives as long as the server, beside generators that serve one request each.
    """

    def __init__(self) -> None:
        self.counting = Counting()
        self.warmer = Warmer()
        self._shelves: OrderedDict[Hashable, Shelf] = OrderedDict()
        self._prompts: OrderedDict[Hashable, Prompt] = OrderedDict()
        self._secret = secrets.token_bytes(32)

    def shelf(self, brief: Brief) -> Shelf:
        """Return what stood in this person's last prompt on the same documentation."""
        return self._shelves.get(_key(brief), Shelf())

    def keep(self, brief: Brief, shelf: Shelf) -> None:
        """Remember what stands now; what was not asked of for the longest time is forgotten."""
        if not brief.corpora:
            return
        key = _key(brief)
        self._shelves[key] = shelf
        self._shelves.move_to_end(key)
        while len(self._shelves) > MAX_SHELVES:
            self._shelves.popitem(last=False)

    def replayed(self, brief: Brief, setting: Hashable) -> Prompt | None:
        """Return the prompt of an earlier request that was the same, its seed too; None for another.

        The documents message of a later prompt stands in another order, and a seed gives the same answer
        to the same prompt alone.

        Args:
            brief: What is asked.
            setting: What else a prompt depends on: the model, its window and the effort.
        """
        return self._prompts.get(_request_key(brief, setting)) if brief.request.seed is not None else None

    def remember(self, brief: Brief, setting: Hashable, prompt: Prompt) -> None:
        """Remember the prompt of a request with a seed; the oldest is forgotten."""
        if brief.request.seed is None:
            return
        self._prompts[_request_key(brief, setting)] = prompt
        while len(self._prompts) > MAX_PROMPTS:
            self._prompts.popitem(last=False)

    def salt(self) -> str:
        """Return what keeps one person's cached prefixes from another, who could time them.

        It is a keyed hash, so that the server learns no name.
        """
        owner = OWNER.get()
        return hmac.new(self._secret, owner.encode(), hashlib.sha256).hexdigest()[:32] if owner else ""

    async def close(self) -> None:
        """End what is being warmed."""
        await self.warmer.close()


def _key(brief: Brief) -> Hashable:
    return OWNER.get(), brief.request.language, brief.corpora


def _request_key(brief: Brief, setting: Hashable) -> Hashable:
    """Return what a prompt is made of, and for whom; a changed document or model makes another."""
    # A replay asks for the model by name, where the first request may have left it open.
    asked = brief.request.model_copy(update={"generator": "model"})
    text = asked.model_dump_json().encode("utf-8", "surrogatepass")
    return OWNER.get(), setting, brief.corpora, hashlib.sha256(text).hexdigest()
