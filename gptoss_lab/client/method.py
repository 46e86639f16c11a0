"""A method of both clients, made from the one description of a call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from functools import update_wrapper
from typing import Any, Generic, Protocol, TypeVar, overload

from typing_extensions import ParamSpec, Self

from gptoss_lab.client.call import Call

Reply = TypeVar("Reply")
Given = ParamSpec("Given")


class Blocking(ABC):
    """What sends a call and blocks until it is answered."""

    @abstractmethod
    def send(self, call: Call[Reply]) -> Reply:
        """Send a call and return its answer."""


class Awaiting(ABC):
    """What sends a call and can be awaited."""

    @abstractmethod
    async def send(self, call: Call[Reply]) -> Reply:
        """Send a call and return its answer."""


class _Sender(Protocol):
    def send(self, call: Call[Any]) -> Any:
        """Send a call."""


class Method(Generic[Given, Reply]):
    """Sends what a function describes: on a blocking client it returns the answer, else what is awaited.

    Args:
        describe: Makes the call of the arguments.
    """

    def __init__(self, describe: Callable[Given, Call[Reply]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[Given, Reply]: ...

    @overload
    def __get__(self, client: Awaiting, owner: type) -> Callable[Given, Awaitable[Reply]]: ...

    def __get__(self, client: _Sender | None, owner: type) -> Any:
        if client is None:
            return self

        def method(*args: Given.args, **kwargs: Given.kwargs) -> Any:
            return client.send(self.describe(*args, **kwargs))

        return update_wrapper(method, self.describe)
