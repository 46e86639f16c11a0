"""What is said of the packages that cells lack, and the command that adds them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.review import PackageNeed


def need_lines(cells: Sequence[GeneratedCell]) -> list[str]:
    """Return what to say of the packages that the cells lack; nothing where they lack none."""
    from gptoss_lab.services.needs import needs_of  # noqa: PLC0415 - `--help` must not wait for it

    needs = needs_of(cells)
    offered = [need for need in needs if need.addable]
    lines = [
        f"The cells need {need.name}, which the sandbox lacks; it is not offered to be added. {need.reason}"
        for need in needs
        if not need.addable
    ]
    if offered:
        names = ", ".join(need.name for need in offered)
        lines.append(f"The cells need {names}, which the sandbox lacks. To add and run the cells again:")
        lines.append(f"  {command(offered)}")
        lines.append("  or the same command as now with --add-packages")
    return lines


def command(needs: Sequence[PackageNeed]) -> str:
    """Return the command that adds the packages."""
    language = ["--language", "r"] if needs[0].language == "r" else []
    return shlex.join(["jupyter", "gptoss", "sandbox", "add", *language, *(need.name for need in needs)])
