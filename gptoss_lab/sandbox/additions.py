"""The packages that a person added to an environment, remembered so that later starts have them.

One small file in our data folder. An entry belongs to a runtime and a language, and names the image
that was made; another version of ours has another image below, and its build adds them again.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gptoss_lab.errors import StorageError
from gptoss_lab.schemas.base import Language, Wire
from gptoss_lab.schemas.execution import RuntimeName, SandboxImage


class Addition(Wire):
    """What was added: by name, to the image tagged `stock`, which became the image with the id `image`."""

    packages: tuple[str, ...]
    stock: str
    image: str


Entries = dict[str, Addition]
ENTRIES: TypeAdapter[Entries] = TypeAdapter(Entries)


class Additions:
    """The remembered additions. Its methods read and write a small file: call them in a thread.

    Args:
        file: Where they are; made with the first.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, runtime: RuntimeName, language: Language) -> Addition | None:
        """Return what was added there.

        Raises:
            StorageError: The file cannot be read.
        """
        return self._read().get(f"{runtime}/{language}")

    def chosen(self, stock: SandboxImage) -> str:
        """Return the id of the image to start: the stock one, or the one with what was added to it.

        Empty where what was added is not in this version's image yet.

        Raises:
            StorageError: The file cannot be read.
        """
        added = self.get(stock.runtime, stock.language)
        if added is None:
            return stock.id
        return added.image if added.stock == stock.tag else ""

    def put(self, runtime: RuntimeName, language: Language, addition: Addition) -> None:
        """Remember an addition in place of the one before.

        Raises:
            StorageError: The disk is full or not writable.
        """
        with self._changing() as entries:
            entries[f"{runtime}/{language}"] = addition

    def forget(self, image: str) -> None:
        """Forget the addition that made an image, if one did.

        Raises:
            StorageError: The disk is full or not writable.
        """
        if any(entry.image == image for entry in self._read().values()):
            with self._changing() as entries:
                for key in [key for key, entry in entries.items() if entry.image == image]:
                    del entries[key]

    def _read(self) -> Entries:
        try:
            return ENTRIES.validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as error:
            raise StorageError(
                f"What was added to the sandboxes cannot be read from {self._file}",
                hint="Remove the file, then add the packages again.",
            ) from error

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Entries]:
        """Hand out the entries and write them back whole; one at a time on this machine.

        Raises:
            StorageError: The disk is full or not writable.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._file.with_suffix(".lock").open("a", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                entries = self._read()
                yield entries
                self._write(entries)
        except OSError as error:
            raise StorageError(f"{self._file} cannot be written: {error.strerror}") from error

    def _write(self, entries: Entries) -> None:
        text = json.dumps({key: entry.model_dump(mode="json") for key, entry in entries.items()}, indent=1)
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".additions-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, self._file)  # noqa: PTH105 - atomic on one file system
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
