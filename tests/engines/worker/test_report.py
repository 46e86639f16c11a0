"""The worker's log."""

from __future__ import annotations

import io
import sys

import pytest

from gptoss_lab.engines.worker.report import say, say_fault


def test_a_fact_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever its message holds."""
    say("loading_weights", "two\nlines", percent=3)
    assert capsys.readouterr().out == "[worker] loading_weights percent=3 two lines\n"


def test_a_fault_is_its_kind_and_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """Its words stay out: they may quote a prompt."""
    try:
        int("secret")
    except ValueError as error:
        say_fault("here", error)
    line = capsys.readouterr().out
    assert line.startswith("[worker] error here: ValueError at test_report.py:")
    assert "secret" not in line


def test_a_library_of_the_gpu_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Its error says more than RuntimeError."""
    say_fault("here", RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling x; secret"))
    assert capsys.readouterr().out == "[worker] error here: RuntimeError CUBLAS_STATUS_ALLOC_FAILED at ?\n"


def test_a_reader_that_is_gone_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is ended by another way."""

    class Gone(io.StringIO):
        written = 0

        def write(self, text: str) -> int:
            Gone.written += len(text)
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    say("ready")
    assert Gone.written
