"""A real engine answers from documentation as Debian packs it, and from a package of this machine alone."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from gptoss_lab.schemas.base import Language
from tests.integration.command import command
from tests.integration.conftest import MakeStation
from tests.integration.test_documents import PYTHON, SKLEARN, part
from tests.integration.test_vllm_chain import code_of, model_config
from tests.tiny.engine import MODEL, RealEngine
from tests.tiny.lessons import GROUP_MEAN, R_AGGREGATE, REGRESSION, Lesson
from tools.debian import unpacked

pytestmark = [pytest.mark.vllm, pytest.mark.debian, pytest.mark.timeout(600)]
OWN = """# riverlab

Tables of rivers, which only this laboratory has.

## riverlab.group

Group a table by a column and take the mean of another.

```python
import riverlab

riverlab.group(table, by="city").mean("amount")
```
"""
R_MANUALS = unpacked("r-doc-html") / "usr/share/R/doc/manual"


def documentation(name: str, folder: Path) -> tuple[str, Language, Lesson, str]:
    """Return documentation, the language and the lesson to ask for, and words that only it has."""
    if name == "python":
        return str(part(PYTHON, folder / name, "library/csv.html")), "python", GROUP_MEAN, "csv"
    if name == "sklearn":
        pages = part(SKLEARN, folder / name, "modules/linear_model.html")
        return str(pages), "python", REGRESSION, "linear"
    if name == "r":
        return str(part(R_MANUALS, folder / name, "R-intro.html")), "r", R_AGGREGATE, "An Introduction to R"
    own = folder / name
    own.mkdir()
    (own / "index.md").write_text(OWN)
    return str(own), "python", GROUP_MEAN, "riverlab"


@pytest.mark.parametrize("name", ["python", "sklearn", "r", "internal"])
async def test_the_model_answers_from(
    name: str,
    stations: MakeStation,
    vllm_engine: RealEngine,
    tmp_path: Path,
) -> None:
    """The prompt holds the documentation, and what the model says becomes a notebook."""
    station = stations(sandbox={"runtime": "none"}, model=model_config(vllm_engine))
    station.data = tmp_path / "data"
    docs, language, lesson, word = documentation(name, tmp_path)
    words = ("generate", "--docs", docs, "--language", language, "--task", lesson.task)
    shown = await command(station, *words, "--show-prompt", "--json")
    assert shown.code == 0, shown.said
    assert word in json.loads(shown.out)["messages"][1]["content"]
    done = await command(station, *words, "--no-verify", "--out", "a.ipynb")
    assert done.code == 0, done.said
    assert f"The model {MODEL} answers." in done.said
    notebook = nbformat.read(station.folder / "a.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert code_of(notebook.cells)
