"""What an edit must be, what it needs, and which documentation serves it."""

from __future__ import annotations

import sys
from collections import Counter

from gptoss_lab.drafts.calls import called, imported
from gptoss_lab.errors import GptossError, RequestError
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.generation import CHANGING, CodeGenerationRequest, EditedCell, EditKind

MAX_PACKAGES = 3
_LANGUAGES = {"python": "Python", "r": "R"}
_ATTACH = (
    "Start a model in the panel or with `jupyter gptoss model start`, or name the address of a server in the "
    "configuration."
)
_DOING: dict[EditKind, str] = {
    "edit": "Changing a cell",
    "fix": "Fixing a cell",
    "explain": "Explaining a cell",
    "example": "An example",
    "port": "Porting a cell",
    "redo": "Writing a cell anew",
}


def check_edit(request: CodeGenerationRequest) -> None:
    """Refuse an edit that could not be carried out.

    Raises:
        RequestError: A cell is there twice, or the languages do not fit the kind of the edit.
    """
    edit = request.edit
    if edit is None:
        return
    twice = [name for name, count in Counter(cell.id for cell in edit.cells).items() if count > 1]
    if twice:
        raise RequestError(
            f"The cell {twice[0][:64]} is there twice.", hint="Name each cell of an edit once."
        )
    code = _code(request)
    wanted = _LANGUAGES[request.language]
    if edit.kind == "port" and not code:
        raise RequestError("There is no code to port.", hint="Choose a code cell that is not empty.")
    if edit.kind == "port" and any(cell.language == request.language for cell in code):
        raise RequestError(f"The cell is written in {wanted} already.", hint="Choose the other language.")
    if edit.kind in CHANGING and any(cell.language != request.language for cell in code):
        raise RequestError(
            f"An edit in {wanted} was asked for, but a cell of it is in another language.",
            hint="Edit cells of one language at a time, and name it in the request.",
        )


def needs_model(request: CodeGenerationRequest) -> bool:
    """Say whether only a model can do what is asked: examples answer no edit but that for an example."""
    return request.edit is not None and request.edit.kind != "example"


def only_a_model(request: CodeGenerationRequest) -> RequestError:
    """Return why the examples generator does not serve an edit."""
    doing = _DOING[request.edit.kind] if request.edit else "This"
    return RequestError(
        f"{doing} needs a model; the examples generator only shows the documentation's examples.",
        hint="Choose the model, or ask for an example of what the cell calls.",
    )


def without_model(why: GptossError, request: CodeGenerationRequest) -> GptossError:
    """Return why no model answers, for a request that only a model can serve: examples are no way out."""
    if request.edit is None or not needs_model(request):
        return why
    why.message = f"{_DOING[request.edit.kind]} needs a model. {why.message}"
    why.hint = _ATTACH if "examples" in why.hint else why.hint
    return why


def calls_of(request: CodeGenerationRequest) -> tuple[str, ...]:
    """Return what the edited cells call, as documentation names it."""
    code = _code(request)
    if not code:
        return ()
    language = code[0].language
    sources = [cell.source for cell in code if cell.language == language]
    return called(sources, language, request.context.cells)


def sources_of(request: CodeGenerationRequest) -> tuple[DocSource, ...]:
    """Return the documentation to use: for an example where none is named, that of what the cells import."""
    edit = request.edit
    if request.sources or edit is None or edit.kind != "example" or request.language != "python":
        return request.sources
    named = [call.split(".")[0] for call in calls_of(request) if "." in call]
    tops = imported([*(cell.source for cell in _code(request)), *request.context.cells])
    packages = [name for name in dict.fromkeys((*named, *tops)) if name not in sys.stdlib_module_names]
    return tuple(DocSource(kind="package", uri=name) for name in packages[:MAX_PACKAGES])


def _code(request: CodeGenerationRequest) -> list[EditedCell]:
    cells = request.edit.cells if request.edit else ()
    return [cell for cell in cells if cell.kind == "code" and cell.source.strip()]
