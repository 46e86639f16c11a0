"""Documentation of another version than the installed one is told of, and comes last."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import ApiDifference, DocSource
from gptoss_lab.schemas.events import VersionGapEvent, Warn
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.corpora import CorpusService
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.pipeline.gap import Gap, put_back
from tests.fakes.documents import install_package, inventory
from tests.fakes.generation import FakeExecutor, ScriptedGenerator, example

OLD_PAGE = """<html><head><title>Table</title></head><body><main><h1>minitab.Table</h1>
<dl class="py method"><dt class="sig sig-object py" id="minitab.Table.append">
<em>Table.</em>append(<em>row</em>)</dt><dd><p>Append a row to the end of the table.</p></dd></dl>
<dl class="py method"><dt class="sig sig-object py" id="minitab.Table.groupby">
<em>Table.</em>groupby(<em>column</em>, <em>squeeze=False</em>)</dt><dd><p>Group the rows.</p></dd></dl>
</main></body></html>"""


def old_documentation(folder: Path, version: str) -> Path:
    """Write the pages of a version of the package `minitab`."""
    folder.mkdir()
    lines = [f"minitab.Table.{name} py:method 1 table.html#$ -" for name in ("append", "groupby")]
    (folder / "objects.inv").write_bytes(inventory(*lines, project="minitab", version=version))
    (folder / "table.html").write_text(OLD_PAGE, encoding="utf-8")
    return folder


@pytest.fixture
def corpora(tmp_path: Path) -> CorpusService:
    """Return a service beside an installation of minitab 1.2."""
    install_package(tmp_path / "site")

    async def roots() -> list[tuple[Path, Literal["sandbox", "server"]]]:
        return [(tmp_path / "site", "server")]

    return CorpusService(folder=tmp_path / "corpora", config=DocumentConfig(), library_roots=roots)


async def warned(corpora: CorpusService, docs: Path, model: ScriptedGenerator) -> list[Warn]:
    """Return the warnings of a generation from a folder of documentation."""
    service = GenerationService(corpora=corpora, executor=FakeExecutor(), generators={"model": model})
    request = CodeGenerationRequest(
        task="Append a row with Table.append and group by one column.",
        sources=(DocSource(kind="folder", uri=str(docs)),),
        generator="model",
    )
    events = [event async for event in service.run(request)]
    await corpora.close()
    assert events[-1].type == "done"
    return [event for event in events if isinstance(event, Warn)]


async def test_another_version_is_told_and_put_last(corpora: CorpusService, tmp_path: Path) -> None:
    """Both versions, what is gone of what the task needs, and the installed API in the prompt."""
    model = ScriptedGenerator(["rows = 1"])
    banner, *_ = await warned(corpora, old_documentation(tmp_path / "docs", "0.9"), model)
    assert banner.message == "The documentation is of minitab 0.9, but minitab 1.2 is installed."
    assert "minitab.Table.append is gone" in banner.hint
    assert "minitab.Table.groupby has no parameter squeeze" in banner.hint
    passages = model.briefs[0].passages
    titles = {passage.title: passage.citation.version for passage in passages if passage.kind == "symbol"}
    assert titles["minitab.Table.groupby"] == "1.2"
    versions = [passage.citation.version for passage in passages if passage.kind == "symbol"]
    assert versions == sorted(versions, reverse=True)


async def test_the_same_version_is_no_news(corpora: CorpusService, tmp_path: Path) -> None:
    """A patch apart is the same; the package is not added by itself."""
    model = ScriptedGenerator(["rows = 1"])
    found = await warned(corpora, old_documentation(tmp_path / "docs", "1.2.9"), model)
    assert not [warning for warning in found if "installed" in warning.message]
    assert {passage.citation.source for passage in model.briefs[0].passages} == {"table.html"}


async def test_a_gap_is_told_in_parts(corpora: CorpusService, tmp_path: Path) -> None:
    """The sandbox is asked once for all names; event and warning tell what it says."""
    answer = {
        "minitab.Table.append": {"exists": False, "instead": "minitab.join", "sure": True},
        "minitab.Table.groupby": {"exists": True, "lost": ["squeeze"]},
    }
    executor = FakeExecutor(answer=answer)
    model = ScriptedGenerator(["rows = 1"])
    service = GenerationService(corpora=corpora, executor=executor, generators={"model": model})
    docs = old_documentation(tmp_path / "docs", "0.9")
    request = CodeGenerationRequest(
        task="Append a row with Table.append and group by one column.",
        sources=(DocSource(kind="folder", uri=str(docs)),),
        generator="model",
        verify=False,
    )
    events = [event async for event in service.run(request)]
    await corpora.close()
    (at,) = (number for number, event in enumerate(events) if isinstance(event, VersionGapEvent))
    told, warning = events[at], events[at + 1]
    assert isinstance(told, VersionGapEvent)
    assert isinstance(warning, Warn)
    assert (told.gap.package, told.gap.documented, told.gap.installed) == ("minitab", "0.9", "1.2")
    assert [(entry.name, entry.kind, entry.parameter, entry.instead) for entry in told.gap.differences] == [
        ("minitab.Table.append", "removed", "", "minitab.join"),
        ("minitab.Table.groupby", "parameter", "squeeze", ""),
    ]
    assert warning.message == told.gap.message
    assert "minitab.Table.append is gone (use minitab.join)" in warning.hint
    asked = [payload for payload in executor.payloads if "minitab.Table.append" in payload]
    assert len([payload for payload in asked if '"cells"' not in payload]) == 1


def test_examples_that_lack_something_come_last() -> None:
    """Far behind where another fits; as they are where nothing else does."""
    gone = ApiDifference(name="minitab.Table.append", kind="removed")
    gap = Gap("c", "docs", "minitab", "0.9", "1.2", differences=(gone,))
    lacks = example("t.append(1)", "minitab.Table.append", score=0.9)
    works = example("t.join(1)", "minitab.Table.join", score=0.5)
    assert [entry.id for entry in put_back([lacks, works], [gap])] == [works.id, lacks.id]
    assert put_back([lacks, works], [gap])[1].score < 0.1
    assert put_back([lacks], [gap]) == [lacks]
