"""The names that a draft means to use."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.drafted import drafted


def test_names_are_resolved_by_imports_and_convention() -> None:
    """Imports of draft and context, and short names; members of unknown objects keep a dot."""
    code = "from json import loads\nrows = loads(text)\nout = np.where(pd.isna(rows), 0, 1).sum()"
    found = drafted(code, "import numpy as np\nimport pandas as pd")
    assert found.names == ("json.loads", "numpy.where", "pandas.isna", ".sum")
    assert found.packages == {"json", "numpy", "pandas"}


@pytest.mark.parametrize(
    "code", ["    return df.groupby('a').size()", "return df.groupby('a').size()", "df.groupby('a').size()"]
)
def test_a_body_of_a_function_is_a_draft_too(code: str) -> None:
    """With or without its indentation."""
    assert drafted(code).names == ("df.groupby", ".size")


def test_a_list_of_calls_that_is_no_python_is_read() -> None:
    """A model answers as it likes: names are found where they look like names."""
    found = drafted("- pd.DataFrame.groupby(by)\n- then .agg() on it, and plt.plot")
    assert found.names == ("pandas.DataFrame.groupby", ".agg", "matplotlib.pyplot.plot")


def test_own_names_are_no_api() -> None:
    """What the draft defines itself is not looked up."""
    assert drafted("def g(x):\n    return len(x)\ng(1)\ny = [1]\ny.append(2)").names == ("len", ".append")
