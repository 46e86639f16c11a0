"""The machine as it was seen last: processor, memory, disk and accelerators."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gptoss_lab.schemas.monitor import Resources
from gptoss_lab.services.metrics.instruments import PREFIX

_MACHINE = (
    ("cpu_percent", "cpu_percent", "How busy all cores are together."),
    ("memory_used_bytes", "memory_used_bytes", "Memory of the machine that is in use."),
    ("memory_bytes", "memory_bytes", "Memory that the machine, or its container, has."),
    ("disk_free_bytes", "disk_free_bytes", "What is free where our data folder lies."),
    ("disk_bytes", "disk_bytes", "The disk where our data folder lies."),
    ("loop_lag_worst_seconds", "loop_lag_s", "How late the event loop was at worst in the last minute."),
)
_GPU = (
    ("gpu_used_percent", "used_percent", "How busy a GPU is."),
    ("gpu_memory_used_bytes", "memory_used_bytes", "Memory of a GPU that is in use."),
    ("gpu_memory_bytes", "memory_bytes", "Memory of a GPU."),
)


class MachineMetrics(Collector):
    """Gauges of the machine; what is not known is left out.

    Args:
        last: Returns the last look at once.
    """

    def __init__(self, last: Callable[[], Resources]) -> None:
        self._last = last

    def collect(self) -> Iterable[Metric]:
        """Yield what was seen; nothing before the first look has ended."""
        seen = self._last()
        if not seen.memory_bytes:
            return
        for name, field, says in _MACHINE:
            family = GaugeMetricFamily(f"{PREFIX}_{name}", says)
            family.add_metric([], getattr(seen, field))
            yield family
        for name, field, says in _GPU if seen.gpus else ():
            family = GaugeMetricFamily(f"{PREFIX}_{name}", says, labels=("gpu", "name"))
            for number, gpu in enumerate(seen.gpus):
                value = getattr(gpu, field)
                if value is not None:
                    family.add_metric([str(number), gpu.name], value)
            yield family
