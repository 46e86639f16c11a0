"""Which commands of R can be run, in their order."""

from __future__ import annotations

import json

import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.listings_answer import (
    ReadCommand,
    ReadListings,
    ReadPackage,
    listings_answer,
    listings_payload,
    listings_script,
)
from gptoss_lab.papers.listings_judge import judge_r, packages_in_text
from gptoss_lab.schemas.papers import Paper, PaperBlock, Place

PAPER = Paper(
    id="p",
    uri="p",
    form="pdf",
    title="Fitting with lme4",
    blocks=(
        PaperBlock(
            id="b1",
            kind="prose",
            text="The lme4 package, lme4 again, and nlme nlme nlme. We set nc <- 3.",
            place=Place(page=4),
        ),
    ),
)


def listing(name: str, source: str, *, named: bool = False) -> Listing:
    """Return a command of the block b2."""
    return Listing(name, source, "r", (), "b2", Place(page=5), 0, named=named)


def judged(*commands: ReadCommand, named: tuple[str, ...] = ()) -> list[str]:
    """Return why each command is not run; empty for those that are."""
    answer = ReadListings(
        commands=commands,
        functions=("mean", "beta"),
        values=("pi",),
        packages=(
            ReadPackage(
                name="lme4",
                installed=True,
                holds=("lmer", "sleepstudy", "shared"),
                data=("sleepstudy",),
                depends=("Matrix",),
            ),
            ReadPackage(name="Matrix", installed=True, holds=("bdiag", "logDet")),
            ReadPackage(name="nlme", installed=True, holds=("shared", "lme")),
            ReadPackage(name="gamm4"),
        ),
    )
    listings = [listing(command.id, command.id, named=command.id in named) for command in commands]
    program = judge_r(PAPER, listings, answer, "r")
    return [f"{one.listing.source}: {one.reason.text if one.reason else ''}" for one in program.judged] + [
        f"attached {', '.join(program.attached)}",
        *program.assumptions,
    ]


def test_names_are_made_by_what_runs_before() -> None:
    """And not by what cannot run."""
    told = judged(
        ReadCommand(id="a", defines=("x",), functions=("mean",)),
        ReadCommand(id="b", variables=("x", "L"), defines=("y",)),
        ReadCommand(id="c", variables=("y",)),
        ReadCommand(id="d", variables=("x", "pi")),
    )
    assert told[:4] == [
        "a: ",
        "b: It uses `L`, which nothing before it makes.",
        "c: It uses `y`, which nothing before it makes.",
        "d: ",
    ]


def test_packages_that_the_paper_does_not_attach() -> None:
    """The first that holds a name is attached, with what it depends on, and that is said."""
    told = judged(
        ReadCommand(id="a", functions=("lmer",), variables=("sleepstudy",)),
        ReadCommand(id="b", functions=("bdiag", "shared")),
    )
    assert told[:3] == ["a: ", "b: ", "attached lme4"]
    assert "without attaching a package; lme4" in told[3]


def test_functions_cannot_be_changed_in_part() -> None:
    """A function of that name, in R or in a package, is not what the command changes."""
    told = judged(ReadCommand(id="a", targets=("beta",)), ReadCommand(id="b", targets=("logDet",)))
    assert told[:2] == [
        "a: It uses `beta`, which nothing before it makes.",
        "b: It uses `logDet`, which nothing before it makes.",
    ]


def test_assignments_in_the_text_are_taken() -> None:
    """They run before the command that needs them, and that is said with the page."""
    told = judged(ReadCommand(id="a", variables=("nc",)))
    assert told[:2] == ["nc <- 3: ", "a: "]
    assert "page 4" in told[3]


def test_packages_that_are_not_there() -> None:
    """And what only they have."""
    told = judged(ReadCommand(id="a", attaches=("gamm4",)), ReadCommand(id="b", attaches=("nlme", "stats")))
    assert told[:2] == ["a: It needs the package gamm4, which the sandbox does not have.", "b: "]


def test_what_r_cannot_parse() -> None:
    """With the first line of what it says; a command that R said nothing of is not run either."""
    told = judged(ReadCommand(id="a", problem="<text>:1:3: unexpected symbol\n1: a b"))
    assert told[0] == "a: It is not R that can be parsed: <text>:1:3: unexpected symbol."
    silent = judge_r(PAPER, [listing("x", "x")], ReadListings(), "r")
    assert silent.judged[0].reason is not None


def test_calls_of_the_text_that_cannot_run_are_left_out() -> None:
    """The paper does not print them."""
    told = judged(
        ReadCommand(id="a", variables=("L",)), ReadCommand(id="b", functions=("mean",)), named=("a", "b")
    )
    assert told[0] == "b: "


def test_what_may_be_used_is_attached_but_not_asked_for() -> None:
    """Within functions and formulas nobody can say what a name will be."""
    told = judged(ReadCommand(id="a", soft=("lme", "later"), soft_variables=("Days",)))
    assert told[:2] == ["a: ", "attached nlme"]


def test_packages_that_a_paper_names() -> None:
    """Those that it calls packages come first."""
    assert packages_in_text(PAPER, {"nlme", "lme4", "stats", "absent"}) == ["lme4", "nlme"]


def test_the_program_for_r_is_asked_and_answers() -> None:
    """Output without a command is not asked about; what is no answer is refused."""
    sent = json.loads(listings_payload([listing("a", "x"), listing("b", "")], ["lme4"]))
    assert sent == {"commands": [{"id": "a", "source": "x"}], "packages": ["lme4"]}
    assert listings_script().rstrip().endswith("}")
    assert listings_answer('{"commands": [{"id": "a", "defines": ["x"]}]}').commands[0].defines == ("x",)
    with pytest.raises(SandboxError, match="no answer"):
        listings_answer("[]")
