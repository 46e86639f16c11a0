"""Start ipykernel in a sandbox: cells that wait for a review are refused, and `%%gptoss` is known.

The magic comes as text too, so that it matches the server and no image is made anew for it. It is
loaded at first use; where an environment has a gptoss_lab of its own, that one answers.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

from gptoss_lab.sandbox.agent.guard import load_ipython_extension

PACKAGES = ("gptoss_lab", "gptoss_lab.magics")


class Sources(MetaPathFinder, Loader):
    """Finds modules among texts, after everything that is installed."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return how to load a module, where its text is here."""
        if fullname not in self._texts:
            return None
        return spec_from_loader(fullname, self, is_package=fullname in PACKAGES)

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's text."""
        name = module.__name__
        exec(compile(self._texts[name], f"<sandbox {name}>", "exec"), module.__dict__)  # noqa: S102 - our own text


def offer_magic(shell: Any, texts: Mapping[str, str]) -> None:
    """Let IPython load the magic when it is first used; an old one without lazy magics has none."""
    sys.meta_path.append(Sources(texts))
    register = getattr(shell.magics_manager, "register_lazy", None)
    if register is not None:
        register("gptoss", "gptoss_lab.magics")


def main(texts: Mapping[str, str]) -> None:
    """Run the kernel that the command line describes."""
    if sys.path[0] == "":
        del sys.path[0]  # as ipykernel's own launcher does: a file of the working folder is no part of it
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415 - only now is the path as it should be

    app: Any = IPKernelApp.instance()
    app.initialize()
    load_ipython_extension(app.shell)
    offer_magic(app.shell, texts)
    app.start()
