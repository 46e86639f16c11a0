"""`%%gptoss` and `%gptoss`, the kernel's side: the standard library and IPython only.

Load it with `%load_ext gptoss_lab.magics`, or at first use through `c.MagicsManager.lazy_magics`.
Nothing that was generated is ever executed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics, as `%load_ext` asks."""
    from gptoss_lab.magics.completion import complete  # noqa: PLC0415 - the import of the package stays free
    from gptoss_lab.magics.magic import GptossMagics  # noqa: PLC0415 - the same

    shell.register_magics(GptossMagics(shell))
    for word in ("%%gptoss", "%gptoss"):
        shell.set_hook("complete_command", complete, str_key=word)  # type: ignore[no-untyped-call]
