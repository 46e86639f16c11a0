"""What cells raise, by names that are known.

The name of an exception is code's own choice and may say something of its data, so only names that
everyone has are told; all others are "other".
"""

from __future__ import annotations

import builtins

from gptoss_lab.schemas.execution import CellVerification

OTHER = "other"
_RAN = frozenset({"ok", "canceled", "skipped"})
_LIBRARIES = frozenset((
    "ArrowInvalid",
    "ArrowTypeError",
    "AxisError",
    "ColumnNotFoundError",
    "ConvergenceError",
    "DatabaseError",
    "DTypePromotionError",
    "EmptyDataError",
    "HTTPError",
    "IntCastingNaNError",
    "IntegrityError",
    "InvalidIndexError",
    "InvalidParameterError",
    "JSONDecodeError",
    "LinAlgError",
    "MergeError",
    "NotFittedError",
    "OperationalError",
    "OutOfBoundsDatetime",
    "OutOfMemoryError",
    "ParserError",
    "PatsyError",
    "SchemaError",
    "ShapeError",
    "UFuncTypeError",
    "URLError",
    "UndefinedVariableError",
    "UnsupportedOperation",
    "ValidationError",
    "ERROR",
    "simpleError",
    "packageNotFoundError",
    "rlang_error",
    "vctrs_error",
))
KNOWN = _LIBRARIES | {
    name
    for name, what in vars(builtins).items()
    if isinstance(what, type) and issubclass(what, BaseException)
}


def exception_of(verification: CellVerification) -> str:
    """Return what a run of a cell failed by: a known exception, how it was ended, or empty."""
    if verification.status in _RAN:
        return ""
    if verification.status != "error":
        return verification.status
    return known_exception(verification.error.partition(":")[0])


def known_exception(name: str) -> str:
    """Return a name that may be told."""
    last = name.rpartition(".")[2]
    return last if last in KNOWN else OTHER
