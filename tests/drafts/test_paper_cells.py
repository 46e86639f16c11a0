"""Text cells of a notebook of a paper."""

from __future__ import annotations

from gptoss_lab.drafts.paper_cells import last_words, origin_text, shown_code
from gptoss_lab.schemas.papers import Place

PAGE = Place(page=3)


def test_where_code_comes_from() -> None:
    """A heading where a section begins, the words before, and a link."""
    text = origin_text(PAGE, title="1. Fits", quote="We fit it by", file="p.pdf", note="It is named.")
    assert text == "## 1. Fits\n\n> We fit it by ([page 3](<p.pdf#page=3>))\n\nIt is named."
    assert origin_text(PAGE, file="p.pdf") == "From [page 3](<p.pdf#page=3>)."
    assert origin_text(Place()) == ""


def test_text_of_the_paper_is_inert() -> None:
    """HTML, links, images and mathematics are shown as they are written."""
    text = origin_text(PAGE, title="<script>x</script>", quote="![a](http://b/c) $x$\n# [l](d)")
    assert "<script" not in text
    assert "![a](" not in text
    assert "\n#" not in text.removeprefix("## ")
    assert "$" not in text


def test_code_that_is_not_run_is_shown_with_the_reason() -> None:
    """In a fence that it cannot close."""
    text = shown_code("x\n```\n<b>", "r", "It is <pseudo>.")
    assert text.startswith("````r\nx\n```\n<b>\n````\n\n**Not run.** It is &#60;pseudo&#62;.")


def test_the_end_of_a_text_leads_to_the_code() -> None:
    """Whole sentences, where there are any."""
    assert last_words("Short.  text") == "Short. text"
    assert last_words(f"{'word ' * 100}. Then we fit it") == "Then we fit it"
    assert last_words("word " * 200).startswith("\u2026word")
