"""What is for Ray Serve LLM, read by Ray's own models in an environment of the tests.

Source: https://docs.ray.io/en/latest/serve/llm/quick-start.html
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.engine import missing
from tools.overlay import overlay

PACKAGES = (
    "ray==2.60.0",
    "aiohttp-cors==0.8.1",
    "colorful==0.5.8",
    "distlib==0.4.4",
    "google-api-core==2.44.0",
    "google-auth==2.63.0",
    "grpcio-reflection==1.85.1",
    "jsonref==1.1.0",
    "mmh3==5.3.1",
    "msgpack==1.2.4",
    "opencensus==0.11.4",
    "opencensus-context==0.1.3",
    "platformdirs==4.14.8",
    "proto-plus==1.29.0",
    "pyarrow==26.0.1",
    "pyasn1==0.6.5",
    "pyasn1-modules==0.4.2",
    "six==1.17.0",
    "smart-open==9.0.2",
    "virtualenv==21.15.11",
    "wrapt==2.5.2",
)
READ = """
import json, sys
import yaml
from ray.serve.llm import LLMConfig
from ray.serve.schema import ServeDeploySchema
values = yaml.safe_load(sys.stdin)
problems = []
try:
    ServeDeploySchema.model_validate(values)
    for application in values["applications"]:
        for one in application["args"]["llm_configs"]:
            LLMConfig(**one)
except Exception as error:
    problems.append(f"{type(error).__name__}: {error}")
print("SAID " + json.dumps(problems))
"""
LIMIT_S = 300


def problems(path: Path) -> Iterator[str]:
    """Yield what Ray refuses; say so where it cannot be asked."""
    if missing():
        print(f"deploy: Ray was not asked: {missing()}")
        return
    python = overlay("ray", PACKAGES)
    done = subprocess.run(
        [str(python), "-c", READ],
        input=path.read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
        env={"HOME": str(python.parent), "PATH": str(python.parent), "RAY_USAGE_STATS_ENABLED": "0"},
    )
    said = [line.removeprefix("SAID ") for line in done.stdout.splitlines() if line.startswith("SAID ")]
    if not said:
        yield f"ray/serve.yaml: Ray does not run: {done.stderr[-500:]}"
        return
    yield from (f"ray/serve.yaml: {problem}" for problem in json.loads(said[-1]))
