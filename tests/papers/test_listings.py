"""The code that a paper prints, command by command."""

from __future__ import annotations

from gptoss_lab.papers.listings import MAX_LISTINGS, listings_of
from gptoss_lab.schemas.papers import Paper, PaperBlock, PaperForm, Place


def paper(*blocks: tuple[str, str], form: PaperForm = "pdf") -> Paper:
    """Return a paper of blocks of a kind and a text, each on a page of its own."""
    made = [
        PaperBlock.model_validate({"id": f"b{n}", "kind": kind, "text": text, "place": Place(page=n)})
        for n, (kind, text) in enumerate(blocks, start=1)
    ]
    return Paper(id="p", uri="p", form=form, title="P", blocks=tuple(made))


def test_commands_with_their_output_and_page() -> None:
    """In the order of reading; prose ends a stretch."""
    found = listings_of(paper(("code", "> x <- 1\n> x\n[1] 1"), ("prose", "Then"), ("code", "> x + 1")), "r")
    assert [(one.id, one.source, one.place.page, one.stream) for one in found] == [
        ("l1", "x <- 1", 1, 0),
        ("l2", "x", 1, 0),
        ("l3", "x + 1", 3, 1),
    ]
    assert [line.text for line in found[1].printed] == ["[1] 1"]
    assert found[0].prompted


def test_output_goes_on_behind_a_page() -> None:
    """Blocks that follow each other are one stretch, and footnotes between are no prose."""
    found = listings_of(paper(("code", "> x"), ("footnote", "1 Note"), ("code", "[1] 1 2")), "r")
    assert [(one.source, [line.block for line in one.printed]) for one in found] == [("x", ["b3"])]


def test_a_command_that_a_page_cuts_goes_on() -> None:
    """Whatever stands between, where it is not complete and the next block has no prompt."""
    cut = paper(("code", "> f(a,"), ("prose", "2 Running head"), ("code", "   b)\n[1] 3"))
    assert [one.source for one in listings_of(cut, "r")] == ["f(a,\n   b)"]
    other = paper(("code", "> f(a,"), ("prose", "2 Running head"), ("code", "> g(b)"))
    assert [one.source for one in listings_of(other, "r")] == ["f(a,", "g(b)"]


def test_environments_of_latex() -> None:
    """Code and output are blocks of their own there, and a listing without prompts is code."""
    made = paper(("code", "x = 1\nprint(x)"), ("output", "1"), form="latex")
    found = listings_of(made, "python")
    assert [(one.source, one.language, len(one.printed)) for one in found] == [
        ("x = 1\nprint(x)", "python", 1)
    ]


def test_papers_without_code_and_with_too_much() -> None:
    """Nothing is found, or no more than is of use."""
    assert listings_of(paper(("prose", "> quoted")), "r") == ()
    many = "\n".join("> x" for _ in range(MAX_LISTINGS + 500))
    assert len(listings_of(paper(("code", many)), "r")) == MAX_LISTINGS
