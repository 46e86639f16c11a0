"""The main job on this machine: scikit-learn's documentation to an executed notebook.

Run by `make try`. Uses Docker where a daemon answers, else bubblewrap, else says what is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLI = str(Path(sys.executable).parent / "jupyter-gptoss")
NOTEBOOK = ROOT / "try" / "scikit-learn.ipynb"
TASK = "standardize the features and fit a logistic regression on the iris data"
PACKAGE = "scikit-learn"


def main() -> int:
    """Run the job; return the exit status."""
    runtime = sandbox_runtime() or (install_bubblewrap() and sandbox_runtime())
    if runtime:
        print(
            f"[try] sandbox: {runtime}; preparing its environment (some minutes the first time)", flush=True
        )
        built = subprocess.run([CLI, "sandbox", "build", "python"], check=False)
        if built.returncode:
            print("[try] the sandbox environment could not be built; its reason is above.")
            return 1
    else:
        say_how_to_get_a_sandbox()
        subprocess.run([sys.executable, "-m", "pip", "--quiet", "install", PACKAGE], check=True)
    NOTEBOOK.parent.mkdir(exist_ok=True)
    command = [CLI, "generate", "--docs", PACKAGE, "--task", TASK, "--out", str(NOTEBOOK), "--force"]
    print(f'[try] jupyter gptoss generate --docs {PACKAGE} --task "{TASK}"', flush=True)
    made = subprocess.run([*command, *([] if runtime else ["--no-verify"])], check=False)
    if made.returncode or not NOTEBOOK.exists():
        print("[try] no notebook was made; the reason is above.")
        return made.returncode or 1
    return tell(runtime or "")


def sandbox_runtime() -> str | None:
    """Return the name of the runtime that can run here, if any."""
    report = subprocess.run([CLI, "doctor", "--json"], capture_output=True, text=True, check=False)
    sandbox = json.loads(report.stdout)["sandbox"]
    return str(sandbox["runtime"]) if sandbox["available"] else None


def install_bubblewrap() -> bool:
    """Install bubblewrap where this user may; say so."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0 or shutil.which("bwrap"):
        return False
    print("[try] no Docker daemon answers: installing bubblewrap with apt-get", flush=True)
    subprocess.run([apt, "-qq", "update"], check=False, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "-qq", "install", "--yes", "--no-install-recommends", "bubblewrap"]
    done = subprocess.run(install, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr.strip())
    return done.returncode == 0


def say_how_to_get_a_sandbox() -> None:
    """Name the one command that turns verification on."""
    print("[try] no sandbox on this machine: the cells will not be run and not be verified.")
    if shutil.which("bwrap"):
        print(
            "[try] bubblewrap is here but may not make namespaces; `jupyter gptoss doctor` says what to do."
        )
    else:
        print("[try] to get one: sudo apt-get install bubblewrap, then run `make try` again.")


def tell(runtime: str) -> int:
    """Say what the notebook holds and how to open it; return the exit status."""
    cells = [c for c in json.loads(NOTEBOOK.read_text())["cells"] if c["cell_type"] == "code"]
    notes = [c["metadata"]["gptoss_lab"] for c in cells]
    verified = sum(note["verification"]["status"] == "ok" for note in notes)
    print(f"\n[try] {len(cells)} code cells from the documentation of {PACKAGE}, {verified} verified", end="")
    print(f" in the {runtime} sandbox." if runtime else "; verification is off.")
    print(f"[try] executed notebook: {NOTEBOOK}" if verified else f"[try] notebook: {NOTEBOOK}")
    print(f"[try] open it in JupyterLab: make lab, then try/{NOTEBOOK.name}")
    return 0 if verified == len(cells) or not runtime else 1


if __name__ == "__main__":
    raise SystemExit(main())
