"""The few words that show why a passage was found."""

from __future__ import annotations

from gptoss_lab.documents.snippets import MAX_CHARS, snippet

FILLER = "Nothing to see here. " * 40


def test_a_short_passage_is_shown_whole() -> None:
    """Without its title, fences and rules of tables."""
    text = "Rivers\n\nWater `flows`.\n\n```python\nflow()\n```\n\n| a |\n| --- |\n| 1 |"
    assert snippet(text, "water", title="Rivers") == "Water flows. flow() | a | | 1 |"


def test_a_long_passage_is_shown_where_the_words_stand() -> None:
    """From the sentence that holds most of them, in any form of the word."""
    text = f"{FILLER}The gauge measures floods by the hour. {FILLER}"
    found = snippet(text, "flood gauges")
    assert found.startswith("… The gauge measures floods")
    assert found.endswith(" …")
    assert len(found) <= MAX_CHARS + 4


def test_a_passage_without_the_words_begins_at_its_beginning() -> None:
    """As when a name alone was found."""
    assert snippet(FILLER, "flood").startswith("Nothing to see here.")


def test_the_end_of_a_passage() -> None:
    """No words follow, so none are promised."""
    assert snippet(f"{FILLER}floods", "flood").endswith("floods")
