"""What counts and keeps figures, put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gptoss_lab.schemas.config import MonitorConfig
from gptoss_lab.services.metrics.live import LiveMetrics, Model, Queues
from gptoss_lab.services.metrics.service import MetricsService
from gptoss_lab.services.monitor import Archive, MonitorService, Sandboxes
from gptoss_lab.services.quality.keeper import QualityKeeper

SHORT_DAYS = 1.0
"""How long figures are kept where they are kept in memory alone."""


@dataclass(frozen=True, slots=True)
class FigureParts:
    """What keeps figures over time, and what counts since this process began."""

    folder: Path
    quality: QualityKeeper
    metrics: MetricsService
    stored: bool

    def monitor(
        self, model: Model, sandboxes: Sandboxes, jobs: Queues, archive: Archive, *, jobs_kept: bool
    ) -> MonitorService:
        """Return what tells of them, and of these parts."""
        self.metrics.watch(LiveMetrics(model, jobs))
        return MonitorService(
            quality=self.quality,
            metrics=self.metrics,
            model=model,
            sandboxes=sandboxes,
            archive=archive,
            folder=self.folder,
            keeps=(jobs_kept, self.stored),
        )


def figure_parts(config: MonitorConfig | None, folder: Path) -> FigureParts:
    """Make them.

    Args:
        config: What is kept; None keeps nothing beyond this process.
        folder: Our data folder.
    """
    if config is None or not config.store:
        quality = QualityKeeper(None, SHORT_DAYS)
        return FigureParts(folder, quality, MetricsService(quality), stored=False)
    own = Path(config.folder).expanduser() if config.folder else folder / "monitor"
    quality = QualityKeeper(own, config.max_age_days)
    return FigureParts(folder, quality, MetricsService(quality), stored=True)
