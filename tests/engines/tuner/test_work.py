"""One run of the tuner, as far as it goes without its libraries; the rest runs with the real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptoss_lab.engines.tuner import main, merge, work
from gptoss_lab.engines.tuner.setting import Setting, read_setting


def test_the_newest_whole_checkpoint_is_gone_on_from(tmp_path: Path) -> None:
    """One that was cut off has no state yet."""
    assert work.last_checkpoint(tmp_path) is None
    for step, whole in ((9, True), (10, True), (11, False)):
        place = tmp_path / f"checkpoint-{step}"
        place.mkdir()
        if whole:
            (place / "trainer_state.json").write_text("{}")
    assert work.last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"


def test_a_setting_is_read(tmp_path: Path) -> None:
    """With the defaults of what it does not say."""
    file = tmp_path / "setting.json"
    file.write_text(json.dumps({"weights": "w", "train": "t", "validation": "", "run": "r", "rank": 4}))
    assert read_setting(file) == Setting(weights="w", train="t", validation="", run="r", rank=4)


def test_a_fault_is_told_without_the_words_of_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error's text may quote what it was about."""
    file = tmp_path / "setting.json"
    file.write_text(json.dumps({"weights": "w", "train": "t", "validation": "", "run": "r"}))

    def fail(_setting: Setting) -> int:
        raise ValueError("my secret row")

    monkeypatch.setattr(work, "_work", fail)
    assert work.run(file) == work.FAILED
    said = json.loads(capsys.readouterr().out)
    assert (said["tuner"], said["code"]) == ("failed", "crashed")
    assert said["message"].startswith("ValueError at test_work.py:")


def test_an_adapter_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Only what this version makes can be worked into weights."""
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 4, "lora_alpha": 8, "use_dora": True}))
    with pytest.raises(merge.UnfitAdapterError, match="of a kind"):
        merge._changes({}, tmp_path)
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 4, "lora_alpha": 8}))
    pair = {f"base_model.model.model.layers.0.self_attn.q_proj.lora_{side}.weight": side for side in "AB"}
    assert merge._changes(dict(pair), tmp_path) == {"model.layers.0.self_attn.q_proj.weight": ("A", "B", 2.0)}
    with pytest.raises(merge.UnfitAdapterError, match="no part of an attention"):
        merge._changes({**pair, "base_model.model.lm_head.weight": "W"}, tmp_path)


def test_only_its_own_folder_is_mounted() -> None:
    """What stands beside it here must not become importable there."""
    assert work.__package__ == main.PACKAGE
