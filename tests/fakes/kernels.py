"""The kernels of notebooks, without a Jupyter Server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal


class FakeKernels:
    """Kernels of a server that allows what a test says. `asked` holds what it was told to do."""

    def __init__(
        self, paths: Mapping[str, str] | None = None, *, may: tuple[str, ...] = ("read", "write")
    ) -> None:
        self.paths = dict(paths or {})
        self.may = may
        self.asked: list[tuple[str, str]] = []

    async def allows(self, action: Literal["read", "write"]) -> bool:
        """Say what the test said."""
        return action in self.may

    def holds(self, sandbox: str) -> bool:
        """Say whether there is a path for it."""
        return sandbox in self.paths

    async def notebooks(self) -> Mapping[str, str]:
        """Return the paths."""
        return self.paths

    async def interrupt(self, sandbox: str) -> None:
        """Remember it."""
        self.asked.append(("interrupt", sandbox))

    async def restart(self, sandbox: str, image: str = "", data: Sequence[str] | None = None) -> None:
        """Remember it."""
        shown = "" if data is None else f"with {', '.join(data)}"
        self.asked.append((" ".join(filter(None, ("restart", image, shown))), sandbox))

    async def end(self, sandbox: str) -> None:
        """Remember it."""
        self.asked.append(("end", sandbox))
