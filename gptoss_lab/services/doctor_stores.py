"""A look at what is kept on the disk: whether it can be read and written, and is sound."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from gptoss_lab.errors import StorageError
from gptoss_lab.folders import data_dir
from gptoss_lab.schemas.config import ExecutionConfig, MonitorConfig
from gptoss_lab.schemas.diagnosis import Check
from gptoss_lab.services.job_store.store import FILE as JOBS_FILE
from gptoss_lab.services.quality.store import FILE as FIGURES_FILE

NAME = "kept on the disk"
BUSY_S = 5.0


def stores_of(execution: ExecutionConfig, monitor: MonitorConfig) -> tuple[Path, ...]:
    """Return where servers with this configuration keep jobs and figures; nowhere without a data folder."""
    try:
        folder = data_dir()
    except StorageError:
        return ()  # what is said of the data folder
    jobs = Path(execution.jobs_folder).expanduser() if execution.jobs_folder else folder / "jobs"
    figures = Path(monitor.folder).expanduser() if monitor.folder else folder / "monitor"
    return (jobs / JOBS_FILE, figures / FIGURES_FILE)


def stores_check(files: Sequence[Path]) -> Check:
    """Look at the files of SQLite that are there; a server makes those that are not. Blocks."""
    found = [file for file in files if file.exists()]
    for file in found:
        problem = _problem(file)
        if problem:
            return problem
    aside = [copy for file in files for copy in sorted(file.parent.glob(f"{file.name}.2*"))]
    if aside:
        detail = f"{len(aside)} damaged or unknown files were set aside, such as {aside[-1]}"
        fix = "Restore a backup in its place, or remove it."
        return Check(name=NAME, status="warn", detail=detail, fix=fix)
    told = ", ".join(file.name for file in found) or "nothing yet"
    return Check(name=NAME, status="ok", detail=told)


def _problem(file: Path) -> Check | None:
    if not os.access(file, os.R_OK | os.W_OK) or not os.access(file.parent, os.W_OK | os.X_OK):
        fix = f"Give {file.parent} and the files in it to the user who runs the server."
        return Check(name=NAME, status="fail", detail=f"{file} cannot be written", fix=fix)
    try:
        database = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
        try:
            said = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            database.close()
    except sqlite3.Error as error:
        said = str(error)
    if said == "ok":
        return None
    fix = "Start the server again: it sets the file aside and begins a new one. A backup can take its place."
    return Check(name=NAME, status="fail", detail=f"{file} is damaged: {said}", fix=fix)
