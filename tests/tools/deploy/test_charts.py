"""Values for charts, and what the files set of ours."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tools.deploy import charts, files
from tools.deploy.__main__ import configuration_problems

CASES = [
    ("jupyterhub/values.yaml", charts.JUPYTERHUB),
    ("production-stack/values.yaml", charts.PRODUCTION_STACK),
]


@pytest.mark.parametrize(("name", "schema"), CASES)
def test_the_values_are_those_that_the_charts_take(name: str, schema: charts.Schema) -> None:
    """And a name that a chart does not know is found."""
    values: dict[str, Any] = deepcopy(dict(files.load(name)))
    assert not list(charts.problems(name, values, schema))
    values["of_yesterday"] = {}
    assert len(list(charts.problems(name, values, schema))) == 1


def test_what_the_files_set_of_ours_is_taken() -> None:
    """The container's, the hub's and the gateway's configuration."""
    assert not list(configuration_problems())
    assert len(list(files.configurations())) == 3
