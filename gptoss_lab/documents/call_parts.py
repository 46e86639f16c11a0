"""What a signature takes and gives, read from its text, of Python and of R alike."""

from __future__ import annotations

_OPEN, _CLOSE = "([{", ")]}"
_QUOTES = "'\""
_ALONE = frozenset({"*", "/", ""})


def parameters_of(signature: str) -> tuple[str, ...]:
    """Return the names of the parameters in order; those that take all the rest keep their stars or dots."""
    inside, _ = _split(signature)
    return tuple(name for name in map(_name, inside) if name not in _ALONE)


def returns_of(signature: str) -> str:
    """Return what stands behind the arrow; empty where nothing is said."""
    _, behind = _split(signature)
    return behind.partition("->")[2].strip() if behind.lstrip().startswith("->") else ""


def _split(signature: str) -> tuple[list[str], str]:
    """Return the pieces between the commas of the outermost brackets, and what follows these."""
    pieces, depth, begin, quote = list[str](), 0, 0, ""
    for place, sign in enumerate(signature):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in _QUOTES:
            quote = sign
        elif sign in _OPEN:
            depth += 1
            begin = place + 1 if depth == 1 else begin
        elif sign == "," and depth == 1:
            pieces.append(signature[begin:place])
            begin = place + 1
        elif sign in _CLOSE:
            depth -= 1
            if depth <= 0:
                return [*pieces, signature[begin:place]], signature[place + 1 :]
    return [], ""


def _name(piece: str) -> str:
    return piece.partition("=")[0].partition(":")[0].strip()
