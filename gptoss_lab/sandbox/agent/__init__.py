"""What runs inside a sandbox: the standard library only, sent as text so that it matches the server.

`boot` starts the kernel and kills it when the server goes away; `mux` carries its connections;
`files` serves the working folder; `ipython` and the R files start the kernel itself, where `guard`
refuses cells that wait for a review.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib import resources

PACKAGE = "gptoss_lab.sandbox.agent"
MAGICS = "gptoss_lab.magics"
IPYKERNEL_MAIN = ("-m", "ipykernel_launcher")
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
    """Return a kernelspec's command with the kernel's main loop started in our way."""
    words = [r_main_source() if word == IRKERNEL_MAIN else word for word in argv]
    if tuple(words[1:3]) == IPYKERNEL_MAIN:
        words[1:3] = ["-c", ipython_source()]
    return words


@cache
def ipython_source() -> str:
    """Return the program for `python3 -c` that starts ipykernel with our guard and our magic."""
    magics = [item for item in resources.files(MAGICS).iterdir() if item.name.endswith(".py")]
    texts = {f"{MAGICS}.{item.name[:-3]}": item.read_text(encoding="utf-8") for item in magics}
    texts = {"gptoss_lab": "SANDBOX = True\n", MAGICS: texts.pop(f"{MAGICS}.__init__"), **texts}
    program = _program("guard", "ipython", arguments=repr(texts))
    # The line that it travels in is read byte by byte.
    packed = b64encode(zlib.compress(program.encode(), 9)).decode()
    return f"import base64, zlib; exec(zlib.decompress(base64.b64decode({packed!r})))"


@cache
def r_main_source() -> str:
    """Return the R program that starts IRkernel with our guard, so that interrupts cannot end it."""
    return "\n".join(map(r_source, ("guard", "main")))


@cache
def r_source(name: str) -> str:
    """Return an R file of this package without its comments."""
    text = resources.files(PACKAGE).joinpath(f"{name}.R").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _program(*names: str, arguments: str = "") -> str:
    """Join modules of this package into one program that runs the last one's `main`."""
    lines = ["import sys, types"]
    for name in names:
        text = resources.files(PACKAGE).joinpath(f"{name}.py").read_text(encoding="utf-8")
        lines += [
            f"m = sys.modules['{PACKAGE}.{name}'] = types.ModuleType('{PACKAGE}.{name}')",
            f"exec(compile({text!r}, '<sandbox {name}>', 'exec'), m.__dict__)",
        ]
    return "\n".join([*lines, f"m.main({arguments})", ""])
