"""What tuning says of itself."""

from __future__ import annotations

from gptoss_lab.schemas.tuning import AdapterInfo, LossPoint, TuneAsk


def test_the_first_and_the_last_loss_are_found() -> None:
    """None where nothing was measured."""
    info = AdapterInfo(
        created_at="", base="b", base_fingerprint="", dataset="", dataset_sha256="", ask=TuneAsk()
    )
    assert info.losses == (None, None)
    points = (LossPoint(step=0, validation_loss=9), LossPoint(step=1, loss=3), LossPoint(step=2, loss=1))
    assert info.model_copy(update={"curve": points}).losses == (3, 1)
