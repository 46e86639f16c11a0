"""The machine, the stores and a model's start, as Prometheus reads them."""

from __future__ import annotations

from gptoss_lab.schemas.monitor import GpuUse, Resources
from gptoss_lab.services.metrics.instruments import Instruments
from gptoss_lab.services.metrics.loading import LoadingTimes
from gptoss_lab.services.metrics.machine import MachineMetrics
from gptoss_lab.services.metrics.stores import StoreMetrics

SEEN = Resources(
    cpu_percent=12,
    cpu_count=2,
    memory_used_bytes=1,
    memory_bytes=2,
    server_bytes=1,
    disk_free_bytes=1,
    disk_bytes=2,
    gpus=(GpuUse(name="H100", used_percent=37), GpuUse(name="H100", memory_bytes=5)),
)


def test_gpus_are_told_where_they_are() -> None:
    """What a driver does not say is left out; before the first look there is nothing."""
    found = {
        (sample.name, sample.labels.get("gpu")): sample.value
        for family in MachineMetrics(lambda: SEEN).collect()
        for sample in family.samples
    }
    assert found["gptoss_lab_cpu_percent", None] == 12
    assert found["gptoss_lab_gpu_used_percent", "0"] == 37
    assert ("gptoss_lab_gpu_used_percent", "1") not in found
    assert found["gptoss_lab_gpu_memory_bytes", "1"] == 5
    nothing = SEEN.model_copy(update={"memory_bytes": 0})
    assert list(MachineMetrics(lambda: nothing).collect()) == []


def test_a_store_with_a_fault_is_told() -> None:
    """Without its words, which may hold a path."""
    (family,) = StoreMetrics(lambda: {"jobs": "/home/ada is full", "monitor": ""}).collect()
    assert {sample.labels["store"]: sample.value for sample in family.samples} == {"jobs": 1, "monitor": 0}


def test_phases_of_a_start_are_measured() -> None:
    """Each once, from one to the next; a start that fails says nothing of its last phase."""
    instruments, now = Instruments(), [0.0]
    times = LoadingTimes(instruments.loading_s, lambda: now[0])
    for phase, until in (("starting", 2), ("starting", 3), ("loading_weights", 10), ("ready", 11)):
        times.enter(phase)  # type: ignore[arg-type]
        now[0] = until
    times.enter("starting")
    times.enter("failed")
    value = instruments.registry.get_sample_value
    assert value("gptoss_lab_model_loading_seconds_sum", {"phase": "starting"}) == 3
    assert value("gptoss_lab_model_loading_seconds_sum", {"phase": "loading_weights"}) == 7
    assert value("gptoss_lab_model_loading_seconds_count", {"phase": "starting"}) == 1
