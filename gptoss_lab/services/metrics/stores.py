"""Which stores cannot keep what they should."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gptoss_lab.services.metrics.instruments import PREFIX


class StoreMetrics(Collector):
    """Says of each store whether it has a fault.

    Args:
        faults: For each store, why it keeps nothing; empty where it does.
    """

    def __init__(self, faults: Callable[[], Mapping[str, str]]) -> None:
        self._faults = faults

    def collect(self) -> Iterable[Metric]:
        """Yield that; why it is so stands in `/api/v1/health`."""
        name, says = f"{PREFIX}_store_faults", "1 for a store that cannot keep what it should."
        family = GaugeMetricFamily(name, says, labels=("store",))
        for store, fault in self._faults().items():
            family.add_metric([store], float(bool(fault)))
        yield family
