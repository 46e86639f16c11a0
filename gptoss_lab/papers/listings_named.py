"""Code that a paper prints in the middle of its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gptoss_lab.schemas.papers import Paper, PaperBlock

MAX_CALLS = 2
_NAME = r"[A-Za-z.][\w.]*"
_VALUE = r"-?\d+(?:\.\d+)?L?|TRUE|FALSE|\"[^\"\n]{0,80}\"|c\([-\d., L]{1,200}\)"
_ASSIGNED = re.compile(rf"(?<![\w.$@])({_NAME}) ?<- ?({_VALUE})(?![\w(\[])")
_CALL = re.compile(rf"(?<![\w.$@:]){_NAME}\((?:[^()\n]|\([^()\n]*\)){{1,200}}\)")
_OUTPUT_OF = re.compile(
    r"(?:output|results?|printout|summary) (?:of|from|by)(?: the)?\W*$"
    r"|(?:printed|given|shown|obtained|produced) by\W*$",
    re.IGNORECASE,
)
_BEFORE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Named:
    """Code in a sentence, and its block. `told`: the words call it the source of output."""

    code: str
    block: PaperBlock
    told: bool = False


def assigned_in_text(paper: Paper, name: str, before: str) -> Named | None:
    """Return the last simple assignment to a name in the text before a block.

    Args:
        paper: The paper.
        name: What is assigned to.
        before: The id of the block.
    """
    found: Named | None = None
    for block in paper.blocks:
        if block.id == before:
            break
        if block.kind != "prose":
            continue
        for match in _ASSIGNED.finditer(block.text):
            if match[1] == name:
                found = Named(f"{match[1]} <- {match[2]}", block)
    return found


def calls_in_text(paper: Paper, blocks: Sequence[str], printed: Sequence[str]) -> list[Named]:
    """Return the calls that may have made output whose command is not printed, the likeliest first.

    Those that the words call so come alone; else the nearest before the first block of output.

    Args:
        paper: The paper.
        blocks: The ids of the blocks of output, all of one section.
        printed: Commands that are printed, which are not meant.
    """
    section = next((block.place.section for block in paper.blocks if block.id == blocks[0]), ())
    known = {_flat(source) for source in printed}
    near: list[Named] = []
    passed = False
    for block in paper.blocks:
        passed = passed or block.id == blocks[0]
        if block.kind != "prose" or block.place.section != section:
            continue
        calls = (call for call in _calls(block) if call.told or not passed)
        near += [call for call in calls if _flat(call.code) not in known]
    told = [call for call in near if call.told]
    chosen = told[-1:] or near[-MAX_CALLS:]
    return list({call.code: call for call in chosen}.values())


def _calls(block: PaperBlock) -> Iterator[Named]:
    for match in _CALL.finditer(block.text):
        before = block.text[max(match.start() - _BEFORE_CHARS, 0) : match.start()]
        yield Named(" ".join(match[0].split()), block, told=bool(_OUTPUT_OF.search(before)))


def _flat(source: str) -> str:
    return "".join(source.split())
