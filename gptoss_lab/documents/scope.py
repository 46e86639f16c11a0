"""Which packages a task is about, so that their objects come before others of the same name."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterable

from gptoss_lab.documents.questions import libraries
from gptoss_lab.documents.tokens import words

LANGUAGE = "(language)"
_BUILTINS = frozenset(dir(builtins))


def package_of(qualname: str) -> str:
    """Return the package of a name; one word for the builtins and the standard library together."""
    top = qualname.partition("::")[0] if "::" in qualname else qualname.partition(".")[0]
    return LANGUAGE if top in sys.stdlib_module_names or top in _BUILTINS else top


def scope_of(text: str, known: Iterable[str], imported: Iterable[str] = ()) -> frozenset[str]:
    """Return the packages that a text imports or names; the language's own where it names none.

    Args:
        text: The task.
        known: The packages that are documented.
        imported: What the notebook imports.
    """
    found = {package_of(name) for name in (*libraries(text), *imported)}
    found |= set(known) & set(words(text))
    return frozenset(found or {LANGUAGE})
