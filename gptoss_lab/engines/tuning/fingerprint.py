"""What tells a model from every other without reading all of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from gptoss_lab.errors import EngineLoadError

SAMPLES = 16
SAMPLE_BYTES = 1 << 16
_PASSING = ("_name_or_path", "transformers_version", "dtype", "torch_dtype", "use_cache")


def fingerprint(folder: Path) -> str:
    """Return a hash of a model's configuration, and of the headers and samples of its weights. Blocks.

    A tuned model differs from its base in all of its attention, so that samples find it.

    Raises:
        EngineLoadError: It cannot be read.
    """
    digest = hashlib.sha256()
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kept = {key: value for key, value in config.items() if key not in _PASSING}
        digest.update(json.dumps(kept, sort_keys=True).encode())
        for shard in sorted(folder.glob("*.safetensors")):
            _sample(shard, digest)
    except (OSError, ValueError, AttributeError) as error:
        raise EngineLoadError(
            f"The model at {folder} cannot be read: {type(error).__name__}",
            reason="corrupt_weights",
            hint="Check the folder, or have it downloaded again.",
        ) from error
    return digest.hexdigest()


def _sample(shard: Path, digest: Any) -> None:
    size = shard.stat().st_size
    digest.update(f"{shard.name}:{size}".encode())
    with shard.open("rb") as file:
        digest.update(file.read(SAMPLE_BYTES))
        for place in range(1, SAMPLES + 1):
            file.seek(max(0, (size - SAMPLE_BYTES) * place // SAMPLES))
            digest.update(file.read(SAMPLE_BYTES))
