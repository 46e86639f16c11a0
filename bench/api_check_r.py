"""The check of R calls on mistakes that are seeded into the help examples of installed packages.

The examples come from the packages of the R sandbox, by the reader that the product has; only those
that run there are used. A mistake counts where the code without it runs, and R ends the code with it
in an error about the call itself: a function that is not there, a name that a package lacks, an
argument that is not taken. R is the judge: each is run in the sandbox, so that nothing counts that R
takes without complaint, or that only fails later because of its data; those are counted apart. An
example that runs and is told of is a false alarm. The peer is `codetools::checkUsage`, in the
same R, on the same code.

    python -m bench.api_check_r [--packages base stats dplyr ggplot2 lme4] [--units 50]
        [--per-kind 100] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.api_check_r_mutants import KINDS, Mutant, mutants
from bench.figure import Figure, report
from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.r_api import r_api_findings, r_api_payload, r_api_script
from gptoss_lab.documents.r_help import help_payload, help_script, read_help
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import Limits
from gptoss_lab.services.execution import ExecutionService

PACKAGES = ("base", "stats", "dplyr", "ggplot2", "lme4")
UNITS_PER_PACKAGE = 50
MIN_MUTANTS = 200
CAUGHT_AT_LEAST = 0.85
FALSE_AT_MOST = 0.01
UNIT_S = 15
CHECK_S = 60
REFUSALS = re.compile(
    r"could not find function|unused argument|not an exported object|formal argument"
    r"|supplied argument name|arguments? passed to|argument \d+ matches multiple|must be empty"
    r"|[Uu]nknown (named )?arg|unexpected arg|invalid argument name|extraneous"
    r"|there is no package|Can't find .* function"
)
_FOLDER = Path(__file__).parent
_APART = (_FOLDER / "api_check_r_apart.R").read_text(encoding="utf-8")
_PROGRAM = (_FOLDER / "api_check_r_program.R").read_text(encoding="utf-8").replace("APART", _APART)
# What all processes start from: each of them loads in an instant what its own code attaches.
_LOADED = 'c("dplyr", "ggplot2", "lme4", "codetools", "jsonlite")'
_TIMEOUT_S = 600.0
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one piece of code."""

    error: str
    lint: bool
    told: bool

    @property
    def runs(self) -> bool:
        """Whether R ran it to its end."""
        return not self.error

    @property
    def refused(self) -> bool:
        """Whether R refused a call in it."""
        return REFUSALS.search(self.error) is not None


async def units_of(executor: ExecutionService, package: str, most: int, chance: random.Random) -> list[str]:
    """Return some of the units that the examples of a package are cut into."""
    answer = await executor.inspect("r", help_script(), help_payload(package, 1, 2000), timeout_s=_TIMEOUT_S)
    found = [unit.code for page in read_help(answer).pages for unit in page.examples]
    unique = list(dict.fromkeys(found))
    chance.shuffle(unique)
    return unique[:most]


async def look(executor: ExecutionService, codes: Sequence[str], label: str) -> list[Seen]:
    """Run, lint and check each piece of code; what ends the R that runs it counts as not running."""
    found: list[Seen] = []
    for start in range(0, len(codes), _BATCH):
        some = codes[start : start + _BATCH]
        print(f"{label}: {start} of {len(codes)}", file=sys.stderr, flush=True)
        payload = json.dumps({"units": some, "seconds": UNIT_S})
        ran = json.loads(await apart(executor, _PROGRAM, payload))
        for entry, told in zip(ran, await check(executor, some), strict=True):
            found.append(Seen(entry["error"], entry["lint"], told))
    return found


async def check(executor: ExecutionService, codes: Sequence[str]) -> list[bool]:
    """Say of each piece of code whether the check tells anything; each is a notebook of its own."""
    program = f"""function(payload) {{
      one <- compiler::cmpfun({r_api_script()})
      run_all <- {_APART}
      parts <- jsonlite::fromJSON(payload)
      answers <- run_all(parts, function(part) as.character(one(part)), {CHECK_S})
      jsonlite::toJSON(vapply(answers, function(text) if (is.character(text)) text else "", ""))
    }}"""
    parts = json.dumps([r_api_payload([Cell("0", code)]) for code in codes])
    answers = json.loads(await apart(executor, program, parts))
    late = answers.count("")
    if late:
        print(f"{late} checks took over {CHECK_S} s and count as silent", file=sys.stderr)
    found = [
        r_api_findings(answer, [Cell("0", code)]) if answer else []
        for answer, code in zip(answers, codes, strict=True)
    ]
    return [any(finding.severity != "info" for finding in findings) for findings in found]


