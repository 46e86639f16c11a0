"""What a person's own kernel runs on, read from outside: its interpreter, its packages, their versions.

The interpreter is started isolated and without its site, so that no package's code runs, not even
what a `.pth` file would start.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from gptoss_lab.errors import NotFoundError, RequestError, SandboxError

ASK_TIMEOUT_S = 30.0
MAX_ANSWER_BYTES = 1 << 20
OLDEST = (3, 10)
SANDBOX_PROVISIONER = "gptoss-sandbox"
PROGRAM = """
import json, os, platform, site, sys
name = "python%d.%d" % sys.version_info[:2]
prefix = os.path.dirname(os.path.dirname(os.path.abspath(sys.executable)))
if os.path.exists(os.path.join(prefix, "pyvenv.cfg")):
    folders = [os.path.join(prefix, lib, name, "site-packages") for lib in ("lib", "lib64")]
else:
    folders = site.getsitepackages()
print(json.dumps({
    "python": name, "version": platform.python_version(), "prefix": os.path.realpath(sys.base_prefix),
    "libdir": sys.platlibdir, "folders": folders, "implementation": sys.implementation.name,
}))
"""


@dataclass(frozen=True, slots=True)
class KernelEnvironment:
    """The environment of a kernelspec.

    Args:
        name: The kernelspec.
        executable: Its interpreter, as the kernelspec names it.
        python: The interpreter's name with its version, `python3.12`.
        version: Its version in full.
        prefix: Where the interpreter itself is installed.
        libdir: The folder of its library below that.
        folders: Where its packages are.
        packages: What is installed, with versions.
        local: Those of them that no index has: installed from a folder, an archive or a repository.
        editable: Those of them whose code lies elsewhere on this machine.
    """

    name: str
    executable: str
    python: str
    version: str
    prefix: Path
    libdir: str
    folders: tuple[Path, ...]
    packages: dict[str, str]
    local: tuple[str, ...]
    editable: tuple[str, ...]


async def read_kernel(name: str) -> KernelEnvironment:
    """Read the environment of a kernelspec of this machine.

    Raises:
        NotFoundError: There is no such kernelspec.
        RequestError: It is not a Python kernel of this machine, or too old.
        SandboxError: Its interpreter does not answer.
    """
    executable = await asyncio.to_thread(_executable, name)
    facts = await _ask(executable)
    version = tuple(map(int, facts["version"].split(".")[:2]))
    if facts["implementation"] != "cpython" or version < OLDEST:
        raise RequestError(
            f"The kernel {name} runs {facts['implementation']} {facts['version']}",
            hint="Only CPython 3.10 and newer can be mirrored.",
        )
    return await asyncio.to_thread(_environment, name, executable, facts)


def fingerprint(folders: tuple[Path, ...]) -> list[str]:
    """Return the names that change when something is installed or removed. This reads the disk."""
    patterns = ("*.dist-info", "*.egg-info")
    return sorted({path.name for folder in folders for pattern in patterns for path in folder.glob(pattern)})


def _executable(name: str) -> str:
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError) as error:
        raise NotFoundError(
            f"There is no kernel {name[:80]}", hint="`jupyter kernelspec list` shows what there is."
        ) from error
    stanza = spec.metadata.get("kernel_provisioner", {})
    if isinstance(stanza, dict) and stanza.get("provisioner_name") == SANDBOX_PROVISIONER:
        raise RequestError(
            f"The kernel {name} runs in a sandbox already", hint="Name the kernel that you work with."
        )
    found = Path(spec.argv[0]) if spec.argv else Path()
    if spec.language.lower() != "python" or not found.is_absolute() or not found.is_file():
        raise RequestError(
            f"The kernel {name} does not start a Python of this machine",
            hint="Only a Python kernel whose kernel.json has its interpreter's full path can be mirrored.",
        )
    return str(found)


async def _ask(executable: str) -> dict[str, Any]:
    """Start the interpreter and read its answer, bounded in time and size.

    Raises:
        SandboxError: It does not answer, or not as an interpreter does.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *(executable, "-I", "-S", "-c", PROGRAM),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=MAX_ANSWER_BYTES,
            start_new_session=True,
        )
    except OSError as error:
        raise SandboxError(f"{executable} cannot be started: {error.strerror}") from error
    assert process.stdout is not None  # noqa: S101 - asked for above
    try:
        answer = await asyncio.wait_for(process.stdout.readline(), ASK_TIMEOUT_S)
        return _facts(answer)
    except (ValueError, asyncio.TimeoutError) as error:
        raise SandboxError(f"{executable} does not answer as a Python interpreter does") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.communicate())


def _facts(answer: bytes) -> dict[str, Any]:
    facts = json.loads(answer)
    if not isinstance(facts, dict) or not {"python", "version", "prefix", "folders"} <= facts.keys():
        raise ValueError("it is no description")
    return facts


def _environment(name: str, executable: str, facts: dict[str, Any]) -> KernelEnvironment:
    folders = tuple(dict.fromkeys(Path(text).resolve() for text in facts["folders"] if Path(text).is_dir()))
    packages: dict[str, str] = {}
    local, editable = [], []
    for distribution, kind in _distributions(folders):
        known = str(distribution.metadata["Name"] or "")
        if not known or known in packages:
            continue
        packages[known] = distribution.version
        if kind:
            local.append(known)
        if kind == "editable":
            editable.append(known)
    return KernelEnvironment(
        name=name,
        executable=executable,
        python=facts["python"],
        version=facts["version"],
        prefix=Path(facts["prefix"]),
        libdir=str(facts.get("libdir", "lib")),
        folders=folders,
        packages=dict(sorted(packages.items(), key=lambda row: row[0].lower())),
        local=tuple(sorted(local)),
        editable=tuple(sorted(editable)),
    )


def _distributions(folders: tuple[Path, ...]) -> Iterator[tuple[importlib.metadata.Distribution, str]]:
    """Yield what is installed, each with "", "local" or "editable".

    Source: https://packaging.python.org/en/latest/specifications/direct-url/
    """
    for distribution in importlib.metadata.distributions(path=list(map(str, folders))):
        kind = ""
        # conda leaves the address of its own build machine, and has most packages from the index too
        conda = (distribution.read_text("INSTALLER") or "").strip() == "conda"
        origin = distribution.read_text("direct_url.json")
        if origin and not conda:
            with contextlib.suppress(ValueError):
                told = json.loads(origin)
                kind = "editable" if (told.get("dir_info") or {}).get("editable") else "local"
        yield distribution, kind
