"""Make the folder of the tiny model: a gpt-oss that real engines serve on a CPU.

python -m tests.tiny.build FOLDER
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from tests.tiny.pack import FILE, unpack
from tests.tiny.tokenizer import write_tokenizer

_HERE = Path(__file__).resolve().parent
_CONFIG = _HERE / "config.json"
_SOURCES = (FILE, _CONFIG, _HERE / "pack.py", _HERE / "tokenizer.py", _HERE / "build.py")
_GENERATION = {
    "bos_token_id": 199_998,
    "do_sample": True,
    "eos_token_id": [200_002, 199_999, 200_012],
    "pad_token_id": 199_999,
}


def tiny_model(folder: Path) -> Path:
    """Return the model's folder below `folder`; make it where this content is not there yet.

    It is named after the content, so that a change of the weights makes a new one, and it appears
    whole or not at all. It takes 110 MB and some seconds.
    """
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in _SOURCES))
    digest.update(version("oss-harmony").encode())
    place = folder / "tiny-gpt-oss" / digest.hexdigest()[:16]
    if place.is_dir():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=place.parent, prefix=".draft-"))
    try:
        _write(draft)
        draft.rename(place)
    except OSError:
        if not place.is_dir():  # else another run was faster
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return place


def _write(folder: Path) -> None:
    config = json.loads(_CONFIG.read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    (folder / "generation_config.json").write_text(json.dumps(_GENERATION, indent=2), encoding="utf-8")
    unpack(FILE, folder / "model.safetensors", config["vocab_size"])
    write_tokenizer(folder)


def shared_folder() -> Path:
    """Return where tests keep what takes long to make."""
    default = _HERE.parent.parent / ".local" / "test-data"
    return Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or default)


if __name__ == "__main__":
    print(tiny_model(Path(sys.argv[1]) if len(sys.argv) > 1 else shared_folder()))
