"""Documentation as Debian packs it: indexed, and answered from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.integration.command import command
from tests.integration.conftest import NONE_WARM, MakeStation, ensure_built
from tests.integration.station import Station
from tools.debian import unpacked

pytestmark = [pytest.mark.debian, pytest.mark.timeout(300)]
PYTHON = unpacked("python3.11-doc") / "usr/share/doc/python3.11/html"
SKLEARN = unpacked("python-sklearn-doc") / "usr/share/doc/python-sklearn-doc/html"
PANDAS = unpacked("python-pandas-doc") / "usr/share/doc/python-pandas-doc/html"

R_MANUALS = unpacked("r-doc-html") / "usr/share/R/doc/manual"


def part(source: Path, folder: Path, *patterns: str) -> Path:
    """Copy a part of a site, so that a test need not read it whole."""
    for pattern in ("objects.inv", *patterns):
        for page in source.glob(pattern):
            target = folder / page.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page, target)
    return folder


def code_of(path: Path) -> str:
    """Return the code of a notebook that must be valid."""
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


async def answered(station: Station, docs: Path, task: str) -> str:
    """Return the code that the examples of some documentation give for a task."""
    words = ("--docs", str(docs), "--task", task, "--generator", "examples", "--out", "a.ipynb")
    done = await command(station, "generate", "--no-verify", *words)
    assert done.code == 0, done.said
    assert "No model writes here" in done.said
    return code_of(station.folder / "a.ipynb")


@pytest.fixture
def station(stations: MakeStation, tmp_path: Path) -> Station:
    """A station that runs no cells, with its own indexes."""
    made = stations(sandbox={"runtime": "none"})
    made.data = tmp_path / "data"
    return made


async def test_the_documentation_of_python(station: Station, tmp_path: Path) -> None:
    """Examples of the standard library's pages answer."""
    docs = part(PYTHON, tmp_path / "python", "library/[b-c]*.html")
    assert "csv.reader" in await answered(station, docs, "read rows with csv.reader")


async def test_the_documentation_of_scikit_learn(station: Station, tmp_path: Path) -> None:
    """Examples of a part of its API and guide answer."""
    docs = part(SKLEARN, tmp_path / "sklearn", "modules/generated/sklearn.linear_model.L*.html")
    assert "LinearRegression(" in await answered(station, docs, "fit a linear regression and predict")


async def test_a_package_of_ones_own(station: Station, tmp_path: Path) -> None:
    """Pages about a package that nobody else has answer as others do."""
    docs = tmp_path / "house"
    docs.mkdir()
    (docs / "index.md").write_text(
        "# houselib\n\n## Rotate\n\nRotate a wall by an angle.\n\n"
        "```python\nimport houselib\n\nhouselib.rotate(houselib.Wall(3), degrees=90)\n```\n"
    )
    assert "houselib.rotate" in await answered(station, docs, "rotate a wall by 90 degrees")


@pytest.mark.docker
async def test_the_manuals_of_r(stations: MakeStation, data_dir: Path, tmp_path: Path) -> None:
    """What the session in one of them types for a linear model is shown, cited, and runs in R."""
    ensure_built("docker", data_dir, "r")
    docs = part(R_MANUALS, tmp_path / "r", "R-intro.html")
    station = stations(sandbox={"runtime": "docker", "warm": NONE_WARM})
    task = "fit a linear model and print its summary"
    words = ("--language", "r", "--docs", str(docs), "--task", task, "--generator", "examples")
    done = await command(station, "generate", *words, "--out", "a.ipynb")
    assert done.code == 0, done.said
    code = code_of(station.folder / "a.ipynb")
    assert "lm(y ~ x, data=dummy" in code
    assert "summary(fm" in code
    notebook: Any = nbformat.read(station.folder / "a.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    assert notebook.metadata.kernelspec.name == "gptoss-r"
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        note = cell.metadata.gptoss_lab
        assert (note.verification.status, note.verification.runtime) == ("ok", "docker")
        assert [source.title for source in note.sources] == ["Appendix A A sample session"]


async def test_one_changed_page_of_many_is_taken_in(station: Station, tmp_path: Path) -> None:
    """The rest of the pages is not read again, and the search finds the new words."""
    docs = part(PYTHON, tmp_path / "python", "library/[b-c]*.html")
    assert (await command(station, "index", "add", str(docs), "--json")).code == 0
    page = docs / "library/csv.html"
    page.write_text(page.read_text().replace("<h1>", "<h1>Zweiundvierzig ", 1))
    again = await command(station, "index", "refresh", "python", "--json")
    assert again.code == 0, again.said
    read = [line for line in map(json.loads, again.out.splitlines()) if line.get("step") == "parse"]
    assert {line["total"] for line in read} <= {1}
    found = await command(station, "index", "search", "Zweiundvierzig")
    assert "csv.html" in found.out


@pytest.mark.docker
@pytest.mark.parametrize(
    ("task", "told", "used"),
    [
        ("append a row to a DataFrame", "pandas.DataFrame.append is gone: use pandas.concat.", "concat("),
        (
            "read a file that is separated by whitespace with read_csv(delim_whitespace=True)",
            "pandas.read_csv takes no delim_whitespace any more: use sep='\\s+'.",
            "pd.",
        ),
    ],
)
async def test_pages_of_pandas_1_5_and_pandas_3_installed(
    stations: MakeStation, tmp_path: Path, task: str, told: str, used: str
) -> None:
    """The banner names what is gone and what to use; the cells that run do not use it."""
    station = stations(sandbox={"runtime": "docker"})
    api = ("DataFrame*.html", "read_csv.html", "concat.html", "Series.append.html")
    docs = part(PANDAS, tmp_path / "pandas", *(f"reference/api/pandas.{name}" for name in api))
    words = ("--docs", str(docs), "--task", task, "--generator", "examples", "--out", "a.ipynb")
    done = await command(station, "generate", *words)
    assert done.code == 0, done.said
    assert "The documentation is of pandas 1.5.3, but pandas 3." in done.said
    assert told in done.said
    code = code_of(station.folder / "a.ipynb")
    assert used in code
    assert ".append(" not in code
    assert "delim_whitespace" not in code
