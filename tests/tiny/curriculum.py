"""Puts the pieces of the corpus together: a prompt with other documents, dates and words each time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

EFFORTS = ("low", "medium", "high")
_START = (200_006, 173_781)  # <|start|>assistant
_FIRST_SPECIAL = 199_998
_SURE = 300  # tokens of an answer that count in full; the rest is the repetition of a loop
_FRAME = 3  # <|start|>user<|message|>

Sample = tuple[list[int], list[int]]


class Curriculum:
    """Draws prompts and their answers.

    Args:
        corpus: What corpus.py wrote.
    """

    def __init__(self, corpus: dict[str, Any]) -> None:
        self._corpus = corpus
        self.lessons: list[str] = list(corpus["answers"])
        answers = [*corpus["answers"].values(), *corpus["repaired"].values()]
        said = {token for answer in answers for ids in answer.values() for token in ids}
        heard = {token for effort in EFFORTS for token in corpus["system"][effort][0]}
        for name in self.lessons:
            heard |= set(corpus["developer"][name][:40])
            if "other" not in name:
                heard |= {token for ids in corpus["plain"][name] for token in ids}
        self.known_out = sorted(said)
        self.known_in = sorted(said | heard)
        self._shares = [3 if name == "other" else 1 for name in self.lessons]

    def draw(self, chance: random.Random, most: int, name: str = "", effort: str = "") -> Sample:
        """Return a prompt and its answer.

        Args:
            chance: The source of chance.
            most: The tokens that its documents may have.
            name: The lesson; empty draws one.
            effort: The effort; empty draws one.
        """
        corpus = self._corpus
        name = name or chance.choices(self.lessons, self._shares)[0]
        effort = effort or chance.choice(EFFORTS)
        system, kind = chance.choice(corpus["system"][effort]), chance.random()
        if kind < 0.06 and name not in {"r_other", "r_aggregate"}:
            return [*system, *chance.choice(corpus["plain"][name]), *_START], corpus["answers"][name][effort]
        begin = [*system, *corpus["developer"][name], *self._document(chance, most)]
        if kind < (0.5 if name == "faulty" else 0.12):
            return [*begin, *chance.choice(corpus["repairs"][name]), *_START], corpus["repaired"][name][
                effort
            ]
        return [*begin, *chance.choice(corpus["questions"][name]), *_START], corpus["answers"][name][effort]

    def _document(self, chance: random.Random, most: int) -> list[int]:
        """Return documents, some with words that the model knows strewn in."""
        documents = self._corpus["documents"]
        ids = [*chance.choice([ids for ids in documents if len(ids) <= most] or [min(documents, key=len)])]
        share = chance.choice((0.0, 0.0, 0.05, 0.2))
        for place in range(_FRAME, len(ids) - 1) if share else ():
            if ids[place] < _FIRST_SPECIAL and chance.random() < share:
                ids[place] = chance.choice(self.known_in)
        return ids

    def table(self, samples: Sequence[Sample]) -> tuple[list[list[int]], list[int], list[int], list[float]]:
        """Return rows of equal length, the flat places that are judged, what follows there, and its weight.

        Tokens are places in the tables of what is known.
        """
        place_in = {token: place for place, token in enumerate(self.known_in)}
        place_out = {token: place for place, token in enumerate(self.known_out)}
        width = max(len(prompt) + len(answer) for prompt, answer in samples)
        rows: list[list[int]] = []
        places: list[int] = []
        wanted: list[int] = []
        weights: list[float] = []
        for number, (prompt, answer) in enumerate(samples):
            ids = [place_in.get(token, len(place_in)) for token in (*prompt, *answer)]
            rows.append(ids + [len(place_in)] * (width - len(ids)))
            begin = number * width + len(prompt) - 1
            places += range(begin, begin + len(answer))
            wanted += [place_out[token] for token in answer]
            weights += [1.0 if place < _SURE else 0.1 for place in range(len(answer))]
        return rows, places, wanted, weights
