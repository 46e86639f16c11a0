"""Where the guard of kernels outside our sandboxes is written, and what.

| kernel | for this user | for this environment |
|---|---|---|
| python | `startup/` of the IPython profile | `etc/ipython/startup/` below `sys.prefix` |
| r | `$R_PROFILE_USER`, else `~/.Rprofile` | `Rprofile.site` of the R below `sys.prefix` |

What is written stands alone: the kernel needs nothing of gptoss_lab.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from gptoss_lab.cli.magic_block import profile_folder
from gptoss_lab.cli.own_block import Block
from gptoss_lab.errors import RequestError
from gptoss_lab.sandbox.agent import PACKAGE, r_source

Kernel = Literal["python", "r"]
KERNELS: tuple[Kernel, ...] = ("python", "r")

BEGIN = "# >>> gptoss_lab guard: `jupyter gptoss guard enable` wrote this, `disable` removes it >>>"
END = "# <<< gptoss_lab guard <<<"
NAME = "00-gptoss-lab-guard.py"

# The startup files of IPython run among the person's variables: nothing of this stays there.
PYTHON = """\
def _gptoss_lab_guard():
    import types

    module = types.ModuleType("gptoss_lab_guard")
    exec(compile(r'''{source}''', "<gptoss_lab guard>", "exec"), module.__dict__)
    module.load_ipython_extension(get_ipython())


_gptoss_lab_guard()
del _gptoss_lab_guard
"""
R = """\
setHook(packageEvent("IRkernel", "onLoad"), function(...) {{
{source}
}})
"""


@dataclass(frozen=True, slots=True)
class GuardFile:
    """A file of a person's or an environment's, and the block that goes into it."""

    kernel: Kernel
    path: Path
    block: Block


def guard_file(kernel: Kernel, *, sys_prefix: bool) -> GuardFile:
    """Return what guards a kind of kernel, for this user or for this environment.

    Raises:
        RequestError: This environment has no R.
    """
    if kernel == "python":
        source = resources.files(PACKAGE).joinpath("guard.py").read_text(encoding="utf-8")
        folder = Path(sys.prefix, "etc", "ipython") if sys_prefix else profile_folder("default")
        path, body = folder / "startup" / NAME, PYTHON.format(source=source)
    else:
        path, body = _site_profile() if sys_prefix else _profile(), R.format(source=r_source("guard"))
    return GuardFile(kernel, path, Block(BEGIN, END, body))


def _profile() -> Path:
    named = os.environ.get("R_PROFILE_USER", "")
    return Path(named).expanduser() if named else Path.home() / ".Rprofile"


def _site_profile() -> Path:
    """Return the profile of the R that is installed in this environment, as conda does it.

    Raises:
        RequestError: There is none.
    """
    for folder in ("lib", "lib64"):
        settings = Path(sys.prefix, folder, "R", "etc")
        if settings.is_dir():
            return settings / "Rprofile.site"
    raise RequestError(
        f"There is no R in {sys.prefix}", hint="Leave --sys-prefix out, for your own R profile."
    )
