"""What runs inside a sandbox: the standard library only, sent as text so that it matches the server.

`boot` starts the kernel and kills it when the server goes away; `mux` carries its connections;
`files` serves the working folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

PACKAGE = "gptoss_lab.sandbox.agent"
IRKERNEL_MAIN = "IRkernel::main()"


@cache
def boot_source() -> str:
    """Return the program for `python3 -I -S -c` that starts the kernel."""
    return _program("mux", "files", "boot")


@cache
def mux_source() -> str:
    """Return the program for `python3 -I -S -c` that only carries connections."""
    return _program("mux")


def kernel_argv(argv: Sequence[str]) -> list[str]:
    """Return a kernelspec's command with IRkernel's main loop started in our way."""
    return [r_main_source() if word == IRKERNEL_MAIN else word for word in argv]


@cache
def r_main_source() -> str:
    """Return the R program that starts IRkernel so that interrupts cannot end it."""
    text = resources.files(PACKAGE).joinpath("main.R").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _program(*names: str) -> str:
    """Join modules of this package into one program that runs the last one's `main`."""
    lines = ["import sys, types"]
    for name in names:
        text = resources.files(PACKAGE).joinpath(f"{name}.py").read_text(encoding="utf-8")
        lines += [
            f"m = sys.modules['{PACKAGE}.{name}'] = types.ModuleType('{PACKAGE}.{name}')",
            f"exec(compile({text!r}, '<sandbox {name}>', 'exec'), m.__dict__)",
        ]
    return "\n".join([*lines, "m.main()", ""])
