"""Numbers in the sentences of a paper that its printed output holds too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gptoss_lab.papers.printed_claims import HALF, judged
from gptoss_lab.papers.printed_values import Number, number_of
from gptoss_lab.schemas.papers import Claim, Paper, PaperBlock

MAX_CLAIMS = 200
MAX_QUOTE_CHARS = 400
_NUMBER = re.compile(r"(?<![\w.,/\u2013-])[-\u2212]?\d+\.\d+(?:[eE]-?\d+)?(?!\.?\d|\w)")
_SENTENCE_END = re.compile(r"[.!?]\s+(?=[A-Z\u00c0-\u00dd(])")
_MIN_DIGITS = 3
_MAX_METRICS = 3


def prose_claims(paper: Paper, printed: Sequence[Claim]) -> dict[str, tuple[Claim, str]]:
    """Return the claims of sentences, and for each the id of the claim of the output whose number it repeats.

    A number counts where it has three digits at least, and where what the output calls it is not in doubt.
    """
    found: dict[str, tuple[Claim, str]] = {}
    for block in paper.blocks:
        if block.kind != "prose":
            continue
        for place, match in enumerate(_NUMBER.finditer(block.text), start=1):
            number = number_of(match[0])
            if number is None or len(re.sub(r"\D|^[0.\-]+", "", match[0])) < _MIN_DIGITS:
                continue
            same = _repeated(number, printed)
            if same is not None:
                claim = _claim(f"{block.id}-t{place}", number, same, block, match)
                found[claim.id] = (claim, same.id)
        if len(found) >= MAX_CLAIMS:
            break
    return found


def compared_prose(claims: Mapping[str, tuple[Claim, str]], settled: Mapping[str, Claim]) -> Iterator[Claim]:
    """Yield the claims of sentences as they stand, once those of the outputs were compared."""
    for claim, source in claims.values():
        base = settled.get(source)
        if base is None:
            continue
        kept = claim.model_copy(update={"cell": base.cell, "stand_in": base.stand_in})
        if base.computed is None:
            yield kept.model_copy(update={"state": base.state, "reason": base.reason})
            continue
        step = base.tolerance / HALF
        yield judged(kept, Number(f"{base.computed:.10g}", base.computed, min(step, claim.tolerance / HALF)))


def _repeated(number: Number, printed: Sequence[Claim]) -> Claim | None:
    same = [
        claim
        for claim in printed
        if abs(claim.value - number.value) <= number.step * HALF * (1 + 1e-9)
        and claim.tolerance <= number.step * HALF * (1 + 1e-9)
    ]
    return same[0] if same and len({claim.metric for claim in same}) <= _MAX_METRICS else None


def _claim(name: str, number: Number, same: Claim, block: PaperBlock, match: re.Match[str]) -> Claim:
    return Claim(
        id=name,
        metric=same.metric,
        printed=match[0],
        value=number.value,
        tolerance=number.step * HALF,
        quote=_sentence(block.text, match.start()),
        block=block.id,
        place=block.place,
        cell=same.cell,
        reason=same.reason,
    )


def _sentence(text: str, place: int) -> str:
    """Return the sentence around a place, verbatim; of a long one what is near."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    start = max((end for end in ends if end <= place), default=0)
    stop = min((end for end in ends if end > place), default=len(text))
    if stop - start > MAX_QUOTE_CHARS:
        start = max(start, place - MAX_QUOTE_CHARS // 2)
        stop = min(stop, start + MAX_QUOTE_CHARS)
    return text[start:stop].strip()
