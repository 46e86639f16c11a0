"""`jupyter gptoss model plan`."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from gptoss_lab.cli.model_services import look_and_plan
from gptoss_lab.cli.screen import write_json
from gptoss_lab.cli.session import run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.schemas.model import Hardware, ModelPlan, Option

WIDTH = 80
GIB = 1 << 30


def plan(*, as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False) -> None:
    """Say what fits this machine, what does not, and why; nothing is started or downloaded."""

    async def verb() -> int:
        made = await look_and_plan(load_settings().model)
        if as_json:
            write_json(made.model_dump_json())
        else:
            typer.echo(plan_text(made))
        return 0

    run(verb)


def plan_text(made: ModelPlan) -> str:
    """Return a plan as it reads in 80 columns."""
    lines = [*_wrapped(made.summary), "", *hardware_lines(made.hardware)]
    for place, option in enumerate(made.options):
        lines += ["", *option_lines(option, is_chosen=place == made.chosen)]
    return "\n".join(lines)


def hardware_lines(hardware: Hardware) -> list[str]:
    """Return what the machine has, in a few lines."""
    features = [name for name in hardware.cpu_features if name in {"avx2", "avx512f", "amx_tile", "neon"}]
    kind = f" ({', '.join(features)})" if features else ""
    free = f"{hardware.available_bytes / GIB:.1f} of {hardware.memory_bytes / GIB:.1f} GiB free"
    lines = [
        f"This machine: {hardware.system} {hardware.machine}",
        f"  processor  {hardware.cpu or 'unknown'}, {hardware.cores} cores{kind}",
        f"  memory     {free}",
        f"  disk       {hardware.disk_free_bytes / 1e9:.1f} GB free",
    ]
    for gpu in hardware.gpus:
        room = f"{gpu.free_bytes / GIB:.1f} of {gpu.total_bytes / GIB:.1f} GiB free"
        lines.append(f"  GPU {gpu.index}      {gpu.name}, {room}")
    for words in hardware.missing:
        lines += _wrapped(words, "  note       ")
    return lines


def option_lines(option: Option, *, is_chosen: bool) -> list[str]:
    """Return one way to serve the model: whether it fits, why, and what to do."""
    mark = "=>" if is_chosen else "ok" if option.fits else "no"
    lines = [f"{mark}  {option.title}"]
    for words in (*option.reasons, option.speed, option.hint):
        if words:
            lines += _wrapped(words, "      ")
    if option.fits and option.disk_bytes:
        lines.append(f"      On the disk the weights take {option.disk_bytes / 1e9:.1f} GB.")
    if option.install:
        lines.append(f"      Run: {option.install}")
    return lines


def _wrapped(words: str, first: str = "") -> list[str]:
    indent = " " * len(first)
    return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
