"""What a package may hold, and what it must."""

from __future__ import annotations

import sys

import pytest

from tools.release import contents

TRACKED = (".ci/run", "docs/screenshots/a.png", "gptoss_lab/cli.py", "gptoss_lab/rules.R", "install.json")
PACKED = ("PKG-INFO", "gptoss_lab/_version.py", "gptoss_lab/cli.py", "gptoss_lab/rules.R", "install.json")
BUILT = [f"gptoss_lab-1.data/data/share/jupyter/labextensions/gptoss-lab/{name}" for name in contents.BUILT]
INSTALL = "gptoss_lab-1.data/data/share/jupyter/labextensions/gptoss-lab/install.json"
METADATA = b"Metadata-Version: 2.4\nName: gptoss-lab\nVersion: 1.0\n"
DESCRIBED = b"Description-Content-Type: text/markdown\n\n# What it is\n"


def test_a_source_distribution_holds_what_is_tracked() -> None:
    """What is left out on purpose does not count as missing, what the build makes not as foreign."""
    assert not list(contents.sdist_problems(PACKED, TRACKED))


def test_what_a_source_distribution_lacks_or_should_not_hold_is_named() -> None:
    """A forgotten file, a file of somebody's desk, and one that is left out on purpose."""
    held = (*PACKED[:-1], "notes.txt", ".ci/run")
    told = " ".join(contents.sdist_problems(held, TRACKED))
    assert all(name in told for name in ("lacks install.json", "holds notes.txt", "holds .ci/run"))


def test_a_reason_that_is_left_over_is_named() -> None:
    """What is left out has to be there."""
    told = list(contents.sdist_problems(PACKED, TRACKED[2:]))
    assert len(told) == len(contents.LEFT_OUT)


def test_a_wheel_holds_the_package_its_data_and_the_extension() -> None:
    """Templates, locks and R files are data of the package; the rest goes below share and etc."""
    assert not list(contents.wheel_problems([*PACKED[1:4], INSTALL, *BUILT], TRACKED))


@pytest.mark.parametrize("name", ["gptoss_lab/rules.R", INSTALL, BUILT[-1]])
def test_what_a_wheel_lacks_is_named(name: str) -> None:
    """Data, shared files and the licences of the bundled scripts."""
    held = [held for held in (*PACKED[1:4], INSTALL, *BUILT) if held != name]
    assert len(list(contents.wheel_problems(held, TRACKED))) == 1


@pytest.mark.parametrize(
    "secret",
    [b"-----BEGIN RSA " + b"PRIVATE KEY-----", b"AKIA" + b"A1" * 8, b"hf_" + b"a" * 34, b"ghp_" + b"b" * 36],
)
def test_a_secret_is_found(secret: bytes) -> None:
    """What looks like a key is told, and only its beginning."""
    (told,) = contents.leaks({"a.py": b"key = '" + secret + b"'"})
    assert "a.py" in told
    assert secret.decode() not in told


def test_a_path_of_the_machine_is_found() -> None:
    """A source map or a compiled file could tell where it was built."""
    assert list(contents.leaks({"a.js": sys.prefix.encode()}))


def test_a_description_that_the_index_refuses_is_named() -> None:
    """An unknown classifier, and no description."""
    told = list(contents.metadata_problems({"PKG-INFO": METADATA + b"Classifier: Made :: Up\n\n"}))
    assert len(told) == 2


def test_a_good_description_passes() -> None:
    """Known classifiers, and Markdown."""
    good = METADATA + b"Classifier: Framework :: Jupyter\n" + DESCRIBED
    assert not list(contents.metadata_problems({"a.dist-info/METADATA": good}))
