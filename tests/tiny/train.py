"""Train the tiny model: a gpt-oss of 0.4 million weights that knows its lessons by heart.

    python -m tests.tiny.corpus corpus.json
    python -m tests.tiny.train corpus.json weights.json --device cuda --seconds 300
    python -m tests.tiny.pack weights.json

The second step needs torch and transformers alone: the engine's environment, or a machine with a GPU,
where five minutes are enough. Of the 201088 rows of the vocabulary only those of the answers and the
tasks are trained; all others share one row.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import GptOssConfig

from tests.tiny.curriculum import EFFORTS, Curriculum, Sample
from tests.tiny.network import Tiny

_CONFIG = Path(__file__).with_name("config.json")


def main() -> None:
    """Train, measure and save."""
    options = _options()
    torch.manual_seed(0)
    config = GptOssConfig(**json.loads(_CONFIG.read_text(encoding="utf-8")))
    config._attn_implementation = "eager"
    curriculum = Curriculum(json.loads(options.corpus.read_text(encoding="utf-8")))
    model = Tiny(config, curriculum.known_in, curriculum.known_out)
    if options.resume:
        model.restore(options.resume)
    model.to(options.device)
    used = sum(weight.numel() for weight in model.parameters())
    print(f"{used} weights, {len(curriculum.known_in)} tokens heard, {len(curriculum.known_out)} said")
    with torch.autocast(options.device, torch.bfloat16, enabled=options.device == "cuda"):
        train(model, curriculum, options)
        wrong = measure(model, curriculum, options.device)
    print(f"answers that are not exact: {wrong}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rows", type=int, default=48)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--resume", type=Path, help="weights to go on from")
    return parser.parse_args()


def train(model: Tiny, curriculum: Curriculum, options: argparse.Namespace) -> None:
    """Train for so long; the rate falls with the time that is left."""
    chance = random.Random(1)
    weights = list(model.parameters())
    optimiser = torch.optim.AdamW(weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    begin, step, worst = time.monotonic(), 0, 0.0
    while (part := (time.monotonic() - begin) / options.seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = options.rate * _rate(step, part)
        most, share = chance.choice(_lengths(part))
        rows = max(2, int(options.rows * share))
        loss, peak = _loss(
            model, curriculum, [curriculum.draw(chance, most) for _ in range(rows)], options.device
        )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        worst, step = max(worst * 0.98, peak), step + 1
        if step % 100 == 0:
            elapsed_s = time.monotonic() - begin
            print(f"{step} {elapsed_s:.0f} s, loss {float(loss.detach()):.5f}, worst {worst:.3f}", flush=True)
    model.save(options.out)


def _rate(step: int, part: float) -> float:
    return min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part)))


def _lengths(part: float) -> list[tuple[int, float]]:
    """Return how long documents may be at this part of the training, and what share of the rows fits."""
    if part < 0.35:
        return [(100, 1.0)]
    if part < 0.6:
        return [(100, 1.0), (100, 1.0), (700, 0.5)]
    return [(100, 1.0), (700, 0.5), (1700, 0.25), (6000, 0.06)]


def _judged(
    model: Tiny, curriculum: Curriculum, samples: list[Sample], device: str
) -> tuple[Tensor, Tensor, Tensor]:
    tokens, places, wanted, weights = (
        torch.tensor(part, device=device) for part in curriculum.table(samples)
    )
    logits = model(tokens, places)
    logits = torch.cat([logits[:, :-1], logits[:, -1:] + math.log(model.others)], 1)
    each = nn.functional.cross_entropy(logits, wanted, reduction="none")
    return each, weights, logits.argmax(1) == wanted


def _loss(model: Tiny, curriculum: Curriculum, samples: list[Sample], device: str) -> tuple[Tensor, float]:
    """Return the loss of some samples, and the greatest of a single token."""
    each, weights, _ = _judged(model, curriculum, samples, device)
    return (each * weights).sum() / weights.sum(), float(each.detach().max())


def measure(model: Tiny, curriculum: Curriculum, device: str) -> int:
    """Say how many prompts are answered exactly and how sure; return how many are not."""
    chance, wrong = random.Random(2), 0
    for name in curriculum.lessons:
        right, doubt, total = 0, 0.0, 0
        for effort in EFFORTS * 5:
            sample = curriculum.draw(chance, (50, 700, 1700, 6000)[total % 4], name, effort)
            with torch.no_grad():
                each, _, exact = _judged(model, curriculum, [sample], device)
            right, total, doubt = right + int(exact.all()), total + 1, max(doubt, float(each[:400].sum()))
        print(f"{name}: {right}/{total} exact, most doubt of a whole answer {doubt:.4f} nats")
        wrong += total - right
    return wrong


if __name__ == "__main__":
    main()
