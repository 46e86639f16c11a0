"""A real engine answers from documentation as Debian packs it, and from a package of this machine alone."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from gptoss_lab.schemas.base import Language
from tests.fakes.documents import install_package
from tests.integration.command import command
from tests.integration.conftest import MakeStation
from tests.integration.test_documents import PYTHON, SKLEARN, part
from tests.integration.test_vllm_chain import code_of, model_config
from tests.tiny.engine import MODEL, RealEngine
from tests.tiny.lessons import GROUP_MEAN, R_AGGREGATE, REGRESSION, Lesson
from tools.debian import unpacked

pytestmark = [pytest.mark.vllm, pytest.mark.debian, pytest.mark.timeout(600)]
R_MANUALS = unpacked("r-doc-html") / "usr/share/R/doc/manual"


def internal(folder: Path) -> Path:
    """Lay down a package that no index on the net has."""
    install_package(folder / "internal")
    return folder / "internal"


def documentation(name: str, folder: Path) -> tuple[Path, Language, Lesson, str]:
    """Return documentation, the language and the lesson to ask for, and words that only it has."""
    if name == "python":
        return part(PYTHON, folder / name, "library/csv.html"), "python", GROUP_MEAN, "csv"
    if name == "sklearn":
        pages = part(SKLEARN, folder / name, "modules/linear_model.html")
        return pages, "python", REGRESSION, "linear"
    if name == "r":
        return part(R_MANUALS, folder / name, "R-intro.html"), "r", R_AGGREGATE, "An Introduction to R"
    return internal(folder), "python", GROUP_MEAN, "minitab"


@pytest.mark.parametrize("name", ["python", "sklearn", "r", "internal"])
async def test_the_model_answers_from(
    name: str, stations: MakeStation, vllm_engine: RealEngine, tmp_path: Path
) -> None:
    """The prompt holds the documentation, and what the model says becomes a notebook."""
    station = stations(sandbox={"runtime": "none"}, model=model_config(vllm_engine))
    station.data = tmp_path / "data"
    docs, language, lesson, word = documentation(name, tmp_path)
    words = ("generate", "--docs", str(docs), "--language", language, "--task", lesson.task)
    shown = await command(station, *words, "--show-prompt", "--json")
    assert shown.code == 0, shown.said
    assert word in json.loads(shown.out)["messages"][1]["content"]
    done = await command(station, *words, "--no-verify", "--out", "a.ipynb")
    assert done.code == 0, done.said
    assert f"The model {MODEL} answers." in done.said
    notebook = nbformat.read(station.folder / "a.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert code_of(notebook.cells)
