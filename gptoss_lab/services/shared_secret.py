"""A secret that two servers of ours share: from the environment, else from a file of one's own."""

from __future__ import annotations

from gptoss_lab.engines.keys import Key
from gptoss_lab.errors import EngineAuthError, RemoteAuthError


class SharedSecret:
    """Reads it anew when it has changed.

    Args:
        variable: The environment variable that goes first.
        file: The path of the file; none when empty.
    """

    def __init__(self, variable: str, file: str = "") -> None:
        self._key = Key(variable, file)

    def get(self) -> str:
        """Return it; empty where none is set.

        Raises:
            RemoteAuthError: The file cannot be read, others can read it too, or it holds none.
        """
        try:
            return self._key.get()
        except EngineAuthError as error:
            raise RemoteAuthError(
                error.message, hint="The keys of c.GptossLabApp.remote name the file."
            ) from error
