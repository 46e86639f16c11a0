"""Read a notebook file for an edit: its cells, by name or number, and what stands above them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gptoss_lab.errors import NotFoundError, RequestError
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.generation import MAX_ERROR_CHARS, EditedCell

MAX_NOTEBOOK_BYTES = 64 << 20
MAX_ABOVE = 1000
_LANGUAGES: tuple[Language, ...] = ("python", "r")


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A notebook of format 4.5, and the places of the cells to edit, in order."""

    notebook: dict[str, Any]
    language: Language
    places: Sequence[int]

    @property
    def ids(self) -> list[str]:
        """The ids of the cells to edit."""
        return [self.notebook["cells"][place]["id"] for place in self.places]

    def cells(self) -> tuple[EditedCell, ...]:
        """Return the cells as a request takes them."""
        return tuple(self._cell(self.notebook["cells"][place]) for place in self.places)

    def above(self) -> tuple[str, ...]:
        """Return the nearest code cells above the first edited one that are in its language."""
        own = next((cell.language for cell in self.cells() if cell.kind == "code"), self.language)
        cells = [cell for cell in self.notebook["cells"][: self.places[0]] if cell["cell_type"] == "code"]
        return tuple(cell["source"] for cell in cells if self._language_of(cell) == own)[-MAX_ABOVE:]

    def _cell(self, cell: dict[str, Any]) -> EditedCell:
        return EditedCell(
            id=cell["id"],
            kind=cell["cell_type"],
            language=self._language_of(cell),
            source=cell["source"],
            error=_error(cell),
        )

    def _language_of(self, cell: dict[str, Any]) -> Language:
        said = cell["metadata"].get("gptoss_lab")
        own = said.get("language") if isinstance(said, dict) else ""
        return next((name for name in _LANGUAGES if name == own), self.language)


def read_for_edit(path: Path, wanted: Iterable[str]) -> EditedFile:
    """Read a notebook and find the cells to edit.

    Args:
        path: The notebook.
        wanted: The id of each cell, or its number in the notebook, counted from 1.

    Raises:
        NotFoundError: There is no such file or cell.
        RequestError: It is no notebook that can be edited, or a cell is neither code nor text.
    """
    notebook = _read(path)
    cells = notebook["cells"]
    places = sorted({_place(cells, name) for name in wanted})
    raw = next((place for place in places if cells[place]["cell_type"] not in {"code", "markdown"}), None)
    if raw is not None:
        raise RequestError(f"Cell {raw + 1} is a raw cell.", hint="Choose cells of code or text.")
    return EditedFile(notebook, _language(notebook), places)


def _read(path: Path) -> dict[str, Any]:
    import nbformat  # noqa: PLC0415 - its schemas take seconds to load

    try:
        if path.stat().st_size > MAX_NOTEBOOK_BYTES:
            raise RequestError(f"{path} is too large", hint="Clear its outputs first.")
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        notebook = nbformat.v4.upgrade(notebook, 4, notebook.get("nbformat_minor", 0))  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from error
    except (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        raise RequestError(
            f"{path} is not a notebook", hint="Give a file that JupyterLab can open."
        ) from error
    result: dict[str, Any] = notebook
    return result


def _place(cells: Sequence[dict[str, Any]], name: str) -> int:
    named = [place for place, cell in enumerate(cells) if cell["id"] == name]
    if named:
        return named[0]
    if name.isascii() and name.isdigit() and 1 <= int(name) <= len(cells):
        return int(name) - 1
    raise NotFoundError(
        f"There is no cell {name[:64]}",
        hint=f"Give the id of a cell, or its number from 1 to {len(cells)}.",
    )


def _language(notebook: dict[str, Any]) -> Language:
    metadata = notebook["metadata"]
    spec, info = metadata.get("kernelspec", {}), metadata.get("language_info", {})
    name = str(info.get("name") or spec.get("language") or "python").lower()
    if name in {"python", "ipython", "python3"}:
        return "python"
    if name == "r":
        return "r"
    raise RequestError(f"The notebook is in {name[:40]}", hint="Python and R can be edited.")


def _error(cell: dict[str, Any]) -> str:
    for output in cell.get("outputs", ()):
        if output.get("output_type") == "error":
            lines = [*output.get("traceback", ())] or [f"{output.get('ename')}: {output.get('evalue')}"]
            return "\n".join(lines)[-MAX_ERROR_CHARS:]
    return ""
