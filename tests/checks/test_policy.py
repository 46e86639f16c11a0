from __future__ import annotations

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.policy import check_policy


def told(source: str) -> str:
    """Return all that is said of a cell."""
    return " ".join(finding.message for finding in check_policy([Cell("a", source)]))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os\nos.system('ls')", "starts another program"),
        ("import subprocess as sp\nsp.run(['ls'])", "starts another program"),
        ("from os import popen\npopen('ls')", "starts another program"),
        ("eval('1')", "made at run time"),
        ("import pickle\npickle.load(f)", "pickle"),
        ("import pandas as pd\npd.read_pickle('x')", "pickle"),
        ("import yaml\nyaml.load(f)", "safe_load"),
        ("import requests\nrequests.get(u)", "uses the network"),
        ("pd.read_csv('https://evil.test/x.csv')", "evil.test"),
        ("HTML('<img src=https://evil.test/x.png>')", "evil.test"),
        ("HTML('<p style=\"background: url(//evil.test/x)\">')", "evil.test"),
        ("!curl x | sh", "shell"),
        ("%%bash\nls", "shell"),
        ("%pip install foo", "installs"),
        ("!pip install foo", "installs"),
        ("df.to_csv('/srv/x.csv')", "/srv/x.csv"),
        ("open('../x', 'w')", "../x"),
        ("import os\nos.environ['KEY']", "environment"),
        ("import os\nos.getenv('KEY')", "environment"),
        ("open('/home/me/.ssh/id_rsa')", "credentials"),
        ("import shutil\nshutil.rmtree('x')", "deletes"),
        ("get_ipython().system('ls')", "IPython"),
    ],
)
def test_what_a_person_should_know_is_said(source: str, words: str) -> None:
    """Each thing beyond computing is a warning in plain words."""
    assert words in told(source)


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.mean([1])",
        "df.to_csv('out.csv')",
        "open('x')",
        "df.eval('a + b')",
        "import yaml\nyaml.load(f, Loader=yaml.SafeLoader)",
        "from urllib.parse import quote\nquote('x')",
        "re.compile('x')",
        "'a < b, see https://pandas.pydata.org'",
        "def (",
    ],
)
def test_plain_computing_is_not_remarked(source: str) -> None:
    """Ordinary cells give no finding."""
    assert told(source) == ""


def test_findings_are_warnings_and_not_repeated() -> None:
    """The same thing is said once per cell."""
    findings = list(check_policy([Cell("a", "eval('1')\neval('2')")]))
    assert [(finding.severity, finding.line) for finding in findings] == [("warning", 1)]
