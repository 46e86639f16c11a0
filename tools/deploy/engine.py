"""The arguments for vLLM, read by vLLM's own parser and compared with those of our own launcher."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.engines.vllm import VllmLauncher
from tools.engine import engine_python, missing

PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
parser = make_arg_parser(FlexibleArgumentParser())
for name, words in json.load(sys.stdin).items():
    try:
        parser.parse_args(["--model=m", *words])
    except SystemExit:
        print(f"{name}: vLLM refuses its arguments")
"""
WINDOW_TOKENS = 32_768
GPU_SHARE = 0.85
OWN = frozenset({"--model", "--revision", "--host", "--uds", "--served-model-name"})
"""Where and under which name a server answers, which each place decides by itself."""


def launched() -> dict[str, str]:
    """Return what our launcher gives the engine of one GPU with this window."""
    with tempfile.TemporaryDirectory() as name:
        weights = Path(name)
        (weights / "config.json").touch()
        setting = EngineSetting(
            python=Path(sys.executable),
            weights=weights,
            served_name="m",
            device="cuda",
            max_model_len=WINDOW_TOKENS,
            gpu_memory_utilization=GPU_SHARE,
        )
        argv = VllmLauncher().command(setting, Endpoint(weights / "s", "m")).argv
    return dict(pairs(argv[3:]))


def pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield arguments with their values, however they are joined."""
    rest = list(words)
    while rest:
        name, joined, value = rest.pop(0).partition("=")
        if not joined and rest and not rest[0].startswith("--"):
            value = rest.pop(0)
        yield name, value


def differences(given: Mapping[str, Sequence[str]], ours: Mapping[str, str]) -> Iterator[str]:
    """Yield where a file gives another value than our launcher, or an argument that it never gives."""
    for file, words in given.items():
        for name, value in pairs(words):
            if name in OWN:
                continue
            if name not in ours:
                yield f"{file}: {name} is none that our own launcher gives"
            elif value != ours[name]:
                yield f"{file}: {name} is {value}; our own launcher gives {ours[name]}"


def refusals(given: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the files whose arguments vLLM's parser refuses; say so where there is no vLLM."""
    reason = missing()
    if reason:
        print(f"deploy: vLLM's parser was not asked: {reason}")
        return
    done = subprocess.run(
        [engine_python(), "-c", PARSE], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    if done.returncode:
        yield f"vLLM's parser does not run: {done.stderr[-600:]}"
    yield from (f"{line}: {done.stderr[-600:]}" for line in done.stdout.splitlines() if "refuses" in line)
