"""A traceback in a prompt is short and neutral."""

from __future__ import annotations

from gptoss_lab.prompts.traceback import first_and_last, last_lines


def test_a_short_one_stays() -> None:
    """A short traceback is told whole, without colours and links of a terminal."""
    text = "\x1b[1;31mTypeError\x1b[0m\x1b]8;;file://x\x07link\x1b]8;;\x07: bad"
    assert first_and_last(text) == "TypeErrorlink: bad"


def test_a_long_one_keeps_both_ends() -> None:
    """The cell's own frame stands first, what is wrong last."""
    text = first_and_last("\n".join(["cell line", *(f"frame {n}" for n in range(500)), "KeyError: 'a'"]))
    assert text.startswith("cell line")
    assert text.endswith("KeyError: 'a'")
    assert len(text.split("\n")) < 50
    assert len(first_and_last("\n".join(["x" * 5000] * 40))) < 3100


def test_the_end() -> None:
    """Of a run's error the last lines are told."""
    assert last_lines("\n".join(map(str, range(100)))).split("\n")[0] == "75"
