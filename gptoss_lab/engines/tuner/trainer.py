"""TRL's trainers, told to take rows as they are and to say how far they have come."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Protocol

import datasets
import torch
import transformers
from peft import LoraConfig
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from gptoss_lab.engines.tuner.report import say
from gptoss_lab.engines.tuner.rows import IGNORED
from gptoss_lab.engines.tuner.setting import Setting

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
KEPT_CHECKPOINTS = 2


class Stops(Protocol):
    """Knows whether someone asked to stop."""

    asked: bool


class Reporter(transformers.TrainerCallback):  # type: ignore[misc]
    """Says each step's loss, and ends the training with a checkpoint when it was asked to."""

    def __init__(self, stop: Stops) -> None:
        self._stop = stop
        self._began = time.monotonic()

    def on_step_end(self, _args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Stop where that was asked."""
        if self._stop.asked and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = True
        return control

    def on_log(
        self, _args: Any, state: Any, _control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        """Say what was measured."""
        logs = logs or {}
        names = {"loss": "loss", "eval_loss": "validation_loss", "rewards/accuracies": "preferred"}
        facts = {ours: float(logs[theirs]) for theirs, ours in names.items() if theirs in logs}
        if facts:
            say(
                "step",
                step=state.global_step,
                steps=state.max_steps,
                elapsed_s=round(time.monotonic() - self._began, 1),
                **facts,
            )

    def on_save(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Say that one may go on from here."""
        say("checkpoint", step=state.global_step)


class _OnProcessor(SFTTrainer):  # type: ignore[misc]
    """Scores the vocabulary of 200 thousand for answers alone; on a GPU, TRL's own kernel does better."""

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        labels = inputs["labels"]
        learnt = (labels != IGNORED).any(0).nonzero()
        kept = labels.shape[1] - int(learnt[0]) + 1 if len(learnt) else 1
        outputs = model(
            input_ids=inputs["input_ids"], attention_mask=inputs.get("attention_mask"), logits_to_keep=kept
        )
        wanted = labels[:, -kept:][:, 1:]
        scores = outputs.logits[:, :-1].float()
        loss = torch.nn.functional.cross_entropy(
            scores.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED, reduction="sum"
        )
        loss = loss / (
            num_items_in_batch if num_items_in_batch is not None else (wanted != IGNORED).sum().clamp(min=1)
        )
        return (loss, outputs) if return_outputs else loss


class _Pairs(DPOTrainer):  # type: ignore[misc]
    """Takes pairs that are tokens already."""

    def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
        return dataset


def make_trainer(model: Any, train: list[Any], validation: list[Any], setting: Setting, stop: Stops) -> Any:
    """Return a trainer of a small adapter on the attention of each layer.

    The experts stay as they are: their weights are most of the model, and an adapter on the attention is
    what vLLM serves on every device.

    Args:
        model: The base model.
        train: Rows as `Rows` gives them.
        validation: The same; may be empty.
        setting: How to tune.
        stop: Asked after each step.
    """
    adapter = LoraConfig(
        r=setting.rank,
        lora_alpha=setting.alpha,
        lora_dropout=setting.dropout,
        target_modules=list(ATTENTION),
        bias="none",
        task_type="CAUSAL_LM",
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(setting.weights, local_files_only=True)
    given: dict[str, Any] = {
        "model": model,
        "args": _arguments(setting, bool(validation)),
        "train_dataset": datasets.Dataset.from_list(train),
        "eval_dataset": datasets.Dataset.from_list(validation) if validation else None,
        "processing_class": tokenizer,
        "callbacks": [Reporter(stop)],
        "peft_config": adapter,
    }
    plain = _OnProcessor if setting.device == "cpu" else SFTTrainer
    trainer = (_Pairs if setting.method == "dpo" else plain)(**given)
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.remove_callback(transformers.trainer_callback.ProgressCallback)
    return trainer


def _arguments(setting: Setting, validates: bool) -> Any:
    common: dict[str, Any] = {
        "output_dir": str(Path(setting.run) / "checkpoints"),
        "num_train_epochs": setting.epochs,
        "max_steps": setting.max_steps,
        "learning_rate": setting.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.03,
        "per_device_train_batch_size": setting.batch_rows,
        "per_device_eval_batch_size": setting.batch_rows,
        "gradient_accumulation_steps": setting.accumulate,
        "gradient_checkpointing": setting.device != "cpu",
        "bf16": setting.device != "cpu",
        "use_cpu": setting.device == "cpu",
        "logging_steps": 1,
        "save_strategy": "steps",
        "save_steps": setting.save_every_steps,
        "save_total_limit": KEPT_CHECKPOINTS,
        "eval_strategy": "epoch" if validates else "no",
        "report_to": "none",
        "disable_tqdm": True,
        "seed": setting.seed,
        "data_seed": setting.seed,
        "max_length": None,
        # gpt-oss asks for 0.9 of a loss that spreads work over the experts. They and their router
        # stay as they are: it would only bend the attention.
        "router_aux_loss_coef": 0.0,
        "dataloader_pin_memory": setting.device != "cpu",
    }
    if setting.method == "dpo":
        return DPOConfig(beta=setting.beta, **common)
    return SFTConfig(packing=False, **common)
