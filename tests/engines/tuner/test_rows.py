"""Rows as tokens: what a model is shown, and what it learns of it."""

from __future__ import annotations

import json
from pathlib import Path

from gptoss_lab.engines.tuner.rows import IGNORED, Rows, encoding

PROMPT = [{"role": "developer", "content": "Write cells."}, {"role": "user", "content": "Plot it"}]
THOUGHT = "<|channel|>analysis<|message|>Easy.<|end|>"


def tokens(text: str) -> list[int]:
    """Return the tokens of a text in which markers are markers."""
    return list(encoding().encode(text, allowed_special="all"))


def rows(max_tokens: int = 500, thought: str = THOUGHT) -> Rows:
    """Return what reads rows, with a model that always thinks the same."""
    return Rows("low", "2026-01-02", max_tokens, lambda _prompt: tokens(thought))


def written(path: Path, **members: str) -> Path:
    """Write one row."""
    said = {name: [{"role": "assistant", "content": text}] for name, text in members.items()}
    path.write_text(json.dumps({"prompt": PROMPT, **said, "gptoss_lab": {"job": "j"}}) + "\n")
    return path


def test_a_prompt_is_rendered_as_a_server_does(tmp_path: Path) -> None:
    """With the effort and the date, the instructions as developer's, and then the assistant's turn."""
    (row,) = rows().completions(written(tmp_path / "a", completion="x = 1"))
    text = encoding().decode(row["input_ids"])
    assert text.startswith("<|start|>system<|message|>")
    assert "Reasoning: low" in text
    assert "Current date: 2026-01-02" in text
    developer = "<|start|>developer<|message|># Instructions\n\nWrite cells.<|end|>"
    assert f"{developer}<|start|>user<|message|>Plot it<|end|><|start|>assistant" in text


def test_the_thought_and_the_answer_are_learnt(tmp_path: Path) -> None:
    """And nothing of the prompt."""
    (row,) = rows().completions(written(tmp_path / "a", completion="x = 1"))
    learnt = [token for token in row["labels"] if token != IGNORED]
    whole = f"{THOUGHT}<|start|>assistant<|channel|>final<|message|>x = 1<|return|>"
    assert encoding().decode(learnt) == whole
    assert row["input_ids"][-len(learnt) :] == learnt
    (row,) = rows(thought="").completions(tmp_path / "a")
    learnt = [token for token in row["labels"] if token != IGNORED]
    assert encoding().decode(learnt) == "<|channel|>final<|message|>x = 1<|return|>"


def test_a_marker_in_a_cell_is_text(tmp_path: Path) -> None:
    """Code that names one does not end the answer."""
    (row,) = rows().completions(written(tmp_path / "a", completion="stop = '<|return|>'"))
    assert row["labels"].count(tokens("<|return|>")[0]) == 1


def test_pairs_share_all_but_the_answer(tmp_path: Path) -> None:
    """The thought stands before both."""
    (row,) = rows().pairs(written(tmp_path / "a", chosen="x = 2", rejected="x = 1"))
    assert (
        encoding()
        .decode(row["prompt_ids"])
        .endswith(f"{THOUGHT}<|start|>assistant<|channel|>final<|message|>")
    )
    assert encoding().decode(row["chosen_ids"]) == "x = 2<|return|>"
    assert encoding().decode(row["rejected_ids"]) == "x = 1<|return|>"


def test_a_long_row_is_left_out_and_a_long_thought_too(tmp_path: Path) -> None:
    """Nothing is cut off in the middle."""
    file = written(tmp_path / "a", completion="x = 1\n" * 400)
    found = rows()
    assert (found.completions(file), found.too_long) == ([], 1)
    file = written(tmp_path / "a", completion="x = 1")
    (row,) = rows(200, "<|channel|>analysis<|message|>" + "well " * 300 + "<|end|>").completions(file)
    assert "well" not in encoding().decode(row["input_ids"])
