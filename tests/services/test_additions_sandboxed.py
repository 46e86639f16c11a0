"""A package is added to a real image, and cells that lacked it run in the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.packages import check_packages, r_need
from gptoss_lab.sandbox.catalog import find_additions, make_runtimes
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.events import Done, Event
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse, GeneratedCell
from gptoss_lab.schemas.review import Finding
from gptoss_lab.services.additions import AdditionService
from gptoss_lab.services.execution import ExecutionService
from gptoss_lab.services.images import ImageService
from gptoss_lab.services.kept import KeptSandboxes
from gptoss_lab.services.needs import AdditionPolicy, addition_of
from gptoss_lab.services.packages import PackageService
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.generation import FakeCorpora
from tests.fakes.sessions import FakeStarter
from tests.sandbox.conformance import require_image

CODE = {
    "python": "import emoji\nprint(emoji.emojize(':thumbs_up:'))",
    "r": "library(beeswarm)\nexists('swarmx')",
}


def lacking(language: Language) -> CodeGenerationResponse:
    """Return a job with a cell that lacks a package."""
    source = CODE[language]
    if language == "python":
        found = tuple(check_packages([Cell("a", source)], {"numpy": "2"}))
    else:
        need = r_need("beeswarm")
        found = (
            Finding(check="packages", severity="error", cell="a", message="It is not there.", need=need),
        )
    cell = GeneratedCell(id="a", kind="code", language=language, source=source, findings=found)
    return CodeGenerationResponse(
        job="j", state="done", task="x", language=language, generator="model", created_at="", cells=(cell,)
    )


@pytest.mark.docker
@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", ["python", "r"])
async def test_cells_run_in_the_image_that_has_both(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found by what starts from then on, in this process too; what was remembered is forgotten."""
    await require_image("docker", language)
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(tmp_path))
    config = SandboxConfig.model_validate({"runtime": "docker"})
    runtimes = make_runtimes(config)
    executor = ExecutionService(config=config, runtimes=runtimes)
    images = ImageService(config=config, runtimes=runtimes, additions=find_additions())
    packages = PackageService(
        config=config,
        images=images,
        sandboxes=SandboxService(KeptSandboxes(1, FakeStarter())),
        changed=executor.forget_images,
    )
    service = AdditionService(
        packages=packages, executor=executor, corpora=FakeCorpora(), policy=AdditionPolicy.of(config)
    )
    try:
        before = await executor.packages(language)
        request = CodeGenerationRequest(task="x", language=language)
        events: list[Event] = [event async for event in service.run(addition_of(lacking(language), request))]
        last = events[-1]
        assert isinstance(last, Done), last
        assert (last.verified, [event for event in events if event.type == "finding"]) == (1, [])
        (environment,) = [event.environment for event in events if event.type == "environment"]
        assert set(environment.packages) > set(before)
        assert await executor.packages(language) == environment.packages
        await images.remove(environment.image)
    finally:
        await executor.close()
