"""The steps that turn a bare system into the image of a language."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gptoss_lab.sandbox.docker_builder import Builder
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.recipes import SYSTEM_PATH, Recipe
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.base import Language

ENVIRONMENT = "/opt/kernel"
LAST_STEP = 6
PYTHON = ("env", f"PATH={SYSTEM_PATH}", "python3")
PYTHON_PIP = (*PYTHON, "-m", "pip")
"""The system's own, which has pip; the environment's stands before it in an image of ours."""

# Only the copyright files stay of what is written for people; R's help pages lie elsewhere, and stay.
# Pandoc and MathJax, a third of what tidyverse draws in, only turn R Markdown into web pages.
DPKG_SETTINGS = """\
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
path-exclude=/usr/bin/pandoc
path-exclude=/usr/share/javascript/mathjax/*
force-unsafe-io
"""
APT = """\
set -e
export DEBIAN_FRONTEND=noninteractive
printf '%s' "$1" > /etc/dpkg/dpkg.cfg.d/gptoss
shift
apt-get -q update
apt-get -q -y -o Dpkg::Use-Pty=0 --no-install-recommends install "$@"
rm -rf /etc/dpkg/dpkg.cfg.d/gptoss /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb
"""
PYTHON_RECORD = """
import importlib.metadata as m, json, platform, sysconfig
rows = {d.metadata["Name"]: d.version for d in m.distributions()}
print(json.dumps({
    "packages": dict(sorted(rows.items())),
    "library": sysconfig.get_path("purelib"),
    "version": platform.python_version(),
}))
"""
R_RECORD = """
loadNamespace("IRkernel")
rows <- installed.packages()[, "Version"]
cat(jsonlite::toJSON(auto_unbox = TRUE, list(
  packages = as.list(rows[order(names(rows))]),
  version = as.character(getRversion())
)))
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What an image was found to hold.

    Args:
        version: The language's own version.
        packages: Package to version.
        library: The folder of the packages' Python sources; empty where they have none.
        system: Debian package to version.
    """

    version: str
    packages: Mapping[str, str]
    library: str = ""
    system: Mapping[str, str] = field(default_factory=dict)


async def prepare(builder: Builder, recipe: Recipe, report: Report) -> Record:
    """Install what the recipe names into the builder, and return what is there then.

    Raises:
        SandboxError: A step failed; the message ends with the tool's last lines.
    """
    return await STEPS[recipe.language](builder, recipe, report)


async def _prepare_python(builder: Builder, recipe: Recipe, report: Report) -> Record:
    """Install wheels into a private environment; no package's own build code runs.

    Raises:
        SandboxError: A step failed.
    """
    await make_environment(builder, report)
    if recipe.lock is not None:
        await install_locked(builder, recipe.lock, report)
    return await record(builder, recipe.language, report)


async def make_environment(builder: Builder, report: Report) -> None:
    """Make an empty environment, and the init that every sandbox starts with.

    Raises:
        SandboxError: A step failed.
    """
    await report("installing the init", 2, LAST_STEP)
    if await builder.lacks("/usr/bin/tini"):  # Debian's Python images do
        await install_debian(builder, ("tini", "libgomp1"), report, 2)
    await report("installing packages", 3, LAST_STEP)
    await builder.run(["python3", "-m", "venv", "--without-pip", ENVIRONMENT])


async def install_locked(
    builder: Builder, lock: Lock, report: Report, options: Sequence[str] = ("--no-cache-dir",)
) -> None:
    """Install exactly what a lock names into the environment, whichever index serves the files.

    Raises:
        SandboxError: A file is not to be had, or is not the one that was locked.
    """
    await builder.write("/tmp/lock.txt", lock.text.encode())  # noqa: S108 - emptied before the image is written
    pip = [*PYTHON_PIP, "--python", f"{ENVIRONMENT}/bin/python3", "--no-input", "install"]
    bounds = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off"]
    command = [*pip, *bounds, *options, "--requirement", "/tmp/lock.txt"]  # noqa: S108 - as above
    await builder.run(command, lambda text: report(text, 3, LAST_STEP))


async def record(builder: Builder, language: Language, report: Report) -> Record:
    """Ask the builder what it holds now.

    Raises:
        SandboxError: The environment does not work.
    """
    await report("recording versions", 4, LAST_STEP)
    if language == "r":
        lines = await builder.run(["Rscript", "--vanilla", "-e", R_RECORD])
    else:
        lines = await builder.run([f"{ENVIRONMENT}/bin/python3", "-I", "-c", PYTHON_RECORD])
    found = Record(**json.loads(lines[-1]))
    listed = await builder.run(["dpkg-query", "-W", "-f", "${Package}=${Version} "])
    system = dict(row.split("=", 1) for row in "".join(listed).split())
    return replace(found, system=system)


async def _prepare_r(builder: Builder, recipe: Recipe, report: Report) -> Record:
    """Install Debian's packages, which are built already; the agent inside needs Python too.

    Raises:
        SandboxError: A step failed.
    """
    await report("installing packages", 2, LAST_STEP)
    await install_debian(builder, ("python3", "tini", *recipe.packages), report, 2)
    await report("preparing fonts", 3, LAST_STEP)
    await builder.run(["fc-cache", "--system-only"])
    return await record(builder, recipe.language, report)


async def install_debian(builder: Builder, packages: Sequence[str], report: Report, step: int) -> None:
    """Install packages of the release, without what only people at a terminal read.

    Raises:
        SandboxError: The package manager failed.
    """
    command = ["/bin/sh", "-c", APT, "sh", DPKG_SETTINGS, *packages]
    await builder.run(command, lambda text: report(text, step, LAST_STEP))


Steps = Callable[[Builder, Recipe, Report], Awaitable[Record]]
STEPS: Mapping[Language, Steps] = {"python": _prepare_python, "r": _prepare_r}
