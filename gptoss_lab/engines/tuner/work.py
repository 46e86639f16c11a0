"""One run of tuning: load, prepare, train, save."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

# The versions are said, and what is missing is told, before anything heavy is loaded.
from gptoss_lab.engines.tuner.report import say, say_fault, where
from gptoss_lab.engines.tuner.setting import Setting, read_setting

DONE, FAILED, STOPPED = 0, 1, 3
ADAPTER = "adapter"
CHECKPOINTS = "checkpoints"


class UnfitError(Exception):
    """It cannot be tuned like this; `code` is a word for the one who started it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def run(file: Path) -> int:
    """Tune as a file says; return the exit status: 0 done, 1 failed, 3 stopped with a checkpoint.

    Args:
        file: See `Setting`.
    """
    setting = read_setting(file)
    try:
        return _work(setting)
    except UnfitError as error:
        say_fault(error.code, str(error))
    except ModuleNotFoundError as error:
        say_fault("environment", f"The tuner's environment lacks {error.name}")
    except MemoryError:
        say_fault("memory", "The memory of this machine is not enough")
    except Exception as error:  # noqa: BLE001 - its words may quote a row of the dataset, so only its kind is told
        told = "torch.OutOfMemoryError" if type(error).__name__ == "OutOfMemoryError" else where(error)
        code = "memory" if "OutOfMemory" in told else "crashed"
        say_fault(code, "The memory of the GPU is not enough" if code == "memory" else told)
    return FAILED


def _work(setting: Setting) -> int:
    say("phase", name="loading_libraries")
    import peft  # noqa: PLC0415 - seconds, and the person is told before
    import torch  # noqa: PLC0415
    import transformers  # noqa: PLC0415
    import trl  # noqa: PLC0415

    versions = {module.__name__: str(module.__version__) for module in (torch, transformers, peft, trl)}
    say("versions", **versions)
    from gptoss_lab.engines.tuner.loading import load_base  # noqa: PLC0415
    from gptoss_lab.engines.tuner.trainer import make_trainer  # noqa: PLC0415

    transformers.set_seed(setting.seed)
    say("phase", name="loading_weights")
    model = load_base(setting)
    stop = _Stop()
    train, validation = _read(setting, model)
    if stop.asked:
        say("stopped", step=0)
        return STOPPED
    trainer = make_trainer(model, train, validation, setting, stop)
    return _train(trainer, setting, stop)


def _read(setting: Setting, model: Any) -> tuple[list[Any], list[Any]]:
    """Return the rows of both files as tokens.

    Raises:
        UnfitError: None is left.
    """
    from gptoss_lab.engines.tuner.rows import Rows  # noqa: PLC0415
    from gptoss_lab.engines.tuner.thoughts import Thoughts  # noqa: PLC0415

    say("phase", name="reading_dataset")
    rows = Rows(setting.effort, setting.date, setting.max_tokens, Thoughts(model, setting.thought_tokens))
    read = rows.pairs if setting.method == "dpo" else rows.completions
    train = read(Path(setting.train))
    validation = read(Path(setting.validation)) if setting.validation else []
    say("dataset", rows=len(train), validation_rows=len(validation), too_long=rows.too_long)
    if not train:
        raise UnfitError("dataset", f"No row has at most {setting.max_tokens} tokens")
    return train, validation


def _train(trainer: Any, setting: Setting, stop: _Stop) -> int:
    say("phase", name="training")
    checkpoint = last_checkpoint(Path(setting.run) / CHECKPOINTS) if setting.resume else None
    if checkpoint:
        say("resumed", checkpoint=checkpoint.name)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if stop.asked and trainer.state.global_step < trainer.state.max_steps:
        say("stopped", step=trainer.state.global_step)
        return STOPPED
    say("phase", name="saving")
    trainer.model.save_pretrained(str(Path(setting.run) / ADAPTER))
    say("done", step=trainer.state.global_step)
    return DONE


class _Stop:
    """Whether someone asked to stop: the step that runs is finished, a checkpoint written."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def _note(self, *_: Any) -> None:
        self.asked = True


def last_checkpoint(folder: Path) -> Path | None:
    """Return the newest whole checkpoint: its state is written last."""
    whole = [place for place in folder.glob("checkpoint-*") if (place / "trainer_state.json").is_file()]
    return max(whole, key=lambda place: int(place.name.rpartition("-")[2]), default=None)


os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
