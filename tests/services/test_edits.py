"""What an edit must be, what it needs, and which documentation serves it."""

from __future__ import annotations

from typing import Any

import pytest

from gptoss_lab.errors import EngineNotReadyError, RequestError
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.edits import (
    calls_of,
    check_edit,
    needs_model,
    only_a_model,
    sources_of,
    without_model,
)

CELL = {"id": "a", "source": "import numpy as np\nnp.sort(pd.merge(x, y)).groupby()"}


def asked(kind: str = "example", *cells: dict[str, str], **changes: Any) -> CodeGenerationRequest:
    """Return the request of an edit."""
    edit = {"kind": kind, "cells": cells or (CELL,)}
    context = {"cells": ["import os, pandas as pd"]}
    return CodeGenerationRequest.model_validate({"task": "t", "edit": edit, "context": context, **changes})


def test_calls() -> None:
    """What the cells call, by the imports of the notebook; text cells call nothing."""
    assert calls_of(asked()) == ("numpy.sort", "pandas.merge", "groupby")
    assert calls_of(asked("edit", {"id": "t", "kind": "markdown", "source": "f()"})) == ()
    assert calls_of(CodeGenerationRequest(task="t")) == ()


def test_sources_of_an_example() -> None:
    """Where none is named, the packages that the cell uses; never the standard library."""
    assert [source.uri for source in sources_of(asked())] == ["numpy", "pandas"]
    assert [source.uri for source in sources_of(asked(sources=[{"uri": "scipy"}]))] == ["scipy"]
    assert sources_of(asked("edit")) == ()
    assert sources_of(asked(language="r")) == ()


def test_which_edits_need_a_model() -> None:
    """All but an example; a request that is no edit does not."""
    assert [needs_model(asked(kind)) for kind in ("edit", "example", "explain")] == [True, False, True]
    assert not needs_model(CodeGenerationRequest(task="t"))
    assert "Explaining a cell needs a model" in only_a_model(asked("explain")).message


def test_why_no_model_answers() -> None:
    """An edit says what it needs, keeps the cause, and offers no examples."""
    why = EngineNotReadyError("It is off.", hint="Start it, or choose the examples generator.")
    told = without_model(why, asked("fix"))
    assert (told.message, told.status) == ("Fixing a cell needs a model. It is off.", 503)
    assert "examples" not in told.hint
    other = without_model(EngineNotReadyError("No.", hint="Free some memory."), asked("fix"))
    assert other.hint == "Free some memory."
    same = without_model(EngineNotReadyError("No."), asked("example"))
    assert same.message == "No."


def test_languages() -> None:
    """A change is in the cells' own language, a port in the other; an explanation in any."""
    r = {"id": "a", "language": "r", "source": "x"}
    check_edit(asked("explain", r))
    check_edit(asked("port", r))
    check_edit(asked("edit", r, language="r"))
    for wrong in (asked("edit", r), asked("port"), asked("edit", CELL, CELL)):
        with pytest.raises(RequestError):
            check_edit(wrong)
