from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gptoss_lab.checks.api import ApiReport, agent_script, api_payload, api_report
from gptoss_lab.checks.cells import Cell
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.generation import NotebookColumn, NotebookVariable

HEAD = "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"


def ask(
    *sources: str, context: tuple[str, ...] = (), variables: tuple[NotebookVariable, ...] = ()
) -> ApiReport:
    """Run the agent as the sandbox does: alone, isolated, by its standard streams."""
    cells = [Cell(str(number), source) for number, source in enumerate(sources)]
    command = [sys.executable, "-I", "-c", agent_script()]
    run = subprocess.run(
        command,
        input=api_payload(cells, context, variables),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return api_report(run.stdout, cells)


WRONG = {
    "np.in1d([1], [1])": "np.in1d is gone",
    "np.zeros(3, dtyp=int)": "unknown keyword",
    "pd.DataFrame({}).append({})": "method of a constructed object",
    "d = pd.concat([])\nd.append({})": "method of a returned object",
    "d = pd.DataFrame({})\nd['a'].str.split(' ', 1, True)": "too many positional arguments",
    "d = pd.DataFrame({})\nd.sort_values(bye='a')": "unknown keyword of a method",
    "LinearRegression(fit_itercept=True)": "unknown keyword of a class",
    "m = LinearRegression().fit([[1]], [1])\nm.predict_all([[1]])": "method of a fitted model",
    "def f(x):\n    return x.frobnicate_all()": "method that no class has",
    "from sklearn.linear_model import LinearRegresion": "from-import of nothing",
    "import sklearn.nothing_here": "submodule of nothing",
    "[1].push(2)": "method of a list",
    "np.array([1]).push(2)": "method of an array",
    "pd.DataFrame.applymapp": "attribute of a class",
    "np.concatenate()": "missing argument",
    "def f(d):\n    return d.applymap(str)\nf(pd.DataFrame({}))": "method of an argument",
    "def f():\n    return pd.DataFrame({})\nf().append({})": "method of what a function of the cell gives",
    "d = pd.DataFrame({})\nfor n in [1]:\n    d = d.append({})": "method in a loop",
    "a, b = pd.DataFrame({}), 1\na.append({})": "method of a part of a tuple",
    "d = pd.DataFrame({'a': [1]})\n(d['a'] + 1).iteritems()": "method of a computed object",
    "d = pd.DataFrame({'a': [1]})\nd.groupby('a')['a'].meen()": "method of groups",
    "d = pd.DataFrame({'a': [1]})\nd.colums": "misspelt property of a table",
    "d = pd.DataFrame({'a': [1]})\nd.a.sum(axiss=0)": "keyword that goes by ** to nothing",
    "def f(x):\n    return x.sort_values(bye='a')\n": "keyword that no class takes",
    "np.array([1])[:1].push(2)": "method of a slice",
    "def f(a):\n    return a\nf(1, 2)": "too many arguments for a function of the cell",
}
RIGHT = [
    "try:\n    from numpy import in1d\nexcept ImportError:\n    from numpy import isin as in1d",
    "if hasattr(np, 'in1d'):\n    np.in1d([1], [1])",
    "isin = np.isin if not hasattr(np, 'in1d') else np.in1d",
    "if np.__version__ < '2':\n    np.in1d([1], [1])",
    "kw = {}\nnp.zeros(3, **kw)\nnp.zeros(*[3])",
    "pd.DataFrame({}).groupby('a').agg(total=('b', 'sum'))",
    "class A:\n    def frobnicate(self): ...\ndef f(a):\n    a.frobnicate()",
    "d = pd.DataFrame({})\nd.a_column\nd.plot(kind='line')",
    "m = LinearRegression()\nm.coef_\nm.set_params(fit_intercept=False)",
    "np = object()\nnp.whatever",
    "def f(np):\n    np.whatever",
    "for np in []:\n    np.whatever",
    "x = pd.Index([1])\nx.strftime('%Y')",
    "import collections\nP = collections.namedtuple('P', 'a b')\nP(1, b=2)._asdict()",
    "import unittest.mock as m\nm.Mock().anything_at_all()",
    "import scipy\nscipy.stats.norm(0, 1).pdf(0)",
    "a = np.array([1]) if True else None\na.tolist()",
    "from pathlib import Path\n(Path('a') / 'b').read_text(encoding='utf-8')",
    "d = pd.read_csv('a.csv')\nd.colums",
    "d = pd.DataFrame({'colums': [1]})\nd.colums",
    "d = pd.DataFrame({}).assign(colums=1)\nd.colums",
    "d = pd.DataFrame({'a': [1]})\nd.groupby('a').agg(total=('a', 'sum')).total",
    "def f(x, *y, z=1, **w):\n    return x\nf(1, 2, 3, z=4, q=5)",
    "def f(n):\n    return n if n < 2 else f(n - 1)\nf(3).bit_length()",
    "def f():\n    yield 1\nf().send(None)",
    "a = np.zeros(3) if True else pd.DataFrame({})\na.tolist()",
    "m = LinearRegression().fit([[1]], [1])\nm.feature_names_in_",
    "for i in range(3):\n    x = [] if i else x\n    x.append(1)",
]


def test_wrong_calls_are_found() -> None:
    """Names, keywords and methods that the installed packages do not have are errors."""
    report = ask(*(HEAD + source for source in WRONG))
    found = {int(finding.cell) for finding in report.findings}
    assert found == set(range(len(WRONG))), [
        list(WRONG.values())[number] for number in set(range(len(WRONG))) - found
    ]


def test_right_calls_are_left_alone() -> None:
    """Guards, dynamic objects and shadowed names give no finding."""
    report = ask(*(HEAD + source for source in RIGHT))
    assert [(RIGHT[int(finding.cell)], finding.message) for finding in report.findings] == []


def test_near_names_and_signature_are_told() -> None:
    """A wrong keyword names the right one and shows the signature; a wrong name those beside it."""
    report = ask("import numpy as np\nnp.zeros(3, dtyp=int)\nnp.NAN")
    keyword, name = report.findings
    assert keyword.suggestions == ("dtype",)
    assert "zeros(shape" in keyword.message
    assert name.suggestions[0] == "nan"
    assert (name.check, name.severity, name.line) == ("api", "error", 3)


def test_successors_are_told_first() -> None:
    """Where the new name is spelled quite differently it is still suggested."""
    (finding,) = ask("import pandas as pd\npd.DataFrame({}).append({})").findings
    assert finding.suggestions[0] == "pandas.concat"


def test_evidence_shows_what_is_there() -> None:
    """The nearest names come with their signature and the first line of what they do."""
    keyword, name = ask("import pandas as pd\npd.concat([], axes=1)\npd.concatt([])").findings
    assert keyword.evidence[0].startswith("concat(objs, *, axis=0")
    assert name.suggestions[0] == "concat"
    assert name.evidence[0].startswith("concat(objs")
    assert "Concatenate" in name.evidence[0]


def test_types_of_the_live_kernel_count() -> None:
    """A variable that no cell makes has its class from the kernel, and a table its columns."""
    columns = (NotebookColumn(name="price"), NotebookColumn(name="titel"))
    frame = NotebookVariable(name="d", type="pandas.core.frame.DataFrame", columns=columns)
    array = NotebookVariable(name="a", type="numpy.ndarray")
    report = ask(
        "import pandas as pd\nimport numpy as np\nd.price.sum()\nd.titel\na.mean()",
        "d.append({})",
        "a.push(1)",
        "d.price.iteritems()",
        "d.colums",
        variables=(frame, array),
    )
    assert [finding.cell for finding in report.findings] == ["1", "2", "3", "4"]


def test_a_type_that_is_not_there_tells_nothing() -> None:
    """The kernel may hold objects of packages that the sandbox has not."""
    odd = tuple(NotebookVariable(name="o", type=name) for name in ("no.such.Thing", "x", "json.nothing"))
    for variable in odd:
        assert ask("import json\no.anything()\njson.dumpz(o)", variables=(variable,)).findings[0].line == 3


def test_modules_are_told_and_context_is_learned() -> None:
    """The agent says which modules exist; the notebook's cells give names but no findings."""
    report = ask("np.in1d", "import nothere", context=("import numpy as np\nnp.also_wrong",))
    assert report.modules == {"numpy": True, "nothere": False}
    assert [finding.symbol for finding in report.findings] == ["numpy.in1d"]


def test_broken_and_magic_cells_do_not_stop_it() -> None:
    """A cell that does not parse is skipped, magics are blanked."""
    report = ask("def (", "%matplotlib inline\nimport numpy as np", "np.in1d")
    assert report.findings == [] or all(finding.cell == "2" for finding in report.findings)


@pytest.mark.parametrize("answer", ["", "[]", "{", '{"findings": 1}', "Traceback"])
def test_unreadable_answer_is_an_error(answer: str) -> None:
    """What is not the agent's answer is refused."""
    with pytest.raises(SandboxError):
        api_report(answer, [Cell("a", "")])


def test_answer_is_not_trusted() -> None:
    """Unknown cells fall away, lines and texts are bounded."""
    finding = {"cell": "a", "line": 99, "symbol": "s" * 999, "message": "m" * 9999, "suggestions": ["x"] * 99}
    answer = json.dumps({"findings": [finding, {**finding, "cell": "other"}] * 500, "modules": {}})
    report = api_report(answer, [Cell("a", "one\ntwo")])
    assert len(report.findings) <= 200
    first = report.findings[0]
    assert (first.line, len(first.symbol), len(first.message), len(first.suggestions)) == (2, 200, 1000, 4)
