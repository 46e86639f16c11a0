"""How far a start has come."""

from __future__ import annotations

from gptoss_lab.engines.start_progress import StartProgress
from gptoss_lab.schemas.model import EnginePhase

KNOWN: dict[EnginePhase, float] = {"starting": 10, "loading_weights": 20, "compiling": 60, "warming": 10}


def test_the_first_start_has_no_percentage() -> None:
    """Only a time and what the engine said."""
    progress = StartProgress({}, 100.0)
    progress.enter("loading_weights", 103.0)
    progress.advance(0.5, "1 of 2 files")
    now = progress.at(105.0)
    assert (now.percent, now.remaining_s, now.elapsed_s, now.message) == (None, None, 5.0, "1 of 2 files")


def test_phases_count_for_what_they_took_the_last_time() -> None:
    """What a phase says of itself goes before the clock."""
    progress = StartProgress(KNOWN, 0.0)
    assert progress.at(5.0).percent == 5.0
    assert progress.at(1000.0).percent == 9.8
    progress.enter("loading_weights", 1000.0)
    assert progress.at(1000.0).percent == 10.0
    progress.advance(0.5, "")
    assert progress.at(1000.1).percent == 20.0
    assert progress.at(1000.1).remaining_s == 80.0
    progress.enter("compiling", 1001.0)
    assert progress.at(1031.0).percent == 60.0
    progress.enter("warming", 1061.0)
    progress.finish(1071.0)
    assert progress.durations_s == {"starting": 1000, "loading_weights": 1, "compiling": 60, "warming": 10}


def test_it_never_goes_back() -> None:
    """Not when a second model is loaded after the first was compiled."""
    progress = StartProgress(KNOWN, 0.0)
    progress.enter("loading_weights", 1.0)
    progress.enter("compiling", 2.0)
    before = progress.at(32.0).percent
    assert progress.enter("loading_weights", 33.0)
    after = progress.at(33.0).percent
    assert before is not None
    assert after is not None
    assert after >= before


def test_the_beginning_and_the_end_come_once() -> None:
    """A line that repeats the phase, or comes late, changes nothing."""
    progress = StartProgress(KNOWN, 0.0)
    assert progress.enter("loading_weights", 1.0)
    assert not progress.enter("loading_weights", 2.0)
    assert not progress.enter("starting", 2.0)
    assert not progress.enter("downloading", 2.0)
    assert progress.enter("warming", 3.0)
    assert not progress.enter("compiling", 4.0)


def test_a_fraction_is_one() -> None:
    """Whatever an engine prints."""
    progress = StartProgress({"starting": 10.0}, 0.0)
    progress.advance(7.0, "")
    assert progress.at(0.0).percent == 100.0
    progress = StartProgress({"starting": 10.0}, 0.0)
    progress.advance(-7.0, "")
    assert progress.at(0.0).percent == 0.0
