"""Write a generation as a notebook file: wholly or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from gptoss_lab.errors import ConflictError, RequestError, StorageError
from gptoss_lab.schemas.generation import CodeGenerationResponse


def check_target(path: Path, *, force: bool) -> None:
    """Refuse early what could not be written in the end.

    Raises:
        RequestError: The folder is missing or the path is a folder.
        ConflictError: The file exists and `force` is not set.
        StorageError: The folder cannot be written.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise RequestError(
            f"The folder {folder} does not exist", hint="Make it first, or choose another --out."
        )
    if path.is_dir():
        raise RequestError(f"{path} is a folder", hint="Give --out the name of a notebook file.")
    if path.exists() and not force:
        raise ConflictError(f"{path} exists", hint="Add --force to replace it, or choose another --out.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(f"The folder {folder} cannot be written", hint="Choose another --out.")


def reviewed_notebook(response: CodeGenerationResponse, kernel: str) -> dict[str, Any]:
    """Return the notebook; a cell counts as accepted only where it ran well in the sandbox."""
    from gptoss_lab.drafts.notebook import to_notebook  # noqa: PLC0415 - nbformat's schemas take seconds to load

    notebook = to_notebook(response, kernel=kernel, review="pending")
    all_ran = is_verified(response)
    ran = {
        cell.id: cell.verification is not None and cell.verification.status == "ok" for cell in response.cells
    }
    for cell in notebook["cells"]:
        accepted = all_ran if cell["cell_type"] == "markdown" else ran.get(cell["id"], False)
        cell["metadata"]["gptoss_lab"]["review"] = "accepted" if accepted else "pending"
    return notebook


def is_verified(response: CodeGenerationResponse) -> bool:
    """Say whether every code cell that stays ran well in the sandbox."""
    staying = (cell for cell in response.cells if cell.change != "deleted")
    code = [cell.verification for cell in staying if cell.kind == "code"]
    return bool(code) and all(run is not None and run.status == "ok" for run in code)


def write_notebook(notebook: dict[str, Any], path: Path) -> None:
    """Write the file beside its place and move it there.

    Raises:
        StorageError: The disk is full or the folder not writable; nothing half-written is left.
    """
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.absolute().parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = file.name
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        full = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        hint = "The cells are printed instead. Free some space, or choose another --out."
        raise StorageError(f"{path} could not be written: {full}", hint=hint) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
