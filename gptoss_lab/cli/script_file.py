"""What `jupyter gptoss execute` is given: a program, a notebook, or standard input."""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gptoss_lab.drafts.script import script_cells
from gptoss_lab.errors import RequestError
from gptoss_lab.sandbox.file_names import is_plain
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SentFile

MAX_CHARACTERS = 16 << 20
LANGUAGES: dict[str, Language] = {".py": "python", ".ipy": "python", ".r": "r"}


@dataclass(frozen=True, slots=True)
class Script:
    """Cells to run. `notebook` is where they come from, if they come from one; `sent` goes with them."""

    name: str
    cells: tuple[str, ...]
    language: Language
    notebook: dict[str, Any] | None = None
    sent: tuple[SentFile, ...] = ()


def read_script(path: str, language: Language | None, files: Sequence[str] = ()) -> Script:
    """Read the cells of a file, or of standard input for `-`.

    Args:
        path: The file: a program, in cells where it has `# %%` marks, or a notebook.
        language: The language; else what the file's name or the notebook says.
        files: Files to send along.

    Raises:
        RequestError: One cannot be read, or it holds no code, or is of a language that nobody named.
    """
    text = _text(path)
    suffix = Path(path).suffix.lower()
    name = Path(path).stem if path != "-" else "stdin"
    if suffix == ".ipynb":
        script = _notebook(text, name, language)
    else:
        known = language or LANGUAGES.get(suffix) or ("python" if path == "-" else None)
        if known is None:
            raise RequestError(
                f"{path} does not say its language", hint="Add --language python or --language r."
            )
        script = Script(name, tuple(script_cells(text)), known)
    if not any(cell.strip() for cell in script.cells):
        raise RequestError(f"{path} holds no code", hint="Name a .py, .R or .ipynb file with code in it.")
    return replace(script, sent=_read_files(files))


def _read_files(names: Sequence[str]) -> tuple[SentFile, ...]:
    """Read files that go into the sandbox: under their own path where that is relative, else by name.

    Raises:
        RequestError: One cannot be read.
    """
    files = []
    for name in names:
        try:
            content = Path(name).read_bytes()
        except OSError as error:
            raise RequestError(
                f"--file: {name} cannot be read: {error.strerror}", hint="Name a file."
            ) from error
        path = name.removeprefix("./")
        path = path if is_plain(path) and not Path(path).is_absolute() else Path(name).name
        files.append(SentFile(path=path, content_base64=base64.b64encode(content).decode()))
    return tuple(files)


def _text(path: str) -> str:
    try:
        if path == "-":
            text = sys.stdin.read(MAX_CHARACTERS + 1)
        else:
            with Path(path).open(encoding="utf-8-sig") as file:
                text = file.read(MAX_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise RequestError(f"{path} cannot be read: {reason}", hint="Name a file, or - for input.") from error
    if len(text) > MAX_CHARACTERS:
        raise RequestError(f"{path} is longer than {MAX_CHARACTERS >> 20} MB", hint="Run it in parts.")
    return text


def _notebook(text: str, name: str, language: Language | None) -> Script:
    from gptoss_lab.drafts import executed  # noqa: PLC0415 - nbformat's schemas take seconds to load

    try:
        notebook = executed.read_notebook(text)
    except executed.NotNotebookError as error:
        raise RequestError(f"{name}.ipynb is not a notebook: {error}", hint="Name a .ipynb file.") from error
    known = language or executed.language_of(notebook)
    return Script(name, tuple(executed.code_of(notebook)), known, notebook)