async def apart(executor: ExecutionService, program: str, payload: str) -> str:
    """Run a program in an R of its own within a sandbox: examples close and redirect what a kernel needs."""
    script = f"""args <- commandArgs(TRUE)
    for (package in {_LOADED}) suppressMessages(loadNamespace(package))
    f <- {program}
    asked <- paste(readLines(args[[1L]], encoding = "UTF-8"), collapse = "\n")
    writeLines(f(asked), args[[2L]], useBytes = TRUE)"""
    wrapper = f"""function(payload) {{
      files <- replicate(3L, tempfile())
      writeLines(payload, files[[1L]], useBytes = TRUE)
      writeLines({json.dumps(script)}, files[[3L]], useBytes = TRUE)
      program <- file.path(R.home("bin"), "Rscript")
      system2(program, c("--vanilla", files[c(3L, 1L, 2L)]), stdout = FALSE, stderr = FALSE)
      paste(readLines(files[[2L]], encoding = "UTF-8"), collapse = "\n")
    }}"""
    return await executor.inspect("r", wrapper, payload, timeout_s=_TIMEOUT_S)


async def measure(words: argparse.Namespace) -> list[Figure]:
    """Seed mistakes and count."""
    config = SandboxConfig(limits=Limits(cpus=2.0))
    executor = ExecutionService(config=config, runtimes=make_runtimes(config))
    chance = random.Random(words.seed)  # noqa: S311 - no secret
    try:
        units = [
            code
            for package in words.packages
            for code in await units_of(executor, package, words.units, chance)
        ]
        seen = await look(executor, units, "examples")
        good = [code for code, one in zip(units, seen, strict=True) if one.runs]
        clean = [one for one in seen if one.runs]
        made = mutants(good, words.per_kind, words.seed)
        judged = await look(executor, [mutant.code for mutant in made], "mistakes")
    finally:
        await executor.close()
    if words.show:
        show(units, seen, made, judged)
    return figures(clean, made, judged)


def figures(clean: Sequence[Seen], made: Sequence[Mutant], judged: Sequence[Seen]) -> list[Figure]:
    """Return the figures over all and of each kind."""
    failing = [(mutant, one) for mutant, one in zip(made, judged, strict=True) if not one.runs]
    wrong = [(mutant, one) for mutant, one in failing if one.refused]
    name, peer = "api_check_r", "codetools::checkUsage"
    found = [
        Figure(name, "examples that run", len(clean), "examples"),
        Figure(name, "mistakes that R refuses", len(wrong), "mistakes", threshold=MIN_MUTANTS, at_most=False),
        Figure(
            name,
            "caught",
            share([one.told for _, one in wrong]),
            "share",
            peer,
            share([one.lint for _, one in wrong]),
            threshold=CAUGHT_AT_LEAST,
            at_most=False,
        ),
        Figure(
            name,
            "false alarms",
            share([one.told for one in clean]),
            "share",
            peer,
            share([one.lint for one in clean]),
            threshold=FALSE_AT_MOST,
        ),
    ]
    found.append(
        Figure(
            name,
            f"caught, of all {len(failing)} that fail in any way",
            share([one.told for _, one in failing]),
            "share",
            peer,
            share([one.lint for _, one in failing]),
        )
    )
    counts = Counter(mutant.kind for mutant, _ in wrong)
    for kind in KINDS:
        own = [one for mutant, one in wrong if mutant.kind == kind]
        label = f"caught, {kind} ({counts[kind]})"
        found.append(
            Figure(
                name, label, share([one.told for one in own]), "share", peer, share([one.lint for one in own])
            )
        )
    return found


def share(told: Sequence[bool]) -> float:
    """Return how many of all are true."""
    return sum(told) / len(told) if told else 0.0


def show(units: Sequence[str], seen: Sequence[Seen], made: Sequence[Mutant], judged: Sequence[Seen]) -> None:
    """Print the code of false alarms and of what was missed."""
    for code, one in zip(units, seen, strict=True):
        if one.runs and one.told:
            print(f"--- false alarm\n{code}")
    for mutant, one in zip(made, judged, strict=True):
        if not one.runs and not one.told:
            print(f"--- missed: {mutant.kind}, refused: {one.refused}: {one.error}\n{mutant.code}")


def main(words: Sequence[str] | None = None) -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--packages", nargs="+", default=list(PACKAGES))
    parser.add_argument("--per-kind", type=int, default=100)
    parser.add_argument("--units", type=int, default=UNITS_PER_PACKAGE, help="examples of each package")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the code of false alarms and misses")
    return report(asyncio.run(measure(parser.parse_args(words))))


if __name__ == "__main__":
    raise SystemExit(main())
