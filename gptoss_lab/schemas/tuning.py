"""Tuning of a model on what was reviewed: what it needs, how far it is, and what came of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Effort, Wire

Method = Literal["sft", "dpo"]


class LossPoint(Wire):
    """What was measured at a step; None where it was not."""

    step: int = Field(ge=0)
    loss: float | None = None
    validation_loss: float | None = None


class TuneAsk(Wire):
    """How to tune.

    Attributes:
        method: "sft" learns from what was kept, "dpo" from pairs of chosen and rejected.
        steps: The most steps; None is as many as the epochs take.
        rank: Of the matrices of the adapter: more learn more, and take more room.
        max_tokens: Longer rows are left out.
        thought_tokens: The longest thought of the base model that is put before an answer; 0 for none.
    """

    method: Method = "sft"
    epochs: float = Field(default=1.0, gt=0, le=1000)
    steps: int | None = Field(default=None, ge=1)
    learning_rate: float = Field(default=2e-4, gt=0, le=1)
    batch_rows: int = Field(default=1, ge=1, le=256)
    accumulate: int = Field(default=8, ge=1, le=1024)
    rank: int = Field(default=16, ge=1, le=256)
    max_tokens: int = Field(default=2048, ge=64, le=131_072)
    thought_tokens: int = Field(default=256, ge=0, le=16_384)
    save_every_steps: int = Field(default=50, ge=1)
    effort: Effort = "low"
    seed: int = 0


class AdapterInfo(Wire):
    """A version of a model.

    Attributes:
        sha256: Of its content.
        base: The repository or folder of the model that it was made for.
        base_revision: The commit of that repository.
        base_fingerprint: Tells that model from every other.
        dataset_sha256: As the report of the dataset says.
        rows: How many rows it has learnt from.
        seconds: How long the training took.
        curve: The losses.
        versions: Of the libraries that made it.
    """

    version: str = ""
    sha256: str = ""
    created_at: str
    base: str
    base_revision: str = ""
    base_fingerprint: str
    dataset: str
    dataset_sha256: str
    ask: TuneAsk
    rows: int = 0
    steps: int = 0
    seconds: float = 0.0
    curve: tuple[LossPoint, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)

    @property
    def losses(self) -> tuple[float | None, float | None]:
        """The first loss and the last one."""
        found = [point.loss for point in self.curve if point.loss is not None]
        return (found[0], found[-1]) if found else (None, None)


class TuneNeed(Wire):
    """What a run takes of this machine, and what there is. An estimate: rows differ.

    Attributes:
        device: "cuda" or "cpu".
        reasons: Why it does not fit; empty where it does.
    """

    device: Literal["cuda", "cpu"]
    memory_bytes: int
    memory_free_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    reasons: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether it may be tried."""
        return not self.reasons
