"""Labels cannot grow without end."""

from __future__ import annotations

from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.services.metrics.instruments import Instruments
from gptoss_lab.services.metrics.service import MetricsService
from gptoss_lab.services.metrics.vocabulary import MOST, Vocabulary


def test_the_first_words_are_known() -> None:
    """All later ones are other, and the known ones stay so."""
    words = Vocabulary(2)
    assert [words.known(name)[0] for name in "abcab"] == ["a", "b", "other", "a", "b"]
    assert words.known("x", "y") == ("other", "other")


def test_templates_cannot_fill_the_metrics() -> None:
    """However often an administrator changes them; what was known stays told apart."""
    instruments = Instruments()
    first = instruments.who("model", "m", "t0")
    told = {instruments.who("model", "m", f"t{number}") for number in range(1000)}
    assert len(told) == MOST + 1
    assert instruments.who("model", "m", "t0") == first == ("model", "m", "t0")
    assert instruments.who("examples", "", "") == ("examples", "", "")


def test_a_page_cannot_fill_the_metrics() -> None:
    """However many models it names."""
    service = MetricsService()
    items = [
        FeedbackItem(
            at="2026-01-01T00:00:00Z",
            job="j",
            cell="c",
            generator="model",
            model=f"m{number}",
            verdict="accepted",
        )
        for number in range(1000)
    ]
    service.review(items)
    lines = [
        line for line in service.text().decode().splitlines() if line.startswith("gptoss_lab_reviews_total{")
    ]
    assert len(lines) == MOST + 1
    assert any('model="other"' in line and line.endswith(" 950.0") for line in lines)
