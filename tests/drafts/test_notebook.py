"""A generation becomes a notebook that any tool can open."""

from __future__ import annotations

import json

import nbformat

from gptoss_lab.drafts.cells import CellIds
from gptoss_lab.drafts.notebook import to_notebook
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.execution import CellVerification, Environment
from gptoss_lab.schemas.generation import CodeGenerationResponse, GeneratedCell
from gptoss_lab.schemas.review import CellProvenance

STREAM = {"output_type": "stream", "name": "stdout", "text": "1\n"}
RUN = CellVerification(
    status="ok",
    duration_s=0.5,
    execution_count=3,
    outputs=(STREAM, {"output_type": "nonsense"}),
    runtime="docker",
)


def response() -> CodeGenerationResponse:
    """Return a generation of one Markdown and two code cells."""
    cite = Citation(source="pandas", title="DataFrame.groupby")
    ids = CellIds()
    cells = (
        GeneratedCell(id=ids.new(), kind="markdown", language="python", source="# Means"),
        GeneratedCell(
            id=ids.new(), kind="code", language="python", source="x", sources=(cite,), verification=RUN
        ),
        GeneratedCell(id=ids.new(), kind="code", language="python", source="y"),
    )
    return CodeGenerationResponse(
        job="j1",
        state="done",
        task="t",
        language="python",
        generator="model",
        model="m",
        created_at="now",
        cells=cells,
    )


def test_notebook_is_valid_and_carries_its_origin() -> None:
    """Metadata, outputs and counts are those of the job; a bad output falls away alone."""
    notebook = to_notebook(response(), kernel="gptoss-python", review="pending")
    again = nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(again)
    assert (again.nbformat, again.nbformat_minor) == (4, 5)
    assert again.metadata.kernelspec.name == "gptoss-python"
    assert again.metadata.gptoss_lab == {"job": "j1", "generator": "model", "model": "m"}
    _, ran, idle = again.cells
    assert ran.execution_count == 3
    assert [dict(output) for output in ran.outputs] == [STREAM]
    origin = CellProvenance.model_validate(ran.metadata.gptoss_lab)
    assert origin.review == "pending"
    assert origin.verification.status == "ok"
    assert origin.sources[0].title == "DataFrame.groupby"
    assert idle.outputs == []
    assert CellProvenance.model_validate(idle.metadata.gptoss_lab).verification.status == "off"


def test_the_notebook_says_what_its_cells_ran_in() -> None:
    """Once, in its own metadata; nothing is said where nothing ran."""
    ran_in = Environment(runtime="docker", image="sha256:1", tag="python:1", packages={"numpy": "2.0"})
    ran = response().model_copy(update={"environment": ran_in})
    said = to_notebook(ran, kernel="", review="pending")["metadata"]["gptoss_lab"]["environments"]
    assert {image: held["packages"] for image, held in said.items()} == {"sha256:1": {"numpy": "2.0"}}
    idle = to_notebook(response(), kernel="", review="pending")["metadata"]["gptoss_lab"]
    assert "environments" not in idle


def test_r_notebook_has_a_kernel() -> None:
    """With no kernel named, the usual one of the language stands in the notebook."""
    notebook = to_notebook(response().model_copy(update={"language": "r"}), kernel="", review="accepted")
    assert notebook["metadata"]["kernelspec"] == {"name": "ir", "display_name": "R", "language": "R"}


def test_ids_are_unique() -> None:
    """No id is given twice."""
    ids = CellIds()
    assert len({ids.new() for _ in range(1000)}) == 1000
