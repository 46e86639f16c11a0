"""What `jupyter gptoss execute --out` leaves: the executed notebook, and the files that its cells wrote."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from typing_extensions import Self

from gptoss_lab.cli.notebook_file import check_target, write_notebook
from gptoss_lab.cli.script_file import Script
from gptoss_lab.errors import ConflictError, RequestError, StorageError
from gptoss_lab.schemas.runs import ExecutionResponse
from gptoss_lab.schemas.sandboxes import SandboxFile

if TYPE_CHECKING:
    from gptoss_lab.sandbox.files import WorkingFolder
    from gptoss_lab.services.assembly import Services

FILES = "files"


@dataclass(frozen=True, slots=True)
class Target:
    """Where things go. `files` is a folder of its own, so that no name of a sandbox meets yours."""

    notebook: Path
    files: Path | None

    @classmethod
    def of(cls, out: Path | None, script: Script, *, force: bool) -> Self | None:
        """Return the target of `--out`; refuse early what could not be written in the end.

        Raises:
            RequestError: The folder above it is missing, or a file stands in its place.
            ConflictError: It exists and `force` is not set.
        """
        if out is None:
            return None
        if out.suffix == ".ipynb":
            check_target(out, force=force)
            return cls(out, None)
        if out.exists() and not out.is_dir():
            raise RequestError(f"{out} is neither a folder nor a .ipynb", hint="Choose another --out.")
        if not out.absolute().parent.is_dir():
            raise RequestError(f"The folder {out.absolute().parent} does not exist", hint="Make it first.")
        target = cls(out / f"{script.name}.ipynb", out / FILES)
        taken = [path for path in (target.notebook, out / FILES) if path.exists()]
        if taken and not force:
            hint = "Add --force to replace it, or choose another --out."
            raise ConflictError(f"{taken[0]} exists", hint=hint)
        return target


async def write_results(
    services: Services, response: ExecutionResponse, script: Script, target: Target, owner: str
) -> list[Path]:
    """Write the notebook, then the files that the cells wrote; return what was written.

    Raises:
        StorageError: The disk is full or the folder not writable.
        SandboxError: The sandbox does not give its files.
    """
    if target.files is not None:
        await asyncio.to_thread(_make_folder, target.notebook.parent)
    await asyncio.to_thread(write_notebook_of, response, script, target.notebook)
    written = [target.notebook]
    if target.files is None or not response.sandbox:
        return written
    folder: WorkingFolder = services.sandboxes.kept.find(response.sandbox, owner).session.provisioner.files
    sent = {file.path: file.content_base64 for file in script.sent}
    for file in response.files:
        if file.path in sent and await _content(folder, file) == sent[file.path]:
            continue
        written.append(target.files / file.path)
        await _fetch(folder, file.path, target.files)
    return written


async def _content(folder: WorkingFolder, file: SandboxFile) -> str:
    return base64.b64encode(await folder.read_file(file.path, file.size_bytes)).decode()


async def _fetch(folder: WorkingFolder, name: str, place: Path) -> None:
    try:
        async with folder.open_file(name) as opened:
            with await asyncio.to_thread(_open_new, place / name, place) as writer:
                async for chunk in opened.chunks:
                    await asyncio.to_thread(writer.write, chunk)
    except OSError as error:
        raise StorageError(f"{place / name} cannot be written: {error.strerror}") from error


def write_notebook_of(response: ExecutionResponse, script: Script, path: Path) -> None:
    """Write the notebook with its outputs.

    Raises:
        StorageError: It cannot be written.
    """
    from gptoss_lab.drafts import executed  # noqa: PLC0415 - nbformat's schemas take seconds to load

    kernel = "gptoss-r" if script.language == "r" else "gptoss-python"
    notebook = script.notebook or executed.new_notebook(script.cells, script.language, kernel)
    write_notebook(executed.with_outputs(notebook, response), path)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {path} cannot be made: {error.strerror}") from error


def _open_new(path: Path, place: Path) -> BinaryIO:
    """Open a file of a sandbox anew, below its place and nowhere else.

    Raises:
        StorageError: A link on the way leads out of the place.
    """
    _make_folder(path.parent)
    if not path.parent.resolve().is_relative_to(place.resolve()):
        raise StorageError(f"{path.parent} leads out of {place}", hint="Choose another --out.")
    path.unlink(missing_ok=True)
    return path.open("xb")
