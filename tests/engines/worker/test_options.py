"""The worker's command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.engines.worker.options import KEY_VARIABLE, read_options

NEEDED = ["--weights", "/w", "--socket", "/s"]


def test_the_key_is_taken_out_of_the_environment() -> None:
    """No child of ours inherits it, and no representation shows it."""
    environ = {KEY_VARIABLE: "secret", "PATH": "/bin"}
    options = read_options([*NEEDED, "--max-model-len", "2048", "--date", "2026-11-26"], environ)
    assert (options.weights, options.max_model_len, options.date) == (Path("/w"), 2048, "2026-11-26")
    assert options.key == "secret"
    assert environ == {"PATH": "/bin"}
    assert "secret" not in repr(options)


@pytest.mark.parametrize(
    "words",
    [
        ["--max-model-len", "-1"],
        ["--kept-prompts", "0"],
        ["--date", "today"],
        ["--device", "tpu"],
        ["--trust-remote-code"],
        ["--max-model", "3"],
    ],
)
def test_what_it_does_not_know_ends_it(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With a usage line and status 2."""
    with pytest.raises(SystemExit) as ended:
        read_options([*NEEDED, *words], {})
    assert ended.value.code == 2
    assert "usage: gptoss-worker" in capsys.readouterr().err
