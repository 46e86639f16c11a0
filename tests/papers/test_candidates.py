"""What of a paper could be implemented."""

from __future__ import annotations

from gptoss_lab.papers.candidates import MAX_CANDIDATES, candidates_of, likeliest, where
from gptoss_lab.schemas.papers import Paper, PaperBlock, Place, SymbolMeaning

METHOD, RESULTS = ("2 Method",), ("3 Experiments", "3.1 Simulation study")


def block(identifier: str, kind: str, section: tuple[str, ...] = (), **fields: object) -> PaperBlock:
    """Return a block of a paper."""
    values = {"id": identifier, "kind": kind, "text": "text", "place": Place(section=section), **fields}
    return PaperBlock.model_validate(values)


def paper(*blocks: PaperBlock) -> Paper:
    """Return a paper of these blocks."""
    return Paper(id="p", uri="p.tex", form="latex", title="P", blocks=blocks)


ROWS = (("Method", "RMSE"), ("ours", "0.12"), ("theirs", "0.34 \u00b1 0.02"))
WHOLE = paper(
    block("i", "prose", ("1 Introduction",), text="We follow Algorithm 1."),
    block("e0", "equation", ("1 Introduction",), label="(1)"),
    block("m1", "prose", METHOD),
    block("e1", "equation", METHOD, label="(2)", symbols=(SymbolMeaning(symbol="x", meaning="the input"),)),
    block("e2", "equation", METHOD, label="(3)"),
    block("a", "algorithm", METHOD, label="Algorithm 1", caption="Coordinate descent", text="1: repeat"),
    block("r", "prose", RESULTS),
    block("t", "table", RESULTS, label="Table 1", caption="Errors", rows=ROWS),
    block("c1", "code", ("4 Software", "4.1 Fitting"), language="r"),
    block("c2", "code", ("4 Software", "4.2 Plotting"), language="r"),
    block("ref", "reference", ("Bibliography",)),
)


def test_each_kind_is_found_and_ranked() -> None:
    """Algorithms lead, methods and experiments follow, and an equation of an introduction comes last."""
    found = candidates_of(WHOLE)
    assert [one.id for one in found] == ["algorithm-1", "model-2", "experiment-1", "code-1", "model-1"]
    assert [one.title for one in found] == [
        "Algorithm 1: Coordinate descent",
        "The model of \u201c2 Method\u201d, equations (2) to (3)",
        "The experiment of \u201c3.1 Simulation study\u201d",
        "Code printed in \u201c4 Software\u201d (2 pieces)",
        "The model of \u201c1 Introduction\u201d, equation (1)",
    ]
    assert found[0].blocks == ("a", "i")
    assert found[2].blocks == ("r", "t")
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_ids_do_not_depend_on_rank() -> None:
    """They count in the order of reading, and the same paper gives the same again."""
    assert candidates_of(WHOLE) == candidates_of(WHOLE.model_copy())
    assert {one.id: one.place.section[0] for one in candidates_of(WHOLE) if one.kind == "model"} == {
        "model-1": "1 Introduction",
        "model-2": "2 Method",
    }


def test_a_choice_is_a_method_and_its_test() -> None:
    """Code that is printed is chosen where there is nothing else."""
    assert [one.id for one in likeliest(candidates_of(WHOLE))] == ["algorithm-1", "model-2", "experiment-1"]
    only_code = candidates_of(paper(block("c", "code", ("S",))))
    assert [one.id for one in likeliest(only_code)] == ["code-1"]
    assert likeliest(()) == ()


def test_a_table_of_results_stands_anywhere() -> None:
    """It is an experiment where its caption or head says so; one of words, or of symbols, is none."""
    rows = (("Symbol", "Meaning"), ("x", "the input"))
    blocks = (
        block("t1", "table", ("2 Data",), label="Table 1", caption="Accuracy by method", rows=ROWS),
        block("t2", "table", ("2 Data",), label="Table 2", caption="Results in words", rows=rows),
        block("t3", "table", ("2 Data",), label="Table 3", caption="Sizes", rows=(("n", "m"), ("1", "2"))),
    )
    assert [one.title for one in candidates_of(paper(*blocks))] == ["Table 1: Accuracy by method"]


def test_a_method_in_words_is_one() -> None:
    """A PDF may keep no equation apart; a paper without any method has no candidate."""
    found = candidates_of(
        paper(block("m", "prose", ("2 Our approach",)), block("d", "prose", ("5 Discussion",)))
    )
    assert [(one.kind, one.title) for one in found] == [("model", "The method of \u201c2 Our approach\u201d")]
    assert candidates_of(paper(block("d", "prose", ("1 Introduction",)))) == ()


def test_other_languages_have_methods_too() -> None:
    """Sections are known by the words of some other languages."""
    found = candidates_of(paper(block("m", "prose", ("\u65b9\u6cd5",)), block("r", "prose", ("Ergebnisse",))))
    assert [one.kind for one in found] == ["experiment", "model"]


def test_titles_and_their_number_are_bounded() -> None:
    """A paper of a thousand algorithms with captions of a page does not flood the list."""
    many = (block(f"a{n}", "algorithm", caption="long " * 400) for n in range(200))
    found = candidates_of(paper(*many))
    assert len(found) == MAX_CANDIDATES
    assert all(len(one.title) <= 140 for one in found)


def test_places_in_words() -> None:
    """A page, a section, both, or nothing."""
    assert where(Place(page=5, section=("A", "B"))) == "p. 5, B"
    assert where(Place(section=("A",))) == "A"
    assert where(Place(page=2)) == "p. 2"
    assert where(Place()) == ""
