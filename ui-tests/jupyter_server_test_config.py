"""The Jupyter Server of the browser tests.

`GALATA_MODEL_URL` attaches a model to it; with `GALATA_ENGINE_PYTHON` it may host the tiny one.
`GALATA_SANDBOX` names the runtime of sandboxes.
"""

import os
import sys
import tempfile
from pathlib import Path

from jupyterlab.galata import configure_jupyter_server

configure_jupyter_server(c)  # noqa: F821 - traitlets gives it

# The jobs and the figures of one run are not those of the next.
c.GptossLabApp.execution = {"jobs_folder": tempfile.mkdtemp(prefix="galata-jobs-")}  # noqa: F821 - the same
c.GptossLabApp.monitor = {"folder": tempfile.mkdtemp(prefix="galata-monitor-")}  # noqa: F821 - the same

if os.environ.get("GALATA_SANDBOX"):
    c.GptossLabApp.sandbox = {"runtime": os.environ["GALATA_SANDBOX"]}  # noqa: F821 - the same

model_url = os.environ.get("GALATA_MODEL_URL", "")
engine_python = os.environ.get("GALATA_ENGINE_PYTHON", "")
if model_url:
    c.GptossLabApp.model = {"url": model_url, "name": "gpt-oss-20b"}  # noqa: F821 - the same
elif engine_python:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.tiny.build import tiny_model

    c.GptossLabApp.model = {  # noqa: F821 - the same
        "engine": "vllm",
        "engine_python": engine_python,
        "source": str(tiny_model(Path(os.environ["GPTOSS_LAB_DATA_DIR"]) / "models")),
        "name": "tiny-gpt-oss",
        "eager": True,
        "temperature": 0,
        "max_model_len": 8192,
        "max_num_seqs": 4,
        "kv_cache_bytes": 256 << 20,
        "offline": "on",
    }
