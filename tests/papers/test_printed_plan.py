"""Which cells the printed code of a paper becomes."""

from __future__ import annotations

from gptoss_lab.papers.listings import listings_of
from gptoss_lab.papers.listings_judge import Judged, Program
from gptoss_lab.papers.listings_reasons import Reason
from gptoss_lab.papers.printed_plan import plan_cells, with_named
from gptoss_lab.schemas.papers import Paper, PaperBlock, Place


def paper(*blocks: tuple[str, str]) -> Paper:
    """Return a paper of one section."""
    made = [
        PaperBlock.model_validate({
            "id": f"b{n}",
            "kind": kind,
            "text": text,
            "place": Place(page=n, section=("S",)),
        })
        for n, (kind, text) in enumerate(blocks, start=1)
    ]
    return Paper(id="p", uri="p", form="pdf", title="P", blocks=tuple(made))


PAPER = paper(
    ("code", "> a\n> b\n[1] 1\n> L\n> c\n[1] 3"),
    ("prose", "The output of summary(m) has two pieces:"),
    ("output", "REML: 1743.6"),
    ("prose", "and"),
    ("output", "sigma: 25.59"),
)


def test_cells_end_where_the_paper_prints_output() -> None:
    """What cannot run stands apart, with the reason."""
    listings = with_named(PAPER, listings_of(PAPER, "r"), "r")
    reason = Reason("names", "It uses `x`.")
    program = Program([Judged(one, reason if one.source == "L" else None) for one in listings if one.source])
    plan = plan_cells(program, listings, PAPER, "run")
    assert [(cell.source, cell.reason) for cell in plan.cells] == [
        ("a\nb", ""),
        ("L", "It uses `x`."),
        ("c", ""),
        ("summary(m)", ""),
    ]
    assert [cell.id for cell in plan.cells] == ["run-1", "run-2", "run-3", "run-4"]


def test_output_without_a_command_is_that_of_the_call_in_the_text() -> None:
    """Its pieces are one output, of the cell that was added."""
    listings = with_named(PAPER, listings_of(PAPER, "r"), "r")
    program = Program([Judged(one) for one in listings if one.source])
    plan = plan_cells(program, listings, PAPER, "run")
    last = plan.printouts[-1]
    assert ([line.text for line in last.lines], last.source) == (
        ["REML: 1743.6", "sigma: 25.59"],
        "summary(m)",
    )
    assert last.cells == (next(cell.id for cell in plan.cells if cell.source == "summary(m)"),)
    assert [printout.source for printout in plan.printouts] == ["b", "c", "summary(m)"]


def test_output_that_nothing_explains() -> None:
    """Its numbers are claims that no cell computes, and the reason is said."""
    made = paper(("prose", "Nothing."), ("output", "REML: 1743.6"), ("output", "only words"))
    listings = with_named(made, listings_of(made, "r"), "r")
    (printout,) = plan_cells(Program(), listings, made, "run").printouts
    assert printout.cells == ()
    assert "does not print the command" in printout.reason
