"""The arguments for vLLM in the files of deployments."""

from __future__ import annotations

from tools.deploy import engine, files


def test_the_files_give_what_our_launcher_gives() -> None:
    """Whoever changes the launcher changes the files with it."""
    given = files.engine_flags()
    assert len(given) == 3
    assert not list(engine.differences(given, engine.launched()))


def test_another_value_and_a_strange_argument_are_named() -> None:
    """A file cannot drift away unseen."""
    ours = {"--max-num-seqs": "8"}
    given = {"a.yaml": ["--max-num-seqs=16", "--enforce-eager", "--model=x", "--host", "0.0.0.0"]}  # noqa: S104
    told = list(engine.differences(given, ours))
    assert len(told) == 2
    assert "--max-num-seqs is 16" in told[0]
    assert "--enforce-eager" in told[1]


def test_arguments_are_read_however_they_are_joined() -> None:
    """With a sign, with a space, and without a value."""
    words = ["--a=1", "--b", "2", "--c", "--d"]
    assert list(engine.pairs(words)) == [("--a", "1"), ("--b", "2"), ("--c", ""), ("--d", "")]
