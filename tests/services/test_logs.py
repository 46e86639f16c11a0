"""Lines of the log: what they belong to, as text and as JSON, and no words of anybody."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from gptoss_lab.errors import NotFoundError
from gptoss_lab.services.logs import ACCESS, JsonLines, discreet, set_up, take_down
from gptoss_lab.services.owners import OWNER
from gptoss_lab.services.work import JOB, REQUEST, STAGE, mark_of

LOG = logging.getLogger("gptoss_lab.some.where")


@pytest.fixture(autouse=True)
def _taken_down() -> Iterator[None]:
    """Leave the loggers as they were."""
    yield
    take_down()


@pytest.fixture
def _working() -> Iterator[None]:
    """Work on a job."""
    tokens = [(REQUEST, REQUEST.set("r-1")), (JOB, JOB.set("j-1")), (STAGE, STAGE.set("check"))]
    owner = OWNER.set("ada")
    yield
    OWNER.reset(owner)
    for variable, token in tokens:
        variable.reset(token)


@pytest.mark.usefixtures("_working")
def test_a_line_of_text_names_its_request_and_job(capsys: pytest.CaptureFixture[str]) -> None:
    """After the time and the place, before the words; a person stands as a mark."""
    set_up(as_json=False, level=logging.INFO)
    LOG.info("It is %s", "so")
    line = capsys.readouterr().err
    assert line.startswith("[I 2")
    assert f" [request=r-1 job=j-1 owner={mark_of('ada')} stage=check] It is so\n" in line
    assert "ada" not in line


@pytest.mark.usefixtures("_working")
def test_a_line_of_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """With the figures that were given, on one line whatever the words are."""
    set_up(as_json=True, level=logging.DEBUG)
    LOG.debug("two\nlines", extra={"duration_s": 1.5})
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "debug",
        "logger": LOG.name,
        "message": "two\nlines",
        "request": "r-1",
        "job": "j-1",
        "owner": mark_of("ada"),
        "stage": "check",
        "duration_s": 1.5,
    }


def test_work_of_the_server_itself_belongs_to_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """What is empty is left out."""
    set_up(as_json=True, level=logging.INFO)
    LOG.warning("x")
    assert set(json.loads(capsys.readouterr().err)) == {"time", "level", "logger", "message"}


@pytest.mark.parametrize("as_json", [True, False])
def test_a_fault_is_told_without_its_words(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Where it came from and what it was; a library may quote what it was given."""
    set_up(as_json=as_json, level=logging.INFO)
    words = ["TULIP", "DAFFODIL"]
    try:
        try:
            int(words[0])
        except ValueError as error:
            raise NotFoundError(f"There is no {words[1]}!") from error
    except NotFoundError:
        LOG.exception("It failed")
    told = capsys.readouterr().err
    assert "builtins.ValueError" in told
    assert "gptoss_lab.errors.NotFoundError (not_found)" in told
    assert "test_logs.py" in told
    assert "base 10" not in told
    assert f"{words[1]}!" not in told


def test_what_is_suppressed_is_not_told() -> None:
    """As Python does it."""
    told = ""
    try:
        try:
            int("x")
        except ValueError:
            raise KeyError("y") from None
    except KeyError:
        told = discreet(sys.exc_info())
    assert "KeyError" in told
    assert "ValueError" not in told


def test_set_up_twice_writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Two extensions of one process, or a test after another."""
    set_up(as_json=False, level=logging.INFO)
    set_up(as_json=True, level=logging.INFO)
    LOG.info("x")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_requests_that_went_well_are_quiet_in_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A person at a terminal is not told of every look at the state of the model; a program is."""
    set_up(as_json=False, level=logging.INFO)
    logging.getLogger(ACCESS).info("x")
    assert capsys.readouterr().err == ""
    set_up(as_json=True, level=logging.INFO)
    logging.getLogger(ACCESS).info("x")
    assert json.loads(capsys.readouterr().err)["logger"] == ACCESS


def test_the_rest_of_the_server_speaks_json_too() -> None:
    """Where that is chosen, and only there."""
    other = logging.NullHandler()
    set_up(as_json=False, level=logging.INFO, others=[other])
    assert other.formatter is None
    set_up(as_json=True, level=logging.INFO, others=[other])
    assert isinstance(other.formatter, JsonLines)


def test_a_mark_is_no_name() -> None:
    """The same for the same name; nothing for nobody; also for what is no text."""
    assert mark_of("ada") == mark_of("ada") != mark_of("bob")
    assert mark_of("") == ""
    assert len(mark_of("\ud800")) == 12
