"""What all verbs have in common: an option that is understood after each of them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from gptoss_lab.cli.screen import set_quiet

Function = TypeVar("Function", bound=Callable[..., Any])
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show results and errors alone.")]
_NAME = "quiet"


class Verbs(typer.Typer):
    """A group of verbs, each of which can be quiet."""

    def command(self, *args: Any, **kwargs: Any) -> Callable[[Function], Function]:
        """Add a verb; the function itself stays as it is."""
        add = super().command(*args, **kwargs)

        def decorate(function: Function) -> Function:
            add(_able_to_be_quiet(function))
            return function

        return decorate


def _able_to_be_quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def verb(*args: Any, quiet: bool, **kwargs: Any) -> Any:
        set_quiet(wanted=quiet)
        return function(*args, **kwargs)

    taken = inspect.signature(function, eval_str=True)
    option = inspect.Parameter(_NAME, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet)
    verb.__signature__ = taken.replace(parameters=[*taken.parameters.values(), option])  # type: ignore[attr-defined]
    annotations = {name: parameter.annotation for name, parameter in taken.parameters.items()}
    verb.__annotations__ = {**annotations, _NAME: Quiet}
    return verb
