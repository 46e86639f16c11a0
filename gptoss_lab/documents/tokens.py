"""Search terms of names, code and prose: split, lowered, stopped and lightly stemmed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_WORD = re.compile(r"[^\W_]\w*", re.UNICODE)
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+", re.UNICODE)

_STOP_WORDS = """
a about above after again all also am an and another any are as at be because been before being below
between both but by can could did do does doing done down during each either every few for from further
get give given had has have having he her here hers him his how i if in into is it its itself just let
like likes me more most my need needs no nor not now of off on once one ones only or other our ours out
over own please s same she should show shows so some such t than that the their them then there these
they this those through to too two under until up us use used uses using very via want wants was we were
what when where which while who whom why will with within without would you your yours
"""
STOP = frozenset(_STOP_WORDS.split())
# Sentences rely on these words everywhere; they say little about what is asked.
_SOFT_WORDS = """
code compute calculate create data dataset datasets do example examples feature features find follow
function input item items list make many method model models my new notebook number object objects
output point points print python record records result results sample samples set sets simple step steps
task thing things train training two value values variable variables work write
"""
SOFT = frozenset(_SOFT_WORDS.split())
_SUFFIX_TEXT = """
izations isations ization isation izing ising ized ised izer iser izes ises ize ise ations ation
ators ator ated ating ate ings ing ions ion ers er ors or ies ied ed es s e y
"""
_SUFFIXES = tuple(_SUFFIX_TEXT.split())
_MIN_STEM = 4
_MIN_PLURAL_STEM = 3
_NO_PLURAL = ("ss", "us", "is")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return a light stem: suffixes go as long as four letters stay, so that forms of a word meet."""
    if not word.isascii() or not word.isalpha():
        return word
    for _ in range(3):
        for suffix in _SUFFIXES:
            least = _MIN_PLURAL_STEM if suffix == "s" else _MIN_STEM
            if word.endswith(suffix) and len(word) - len(suffix) >= least and not word.endswith(_NO_PLURAL):
                word = word[: -len(suffix)]
                break
        else:
            break
    return word[:-1] if _doubled(word) else word


def _doubled(word: str) -> bool:
    return len(word) > _MIN_STEM and word[-1] == word[-2] and word[-1] not in "lsz"


def words(text: str) -> Iterator[str]:
    """Yield the lower-case words of a text: each identifier whole, then its parts."""
    for match in _WORD.finditer(text):
        word = match.group().strip("_")
        parts = _PART.findall(word)
        if len(parts) > 1:
            yield word.lower()
        for part in parts:
            yield part.lower()


def terms(text: str) -> list[str]:
    """Return the stemmed search terms of a text, stop words removed, in order and with repeats."""
    return [stem(word) for word in words(text) if word not in STOP]


def joined(text: str) -> str:
    """Return the terms as one string, the form in which the index stores them."""
    return " ".join(terms(text))
