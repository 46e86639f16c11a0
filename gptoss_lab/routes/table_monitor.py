"""The address of the monitor."""

from __future__ import annotations

from gptoss_lab.routes.monitor import MonitorHandler
from gptoss_lab.routes.operation import Operation, Route
from gptoss_lab.routes.query import Query, number

MAX_HOURS = 24 * 90

MONITOR_ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/monitor",
        MonitorHandler,
        (
            Operation(
                "GET",
                "How generations have fared in the last hours, in steps and by model, templates and "
                "documentation; how long stages and answers took; errors; and how this server stands. It is "
                "of all persons of this data folder together. Times of stages and answers are rounded up by "
                "9 % at most.",
                reply="Monitor",
                query=(Query("hours", "How many; 24 when not given.", number(1, MAX_HOURS)),),
            ),
        ),
    ),
)
