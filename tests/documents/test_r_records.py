"""The records of an R package's help."""

from __future__ import annotations

from gptoss_lab.documents.r_help import RHelp, RObject, RPage, RUnit, RVignette
from gptoss_lab.documents.r_records import r_records
from tests.documents.test_r_help import TEXT

SHRINK = RPage(
    name="shrink",
    title="Shrink Values",
    aliases=("shrink", "print.shrunk"),
    objects=(RObject(name="shrink", signature="shrink(x, rate = 0.5, ...)"), RObject(name="shrink2")),
    text=TEXT,
    examples=(
        RUnit(code="library(mini)\nshrink(1:3)", calls=("shrink",)),
        RUnit(code="library(mini)\nx <- 1\nplot(x)", summary="Show it", calls=("plot",)),
    ),
)


def test_a_page_becomes_a_chunk_symbols_and_examples() -> None:
    """Usage first, then what it says, and its first example; every name leads to it."""
    records = r_records([RHelp(total=1, pages=(SHRINK,))], "mini", "1.2")
    (chunk,) = records.chunks
    assert chunk.title == "mini::shrink"
    assert chunk.text.startswith("```r\nshrink(x, rate = 0.5, ...)\n```\n\nShrink Values")
    assert chunk.text.index("Description:") < chunk.text.index("Arguments:") < chunk.text.index("Example:")
    assert chunk.symbols == ("mini::shrink", "mini::shrink2")
    first, second = records.symbols
    assert (first.qualname, first.signature) == ("mini::shrink", "shrink(x, rate = 0.5, ...)")
    assert first.aliases == ("shrink", "print.shrunk")
    assert second.summary == "Shrink Values"
    assert [(unit.language, unit.place.symbol, unit.place.version) for unit in records.units] == [
        ("r", "mini::shrink", "1.2")
    ] * 2
    assert records.units[0].imports == ("library(mini)",)
    assert records.units[1].summary == "Shrink Values: Show it"
    assert records.units[0].worth > records.units[1].worth


def test_a_long_page_goes_on_in_details() -> None:
    """No piece is over the limit, and nothing but the title says twice what it is about."""
    text = TEXT + "\nDetails:\n\n" + "\n\n".join(f"     {'word ' * 80}{number}" for number in range(20))
    records = r_records([RHelp(total=1, pages=(SHRINK.model_copy(update={"text": text}),))], "mini", "1.2")
    assert len(records.chunks) > 2
    assert {chunk.title for chunk in records.chunks[1:]} == {"mini::shrink (details)"}
    assert all(chunk.tokens <= 800 for chunk in records.chunks)


def test_a_package_without_help_is_known_by_its_names() -> None:
    """Its objects can be looked up, and a warning says that this is all."""
    records = r_records([RHelp(total=0, undocumented=(RObject(name="shrink"),))], "mini", "1.2")
    assert [symbol.qualname for symbol in records.symbols] == ["mini::shrink"]
    assert records.warnings == ["The R package mini has no help pages; only the names in it are known."]


def test_a_page_that_cannot_be_read_is_told_of() -> None:
    """The others stay."""
    broken = RPage(name="grow", problem="it cannot be read")
    records = r_records([RHelp(total=2, pages=(broken, SHRINK))], "mini", "1.2")
    assert len(records.chunks) == 1
    assert records.warnings == ["The help page grow of mini was left out: it cannot be read"]


def test_a_vignette_is_narrative() -> None:
    """Its title is that of its front matter."""
    vignette = RVignette(name="intro.Rmd", text="---\ntitle: 'Begin here'\n---\n\nSome words.\n")
    (chunk,) = r_records([RHelp(total=1, vignettes=(vignette,))], "mini", "1.2").chunks
    assert (chunk.kind, chunk.title) == ("narrative", "Begin here")
    assert "Some words." in chunk.text


def test_progress_is_told_per_page() -> None:
    """The name of the page, its number and how many there are."""
    told: list[tuple[str, int, int]] = []
    r_records([RHelp(total=2, pages=(SHRINK,))], "mini", "1", lambda *step: told.append(step))
    assert told == [("shrink", 1, 2)]
