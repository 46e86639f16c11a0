"""The key of an attached server: from the environment, else from a file that is its owner's alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gptoss_lab.errors import EngineAuthError

MAX_KEY_FILE_BYTES = 8192
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe in its place must not hold us up

Stamp = tuple[int, int, int, int]


class Key:
    """Reads the key anew when it has changed. It stands in no message and in no representation.

    Args:
        variable: The environment variable that goes first.
        file: The path of the file; `~` is the person's home.
        given: A key that goes before both, of an engine that this server started.
    """

    def __init__(self, variable: str, file: str = "", given: str = "") -> None:
        self._variable = variable
        self._file = file
        self._given = given
        self._stamp: Stamp | None = None
        self._read = ""

    def __repr__(self) -> str:
        return f"Key({self._variable!r}, {self._file!r})"

    def get(self) -> str:
        """Return the key; empty where none is set.

        Raises:
            EngineAuthError: The file cannot be read, others can read it too, or it holds no key.
        """
        key = self._given or os.environ.get(self._variable, "").strip()
        origin = self._variable
        if not key and self._file:
            key, origin = self._of_file(), self._file
        if not (key.isascii() and (key.isprintable() or not key)):
            raise EngineAuthError(f"The key in {origin} holds characters that no key has")
        return key

    def _of_file(self) -> str:
        try:
            handle = os.open(Path(self._file).expanduser(), _OPEN_FLAGS)
        except (OSError, RuntimeError, ValueError) as error:
            reason = getattr(error, "strerror", "") or "it cannot be found"
            raise EngineAuthError(
                f"The key file {self._file} cannot be read: {reason}", hint="Correct `api_key_file`."
            ) from error
        try:
            return self._of_handle(handle)
        finally:
            os.close(handle)

    def _of_handle(self, handle: int) -> str:
        # What is open is judged, not what the path names: a link may lead anywhere by now.
        state = os.fstat(handle)
        self._refuse_foreign(state)
        stamp = (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        if stamp != self._stamp:
            self._read = self._key_in(os.read(handle, MAX_KEY_FILE_BYTES + 1))
            self._stamp = stamp
        return self._read

    def _refuse_foreign(self, state: os.stat_result) -> None:
        if not stat.S_ISREG(state.st_mode):
            raise EngineAuthError(f"The key file {self._file} is no file", hint="Correct `api_key_file`.")
        if state.st_uid != os.geteuid():
            raise EngineAuthError(
                f"The key file {self._file} belongs to another user", hint="Put the key into a file of yours."
            )
        if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise EngineAuthError(
                f"Others may read the key file {self._file}", hint=f"Run `chmod 600 {self._file}`."
            )

    def _key_in(self, content: bytes) -> str:
        lines = content.decode("utf-8", "replace").split() if len(content) <= MAX_KEY_FILE_BYTES else []
        if len(lines) != 1:
            raise EngineAuthError(
                f"The key file {self._file} does not hold one key",
                hint="Put the key alone on its first line.",
            )
        return lines[0]
