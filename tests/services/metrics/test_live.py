"""What is so at this moment."""

from __future__ import annotations

from gptoss_lab.services.metrics.live import LiveMetrics
from tests.fakes.generation import Held
from tests.fakes.jobs import REQUEST, jobs, runs
from tests.fakes.metrics import SteadyModel


async def test_work_and_waiting_are_told_apart() -> None:
    """As they are when they are asked for, not as they were."""
    hold = Held()
    queue = jobs(runs(hold=hold), max_jobs=1)
    live = LiveMetrics(SteadyModel(), queue)
    for _ in range(3):
        queue.submit(REQUEST, "me")
    await hold.reached.wait()
    values = {family.name: family.samples[0].value for family in live.collect()}
    assert (values["gptoss_lab_jobs_running"], values["gptoss_lab_jobs_waiting"]) == (1, 2)
    await queue.close()
    values = {family.name: family.samples[0].value for family in live.collect()}
    assert (values["gptoss_lab_jobs_running"], values["gptoss_lab_jobs_waiting"]) == (0, 0)
