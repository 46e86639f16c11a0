"""The dashboard, the alerts and the scrape of deploy/: they speak of what this server tells."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from gptoss_lab.schemas.model import EngineMemory, EngineMetrics, ModelState
from gptoss_lab.schemas.monitor import GpuUse, Resources
from gptoss_lab.services.metrics.live import LiveMetrics
from gptoss_lab.services.metrics.service import MetricsService
from tests.fakes.jobs import jobs, runs
from tools.debian import unpacked

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "gptoss-lab.json"
NAME = re.compile(r"gptoss_lab_\w+")
SELECTOR = re.compile(r"(gptoss_lab_\w+)\{([^}]*)\}")
LABEL = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
GROUPED = re.compile(r"by \(([^)]*)\)")
ADDED = {"instance", "job"}
"""Labels that Prometheus puts on by itself."""
SEEN = Resources(
    cpu_percent=1,
    cpu_count=2,
    memory_used_bytes=1,
    memory_bytes=2,
    server_bytes=1,
    disk_free_bytes=1,
    disk_bytes=2,
    gpus=(GpuUse(name="a", used_percent=1, memory_used_bytes=1, memory_bytes=2),),
)


class TalkingModel:
    """A model whose engine says all that an engine can."""

    def state(self) -> ModelState:
        """Return that."""
        metrics = dict.fromkeys(EngineMetrics.model_fields, 1)
        memory = dict.fromkeys(EngineMemory.model_fields, 1)
        return ModelState(phase="ready", metrics=EngineMetrics(**metrics), memory=EngineMemory(**memory))


async def exposition() -> dict[str, frozenset[str]]:
    """Return every name that a server can tell, and the labels of each."""
    service = MetricsService()
    queue = jobs(runs())
    service.watch(LiveMetrics(TalkingModel(), queue))
    service.watch_resources(lambda: SEEN)
    service.watch_stores(lambda: {"jobs": ""})
    text = service.text().decode()
    labels = {
        f"{metric.name}": frozenset(instrument._labelnames)
        for instrument in vars(service._instruments).values()
        if hasattr(instrument, "_labelnames")
        for metric in instrument.describe()
    }
    await queue.close()
    found: dict[str, frozenset[str]] = {}
    for family in text_string_to_metric_families(text):
        own = labels.get(family.name) or frozenset(
            label for sample in family.samples for label in sample.labels
        )
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(
            family.type, ("",)
        )
        found.update(dict.fromkeys((family.name + suffix for suffix in suffixes), own | {"le"}))
    return found


def expressions() -> Iterator[str]:
    """Yield every expression of the dashboard, the alerts and their test."""
    yield from (target["expr"] for panel in panels() for target in panel.get("targets", ()))
    yield from (rule["expr"] for rule in rules())
    tests = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]
    yield from (series["series"] for test in tests for series in test["input_series"])


def panels() -> list[dict[str, Any]]:
    """Return the panels of the dashboard."""
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def rules() -> list[dict[str, Any]]:
    """Return the alerts."""
    groups = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


async def test_every_metric_that_is_named_is_told() -> None:
    """With the labels by which it is chosen and summed up: correct the file, or the renamed metric."""
    known = await exposition()
    asked = list(expressions())
    assert len(asked) > 40
    for expression in asked:
        names = set(NAME.findall(expression))
        assert names <= known.keys(), f"{sorted(names - known.keys())} is told by no server: {expression}"
        for name, chosen in SELECTOR.findall(expression):
            assert set(LABEL.findall(chosen)) <= known[name] | ADDED, expression
        summed = {label.strip() for group in GROUPED.findall(expression) for label in group.split(",")}
        labels = frozenset().union(*(known[name] for name in names)) | ADDED
        assert summed <= labels, f"{sorted(summed - labels)} is no label: {expression}"


def test_alerts_say_what_to_do() -> None:
    """In a summary and a description, and how grave it is."""
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) >= 10
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert {"summary", "description"} == rule["annotations"].keys()


def test_the_dashboard_is_whole() -> None:
    """Panels have ids of their own, lie beside one another, and say what they show."""
    found = panels()
    assert len({panel["id"] for panel in found}) == len(found) > 20
    places = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in found
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < 24
    assert all(panel["description"] for panel in found if panel["type"] != "row")


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    """The folder as a person sets it up: with a token."""
    folder = tmp_path / "prometheus"
    shutil.copytree(PROMETHEUS, folder)
    (folder / "token").write_text("secret")
    return folder


@pytest.mark.debian
@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_takes_them(words: tuple[str, ...], deployed: Path) -> None:
    """Its own tool reads the rules and the scrape, and the alerts fire when they should."""
    promtool = unpacked("prometheus") / "usr" / "bin" / "promtool"
    done = subprocess.run(
        [promtool, *words], cwd=deployed, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.debian
def test_a_server_tells_what_prometheus_reads() -> None:
    """Its tool has nothing to say against the exposition."""
    promtool = unpacked("prometheus") / "usr" / "bin" / "promtool"
    service = MetricsService()
    service.answered("/api/v1/health", "GET", 200, 0.01)
    service.watch_resources(lambda: SEEN)
    done = subprocess.run(
        [promtool, "check", "metrics"], input=service.text(), capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
