"""Code that a paper prints in the middle of its sentences."""

from __future__ import annotations

from gptoss_lab.papers.listings_named import assigned_in_text, calls_in_text
from gptoss_lab.schemas.papers import Paper, PaperBlock, Place


def paper(*blocks: tuple[str, str, str]) -> Paper:
    """Return a paper of blocks of a kind, a section and a text."""
    made = [
        PaperBlock.model_validate({
            "id": f"b{n}",
            "kind": kind,
            "text": text,
            "place": Place(page=n, section=(section,)),
        })
        for n, (kind, section, text) in enumerate(blocks, start=1)
    ]
    return Paper(id="p", uri="p", form="pdf", title="P", blocks=tuple(made))


ASSIGNING = paper(
    ("prose", "1", "If we set nc <- 2, or nc <- 3, then m$nc <- 9 is of no use, nor is nc <- f(x)."),
    ("code", "1", "> nc"),
    ("prose", "1", "Now nc <- 7."),
)


def test_assignments_in_the_text_before() -> None:
    """The last one of a plain value counts; parts of objects and calls do not."""
    found = assigned_in_text(ASSIGNING, "nc", "b2")
    assert found
    assert (found.code, found.block.id) == ("nc <- 3", "b1")
    assert assigned_in_text(ASSIGNING, "x", "b2") is None


def test_calls_that_the_words_name_as_the_source() -> None:
    """`the output of f(x)` comes before whatever stands nearer."""
    made = paper(
        ("prose", "2", "Here is the output of summary(fm1) in steps, with crit(fm1) aside."),
        ("output", "2", "REML 1743.6"),
        ("prose", "2", "See fixef(fm1)."),
    )
    assert [call.code for call in calls_in_text(made, ["b2"], [])] == ["summary(fm1)"]


def test_the_nearest_calls_before() -> None:
    """Where no words tell; those that are printed as commands, or stand in another section, are not meant."""
    made = paper(
        ("prose", "1", "other(x)"),
        ("prose", "2", "We call a(x), then b(x), c(x[1], f(2)) and d(x)."),
        ("output", "2", "1"),
        ("prose", "2", "e(x)"),
    )
    assert [call.code for call in calls_in_text(made, ["b3"], ["d( x )"])] == ["b(x)", "c(x[1], f(2))"]
    assert calls_in_text(paper(("output", "2", "1")), ["b1"], []) == []
