"""One call of the interface, described without saying how it travels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, Literal, TypeVar, cast
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from gptoss_lab.client.errors import ProtocolError
from gptoss_lab.errors import RequestError

Reply = TypeVar("Reply")
Verb = Literal["GET", "POST", "DELETE"]
Query = Mapping[str, str | int | bool | Iterable[str] | None]
_READERS: Mapping[Any, Callable[[bytes], Any]] = {None: lambda _: None, bytes: bytes, str: bytes.decode}
"""What is no JSON."""


@dataclass(frozen=True, slots=True)
class Form(Generic[Reply]):
    """What an answer is. `name` is what the table of routes calls it; empty where it is no model."""

    name: str
    type: Any

    def read(self, body: bytes) -> Reply:
        """Return the answer.

        Raises:
            ProtocolError: It is something else. What it holds is not told: it may be a person's text.
        """
        try:
            found: Any = _READERS[self.type](body) if self.type in _READERS else read_json(self.type, body)
        except UnicodeDecodeError:
            raise ProtocolError("The answer is not text in UTF-8") from None
        except ValidationError as error:
            raise ProtocolError(f"The answer is no {self.name}: {first_fault(error)}") from None
        return cast("Reply", found)


@dataclass(frozen=True, slots=True)
class Call(Generic[Reply]):
    """A request and what its answer is.

    Attributes:
        verb: What is done.
        path: The address as the table of routes writes it, with names in braces.
        form: What the answer is.
        fill: The values of those names.
        query: What stands behind the question mark; what is None does not.
        body: What is sent.
        key: The Idempotency-Key, with which the request may be sent again; empty where it has none.
        slow: Whether the answer may take long, because something is built first.
    """

    verb: Verb
    path: str
    form: Form[Reply]
    fill: Mapping[str, str] = field(default_factory=dict)
    query: Query = field(default_factory=dict)
    body: BaseModel | None = None
    key: str = ""
    slow: bool = False

    @property
    def address(self) -> str:
        """The address below the server's base, filled; a value cannot leave its place in it."""
        slashes = {name: "/" if name == "path" else "" for name in self.fill}
        values = {name: _segment(value, slashes[name]) for name, value in self.fill.items()}
        return self.path.lstrip("/").format(**values)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What stands behind the question mark."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.query.items():
            many = (value,) if isinstance(value, str | int | None) else tuple(value)
            pairs += [(name, _word(one)) for one in many if one is not None]
        return pairs

    @property
    def is_repeatable(self) -> bool:
        """Say whether sending it twice does no more than sending it once."""
        return self.verb != "POST" or bool(self.key)


def first_fault(error: ValidationError) -> str:
    """Return the first fault of what was read, without what was read."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['type']}" if place else str(first["type"])


def read_json(kind: Any, body: bytes) -> Any:
    """Return what JSON says, as a type that pydantic knows.

    Raises:
        ValidationError: It says something else.
    """
    return _adapter(kind).validate_json(body)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _word(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _segment(value: str, slashes: str) -> str:
    # httpx, as every client, takes `.` and `..` out of a path, also when their dots are escaped.
    parts = value.split("/") if slashes else [value]
    if any(part in {"", ".", ".."} for part in parts):
        raise RequestError(f"{value[:64]!r} is no name of a thing on the server")
    return "/".join(quote(part, safe="") for part in parts)
