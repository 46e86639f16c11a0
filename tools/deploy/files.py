"""What the files of `deploy/` say: read once, for every check."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"

Values = Mapping[str, Any]


def load(name: str) -> Values:
    """Read a YAML file."""
    found: Values = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return found


def engine_flags() -> dict[str, list[str]]:
    """Return, by file, the arguments that each gives to vLLM."""
    engine = load("compose/compose.yaml")["services"]["vllm"]
    given = [re.sub(r"\$\{\w+:\?[^}]*\}", "main", word) for word in engine["command"]]
    (spec,) = load("production-stack/values.yaml")["servingEngineSpec"]["modelSpec"]
    stack = [f"--max-model-len={spec['vllmConfig']['maxModelLen']}", *spec["vllmConfig"]["extraArgs"]]
    (ray,) = load("ray/serve.yaml")["applications"][0]["args"]["llm_configs"]
    served = [f"--{name.replace('_', '-')}={value}" for name, value in ray["engine_kwargs"].items()]
    return {"compose/compose.yaml": given, "production-stack/values.yaml": stack, "ray/serve.yaml": served}


def configurations() -> Iterator[tuple[str, Values]]:
    """Yield, by file, what each sets of ours: sections of `GptossLabApp`."""
    name = "compose/jupyter_server_config.json"
    yield name, json.loads((DEPLOY / name).read_text(encoding="utf-8"))["GptossLabApp"]
    hub = load("jupyterhub/values.yaml")["singleuser"]["extraFiles"]
    for entry in hub.values():
        yield "jupyterhub/values.yaml", entry["data"]["GptossLabApp"]
    name = "gateway/jupyter_server_config.py"
    ours = SimpleNamespace()
    runpy.run_path(str(DEPLOY / name), {"get_config": lambda: SimpleNamespace(GptossLabApp=ours)})
    yield name, vars(ours)
