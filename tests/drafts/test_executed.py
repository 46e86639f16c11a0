"""Notebooks that are executed."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from gptoss_lab.drafts.executed import (
    NotNotebookError,
    code_of,
    language_of,
    new_notebook,
    read_notebook,
    with_outputs,
)
from gptoss_lab.schemas.execution import CellVerification
from gptoss_lab.schemas.runs import ExecutionResponse

TEXT = {"output_type": "stream", "name": "stdout", "text": "1\n"}
RESPONSE = ExecutionResponse(
    status="error",
    runtime="docker",
    image="sha256:1",
    cells=(CellVerification(status="error", execution_count=3, outputs=(TEXT, {"output_type": "nonsense"})),),
)


def notebook(**metadata: Any) -> str:
    """Return a notebook of two code cells and prose, executed before."""
    old = {"output_type": "stream", "name": "stdout", "text": "old"}
    code = {"cell_type": "code", "metadata": {}, "execution_count": 9, "outputs": [old]}
    cells = [
        {**code, "id": "a", "source": ["print(1)\n", "2"]},
        {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "prose"},
        {**code, "id": "c", "source": "3"},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def test_code_goes_out_and_outputs_come_in() -> None:
    """Old outputs go, prose stays, what is not valid falls away, and the image is named."""
    read = read_notebook(notebook())
    assert code_of(read) == ["print(1)\n2", "3"]
    written: Any = with_outputs(read, RESPONSE)
    nbformat.validate(written)
    first, prose, second = written["cells"]
    assert (first["outputs"], first["execution_count"]) == ([TEXT], 3)
    assert prose["source"] == "prose"
    assert (second["outputs"], second["execution_count"]) == ([], None)
    ran = written["metadata"]["gptoss_lab"]["execution"]
    assert ran == {"status": "error", "runtime": "docker", "image": "sha256:1"}


def test_the_language_is_read() -> None:
    """From the kernelspec, else from the language's own entry, else it is Python."""
    r = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
    assert language_of(read_notebook(notebook(**r))) == "r"
    assert language_of(read_notebook(notebook(language_info={"name": "R"}))) == "r"
    assert language_of(read_notebook(notebook())) == "python"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "1", '{"nbformat": 4, "cells": 3}', '{"nbformat": 99}']
)
def test_what_is_no_notebook_is_refused(text: str) -> None:
    """In one sentence, whatever it is."""
    with pytest.raises(NotNotebookError) as refused:
        read_notebook(text)
    assert "\n" not in str(refused.value)


def test_a_new_notebook_is_valid() -> None:
    """It names the kernel that the cells ran in."""
    made: Any = with_outputs(new_notebook(["1", "2"], "r", "gptoss-r"), RESPONSE)
    nbformat.validate(made)
    assert made["metadata"]["kernelspec"]["name"] == "gptoss-r"
    assert [cell["source"] for cell in made["cells"]] == ["1", "2"]
