"""A paper cut into parts that a model can read."""

from __future__ import annotations

from gptoss_lab.papers.candidates import candidates_of
from gptoss_lab.prompts.budget import Estimate
from gptoss_lab.schemas.papers import Candidate, Paper, PaperBlock, Place
from gptoss_lab.services.paper_pipeline.units_parts import PART_TOKENS, parts_of, relevant, shown, title_of
from gptoss_lab.services.paper_pipeline.units_printed import printed_units
from tests.fakes.modelled import PETALS


def long_paper(sections: int, tokens: int) -> Paper:
    """Return a paper of sections of that length."""
    text = "word " * round(tokens * 3.8 / 5)
    blocks = (
        PaperBlock(id=f"b{n}", kind="prose", text=text, place=Place(section=(f"{n} Part",)))
        for n in range(sections)
    )
    return Paper(id="p", uri="p", form="latex", title="", blocks=tuple(blocks))


def test_parts_fit_and_lose_nothing() -> None:
    """Small sections stand together, large ones apart, references nowhere; order is kept."""
    counter = Estimate()
    for sections, tokens, most in ((40, 500, 8), (3, 5000, 3), (2, 100, 1)):
        paper = long_paper(sections, tokens)
        parts = parts_of(paper, 100_000, counter)
        assert [block for part in parts for block in part.blocks] == list(paper.blocks)
        assert len(parts) <= most
        for part in parts:
            assert sum(counter.text(entry.text, "prose") for entry in part.entries()) <= PART_TOKENS
    assert len(parts_of(long_paper(4, 500), 600, counter)) == 4
    assert [block.kind for part in parts_of(PETALS, 9999, counter) for block in part.blocks].count(
        "reference"
    ) == 0


def test_a_scope_needs_some_parts() -> None:
    """Those that hold it, that name it by its label, and those on data and settings."""
    blocks = (
        PaperBlock(
            id="a", kind="algorithm", text="1: go", label="Algorithm 1", place=Place(section=("2 A",))
        ),
        PaperBlock(id="b", kind="prose", text="See Algorithm 1.", place=Place(section=("3 B",))),
        PaperBlock(id="c", kind="prose", text="See Algorithm 12.", place=Place(section=("4 C",))),
        PaperBlock(id="d", kind="prose", text="Text.", place=Place(section=("5 Data",))),
    )
    paper = Paper(id="p", uri="p", form="latex", title="", blocks=blocks)
    parts = parts_of(paper, 41, Estimate())
    scope = [candidate for candidate in candidates_of(paper) if candidate.kind == "algorithm"]
    assert [block.id for part in relevant(parts, scope) for block in part.blocks] == ["a", "b", "d"]
    assert relevant(parts, []) == parts


def test_halves() -> None:
    """A part of one block cannot be halved."""
    (part,) = parts_of(long_paper(3, 10), 9999, Estimate())
    assert [len(half.blocks) for half in part.halves()] == [1, 2]
    assert part.halves()[0].halves() == [part.halves()[0]]


def test_a_block_as_a_model_reads_it() -> None:
    """Mathematics in its source with its symbols, a table as rows under its caption, and where it stands."""
    equation = PETALS.blocks[2]
    assert shown(equation) == "\\hat\\beta = (X^\\top X)^{-1} X^\\top y\n(where X: the design matrix)"
    assert title_of(equation) == "equation (1), p. 1, 2 Method"
    table = PaperBlock(id="t", kind="table", text="", caption="Errors", rows=(("a", "b"), ("1", "2")))
    assert shown(table) == "Errors\na | b\n1 | 2"
    assert len(shown(PaperBlock(id="x", kind="prose", text="x" * 50_000))) == 12_000


def test_units_that_are_printed() -> None:
    """Algorithms that no unit quotes, and equations where no unit quotes the scope at all."""
    scope = [Candidate(id="model-1", kind="model", title="The model", blocks=("m2", "m1"))]
    (unit,) = printed_units(PETALS, scope, [])
    assert (unit.statement, unit.block, unit.quote) == ("Compute equation (1).", "m2", "beta = (X'X)^-1 X'y")
    assert printed_units(PETALS, scope, [unit]) == []
    other = unit.model_copy(update={"block": "m1"})
    assert printed_units(PETALS, scope, [other]) == []
    algorithm = PaperBlock(id="a", kind="algorithm", text="1: go", label="Algorithm 1", caption="Descent")
    paper = PETALS.model_copy(update={"blocks": (*PETALS.blocks, algorithm)})
    with_algorithm = [scope[0].model_copy(update={"blocks": ("a", "m1")})]
    assert [one.statement for one in printed_units(paper, with_algorithm, [other])] == ["Follow Algorithm 1."]
