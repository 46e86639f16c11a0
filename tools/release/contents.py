"""What a package holds, compared with what git tracks: nothing is missing, nothing slips in."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.parser import BytesParser
from pathlib import Path

from packaging.metadata import ExceptionGroup, Metadata
from trove_classifiers import classifiers

ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT: Mapping[str, str] = {
    ".ci/": "installs what a bare machine of ours lacks, as root; `make test` is what others run",
    "docs/screenshots/": "megabytes of pictures that the pages load from the repository",
}
"""What is tracked and not in the source distribution, with the reason."""
MADE = ("PKG-INFO", "gptoss_lab/_version.py", "gptoss_lab/labextension/")
"""What a build makes and git does not track."""
SHARED: Mapping[str, str] = {
    "jupyter-config/server-config/": "etc/jupyter/jupyter_server_config.d/",
    "jupyter-config/kernels/": "share/jupyter/kernels/",
    "install.json": "share/jupyter/labextensions/gptoss-lab/install.json",
}
BUILT = (
    "package.json",
    "schemas/gptoss-lab/plugin.json",
    "static/style.js",
    "static/third-party-licenses.json",
)
SECRETS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    rb"|\bhf_[A-Za-z0-9]{34}\b|\bsk-[A-Za-z0-9_-]{32,}|\bpypi-AgEIcHlwaS[\w-]{20,}|\bnpm_[A-Za-z0-9]{36}\b"
)

MADE_UP: Mapping[str, str] = {
    "tests/services/learning/test_scrub.py": "made-up keys, which the scrubber must find",
}
"""Files that hold what only looks like a secret, with the reason."""


def tracked(root: Path = ROOT) -> tuple[str, ...]:
    """Return the files that git tracks.

    Raises:
        subprocess.CalledProcessError: This is no checkout.
    """
    done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    # A file that is being removed is no longer there to be packed.
    return tuple(name for name in done.stdout.decode().split("\0") if name and (root / name).is_file())


def files_of(package: Path) -> dict[str, bytes]:
    """Return the files of a source distribution or wheel by their names, without its own folder."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    with tarfile.open(package) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {
            member.name.partition("/")[2]: stream.read()
            for member in members
            if (stream := archive.extractfile(member)) is not None
        }


def sdist_problems(names: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    """Yield what a source distribution lacks, and what it holds that git does not track."""
    held = set(names)
    for name in known:
        left_out = any(name.startswith(prefix) for prefix in LEFT_OUT)
        if not left_out and name not in held:
            yield (
                f"the source distribution lacks {name}; say why in tools/release/contents.py, "
                "or take it out of pyproject's exclude"
            )
        if left_out and name in held:
            yield f"the source distribution holds {name}, which is left out on purpose"
    for name in sorted(held - set(known)):
        if not name.startswith(MADE):
            yield f"the source distribution holds {name}, which git does not track"
    yield from (f"{prefix} is left out and is not there" for prefix in LEFT_OUT if not _any(known, prefix))


def wheel_problems(names: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    """Yield what a wheel lacks of our package and its data, and what else it holds."""
    held = {re.sub(r"^gptoss_lab-[^/]*\.data/data/", "", name) for name in names}
    wanted = {name for name in known if name.startswith("gptoss_lab/")}
    for start, place in SHARED.items():
        wanted |= {place + name.removeprefix(start) for name in known if name.startswith(start)}
    built = "share/jupyter/labextensions/gptoss-lab/"
    wanted |= {built + name for name in BUILT}
    yield from (f"the wheel lacks {name}" for name in sorted(wanted - held))
    for name in sorted(held - wanted):
        if not name.startswith((*MADE, built)) and ".dist-info/" not in name:
            yield f"the wheel holds {name}, which git does not track"


def leaks(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield files that hold a key, or a path of the machine that built them."""
    paths = [str(path).encode() for path in {ROOT, Path(sys.prefix)}]
    for name, content in files.items():
        if name not in MADE_UP and (found := SECRETS.search(content)):
            yield f"{name} holds what looks like a secret: {found[0][:12].decode(errors='replace')}…"
        yield from (f"{name} holds the path {path.decode()}" for path in paths if path in content)


def metadata_problems(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what the package index would refuse of a package's description."""
    name = next(name for name in files if name == "PKG-INFO" or name.endswith(".dist-info/METADATA"))
    try:
        Metadata.from_email(files[name], validate=True)
    except ExceptionGroup as group:
        yield from (f"{name}: {error}" for error in group.exceptions)
    told = BytesParser().parsebytes(files[name])
    for classifier in told.get_all("Classifier", []):
        if classifier not in classifiers:
            yield f"{name}: the package index knows no classifier {classifier!r}"
    if told["Description-Content-Type"] != "text/markdown" or not told.get_payload():
        yield f"{name}: no description in Markdown"


def _any(names: Sequence[str], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in names)
