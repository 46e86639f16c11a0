"""How long the last start took."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gptoss_lab.engines.launch import EngineSetting
from gptoss_lab.engines.start_history import MAX_KEPT, StartHistory, start_key

SETTING = EngineSetting(Path("/python"), Path("/weights"), "gpt-oss-20b")


async def test_what_was_saved_is_known_to_another(tmp_path: Path) -> None:
    """The folder is made with it."""
    await StartHistory(tmp_path / "new").save("a", {"starting": 1.23456, "loading_weights": 20})
    assert await StartHistory(tmp_path / "new").load("a") == {"starting": 1.235, "loading_weights": 20}
    assert await StartHistory(tmp_path / "new").load("b") == {}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["start-a.json"]


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[1]", '"x"', "[" * 9000, "\xff\x00", "9" * 9000),
        *('{"starting": true}', '{"starting": NaN}', '{"starting": 1e999}'),
        '{"starting": "long", "nophase": 1, "warming": -1}',
    ],
)
async def test_a_file_of_something_else_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    """And the next start writes a good one over it."""
    (tmp_path / "start-a.json").write_text(content, encoding="latin-1")
    history = StartHistory(tmp_path)
    assert await history.load("a") == {}
    await history.save("a", {"starting": 2})
    assert await history.load("a") == {"starting": 2}


async def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    """A file in its place is the same to a root user as a full disk."""
    (tmp_path / "file").touch()
    history = StartHistory(tmp_path / "file" / "starts")
    await history.save("a", {"starting": 2})
    assert await history.load("a") == {}


async def test_old_ones_are_forgotten(tmp_path: Path) -> None:
    """A folder never grows without end."""
    history = StartHistory(tmp_path)
    for number in range(MAX_KEPT + 3):
        await history.save(f"{number}", {"starting": 1})
    kept = await asyncio.to_thread(lambda: list(tmp_path.glob("*.json")))
    assert len(kept) == MAX_KEPT


def test_the_key_is_that_of_starts_that_take_as_long() -> None:
    """The name and the timeouts change nothing, the weights and the flags do."""
    key = start_key("vllm", SETTING)
    assert key == start_key("vllm", replace(SETTING, served_name="other", start_timeout_s=1))
    others = [
        start_key("transformers", SETTING),
        start_key("vllm", replace(SETTING, weights=Path("/other"))),
        start_key("vllm", replace(SETTING, eager=True)),
        start_key("vllm", replace(SETTING, speculative={"method": "ngram", "num_speculative_tokens": 8})),
    ]
    assert len({key, *others}) == 5
