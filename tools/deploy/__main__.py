"""Hold each file of `deploy/` against the tool that will read it.

    python -m tools.deploy

Compose reads compose.yaml, promtool the scrape, vLLM's own parser the arguments, Ray's own models what is for
Ray, systemd the unit, our own configuration what is ours; yamllint all YAML. The schemas of the charts are in
no registry that tests may use: values for them are held against the facts in `tools/deploy/charts.py`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from gptoss_lab.schemas.config import ExecutionConfig, ModelConfig, SandboxConfig
from tools.deploy import charts, compose, containerfile, engine, files, scrape, serve_llm
from tools.release.toolbox import toolbox

SECTIONS: Mapping[str, type[BaseModel]] = {
    "model": ModelConfig,
    "sandbox": SandboxConfig,
    "execution": ExecutionConfig,
}
RULES = "document-start: disable, comments: disable, line-length: {max: 160}, braces: {max-spaces-inside: 1}"
LINT = f"{{extends: default, rules: {{{RULES}}}}}"
UNIT = "gateway/gptoss-gateway.service"
INSTALLED = "/opt/gptoss/bin/jupyter-gptoss"


def main() -> int:
    """Check all; return the exit status."""
    flags = files.engine_flags()
    problems = [
        *yaml_problems(),
        *configuration_problems(),
        *charts.problems("jupyterhub", files.load("jupyterhub/values.yaml"), charts.JUPYTERHUB),
        *charts.problems(
            "production-stack", files.load("production-stack/values.yaml"), charts.PRODUCTION_STACK
        ),
        *engine.differences(flags, engine.launched()),
        *containerfile.problems((files.DEPLOY / "Containerfile").read_text(encoding="utf-8"), files.ROOT),
        *unit_problems(),
        *compose.problems(),
        *scrape.problems(),
        *engine.refusals(flags),
        *serve_llm.problems(files.DEPLOY / "ray" / "serve.yaml"),
    ]
    for problem in problems:
        print(f"deploy: {problem}")
    print(f"deploy: {len(problems)} problems" if problems else "deploy: each tool takes its file")
    return 1 if problems else 0


def yaml_problems() -> Iterator[str]:
    """Yield what yamllint says."""
    options = ("--strict", "--format", "parsable", "-d", LINT)
    command = [str(toolbox() / "yamllint"), *options, str(files.DEPLOY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    yield from done.stdout.splitlines()


def configuration_problems() -> Iterator[str]:
    """Yield what our own configuration refuses."""
    for name, sections in files.configurations():
        for section, values in sections.items():
            yield from (f"{name}: {section}: {fault}" for fault in _faults(section, values))


def unit_problems() -> Iterator[str]:
    """Yield what systemd says of the unit; say so where there is none."""
    if shutil.which("systemd-analyze") is None:
        print("deploy: systemd was not asked: systemd-analyze is not here")
        return
    text = (files.DEPLOY / UNIT).read_text(encoding="utf-8")
    if INSTALLED not in text:
        yield f"{UNIT} does not start {INSTALLED}"
    with tempfile.TemporaryDirectory() as name:
        # The program is not installed there on this machine.
        copy = Path(name) / Path(UNIT).name
        copy.write_text(text.replace(INSTALLED, str(Path(sys.executable).with_name("jupyter-gptoss"))))
        command = ["systemd-analyze", "verify", "--man=no", str(copy)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if copy.name in line]
    yield from (f"{UNIT}: {line}" for line in ours)


def _faults(section: str, values: object) -> Iterator[str]:
    try:
        SECTIONS[section].model_validate(values)
    except (KeyError, ValidationError) as error:
        yield str(error)


if __name__ == "__main__":
    raise SystemExit(main())
