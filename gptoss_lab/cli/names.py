"""Names that the Tab key completes: what is cheap to look up. What goes wrong completes nothing."""

from __future__ import annotations

from collections.abc import Callable

from gptoss_lab.errors import GptossError

MOST = 200


def corpora(incomplete: str) -> list[str]:
    """Return the ids of what is indexed that begin so, without reading what they hold."""

    def names() -> list[str]:
        from gptoss_lab.folders import data_dir  # noqa: PLC0415 - only where somebody presses Tab

        return [path.stem for path in (data_dir() / "corpora").glob("*.index")]

    return _beginning(names, incomplete)


def kernels(incomplete: str) -> list[str]:
    """Return the kernels of this machine whose names begin so."""

    def names() -> list[str]:
        from jupyter_client.kernelspec import KernelSpecManager  # noqa: PLC0415 - as above

        return list(KernelSpecManager().find_kernel_specs())

    return _beginning(names, incomplete)


def _beginning(names: Callable[[], list[str]], incomplete: str) -> list[str]:
    try:
        return sorted({name for name in names() if name.startswith(incomplete)})[:MOST]
    except (GptossError, OSError):
        return []  # the person is typing: what cannot be completed is not completed
