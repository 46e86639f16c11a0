"""Fetch a model from the Hub: a program of its own, since a thread cannot be ended.

It is given one line of JSON on its standard input (`repo`, `revision`, `folder`, `reserve_bytes`), which
then stays open: when it closes, whoever started this is gone, and so is this. It tells what it does as
lines of JSON. A file that was cut short goes on where it ended, also in a later run: huggingface_hub 2
itself would begin each file anew. A token comes from the environment only, as the library reads it.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from gptoss_lab.engines.fetch_faults import FetchError, failure_of

SUFFIXES = (".safetensors", ".json", ".txt", ".tiktoken", ".jinja")
MANIFEST = ".complete.json"
PART = ".part"
WORKERS = 4
ATTEMPTS = 5
RETRY_S = 1.0
TELL_EVERY_S = 0.5
MOST_BYTES = 1 << 42
CHUNK_BYTES = 1 << 20
_GIT_CHARS = 40
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._\-]{0,199}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Wanted:
    """A file of the repository: its name, size, and hash.

    Large files have a SHA-256, small ones the SHA-1 of git, of the content behind a line of its size.
    """

    def __init__(self, name: str, size: int, digest: str) -> None:
        self.name, self.size = name, size
        self.digest = digest if _DIGEST.fullmatch(digest) else ""

    def is_whole(self, file: Path) -> bool:
        """Say whether a file is what the Hub says, byte by byte."""
        if file.stat().st_size != self.size:
            return False
        is_git = len(self.digest) == _GIT_CHARS
        digest = hashlib.sha1(usedforsecurity=False) if is_git else hashlib.sha256()
        digest.update(f"blob {self.size}\0".encode() if is_git else b"")
        with file.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                digest.update(chunk)
        return not self.digest or digest.hexdigest() == self.digest

    def is_there(self, folder: Path) -> bool:
        """Say whether it was fetched already; a file of another size was not."""
        file = folder / self.name
        return file.is_file() and file.stat().st_size == self.size

    def begun_bytes(self, folder: Path) -> int:
        """Return how much of it is there."""
        if self.is_there(folder):
            return self.size
        part = folder / (self.name + PART)
        return min(part.stat().st_size, self.size) if part.is_file() else 0


class Fetch:
    """One run: what it wants, how far it is, and the disk that it fills."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.repo, self.revision = str(job["repo"]), str(job["revision"])
        self._base, self._reserve = Path(job["folder"]), int(job["reserve_bytes"])
        self.folder = self._base
        self._ended = threading.Event()
        self._checking = ""

    def run(self) -> dict[str, Any]:
        """Resolve, download, check; return what is there now.

        Raises:
            FetchError: There is no room, or a file is not what the Hub says.
        """
        commit, wanted = self.resolve()
        self.folder = self._base / commit
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / MANIFEST).unlink(missing_ok=True)
        total = sum(file.size for file in wanted)
        begun = sum(file.begun_bytes(self.folder) for file in wanted)
        tell(resolved=commit, total=total, done=begun)
        self.check_disk(total - begun)
        teller = threading.Thread(target=self._tell, args=(wanted, total), daemon=True)
        teller.start()
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            futures = [pool.submit(self.fetch, file, commit) for file in wanted]
            for future in concurrent.futures.as_completed(futures):
                future.result()
        self._ended.set()
        teller.join()
        tell(done=total, total=total)
        listed = {file.name: file.size for file in wanted}
        (self.folder / MANIFEST).write_text(json.dumps({"files": listed}), encoding="utf-8")
        return {"commit": commit, "folder": str(self.folder), "total": total}

    def resolve(self) -> tuple[str, list[Wanted]]:
        """Ask the Hub for the commit and its files; only names that cannot leave the folder count.

        Raises:
            FetchError: It is no repository with weights that could be loaded.
        """
        from huggingface_hub import HfApi  # noqa: PLC0415 - what is asked is checked first

        info = HfApi().model_info(self.repo, revision=self.revision or None, files_metadata=True, timeout=20)
        wanted = []
        for file in info.siblings or []:
            name, size = file.rfilename, file.size
            if not _NAME.fullmatch(name) or not name.endswith(SUFFIXES) or size is None:
                continue
            wanted.append(Wanted(name, size, file.lfs.sha256 if file.lfs else file.blob_id or ""))
        if not _COMMIT.fullmatch(info.sha or ""):
            raise FetchError(
                "wrong_revision", f"The Hub names no commit for {self.repo}", "Check `revision`."
            )
        if not any(file.name.endswith(".safetensors") for file in wanted):
            words = f"{self.repo} has no safetensors files at {self.revision or 'its newest revision'}"
            raise FetchError("wrong_revision", words, "Set `source` to a repository with such weights.")
        if sum(file.size for file in wanted) > MOST_BYTES:
            raise FetchError("no_disk", f"{self.repo} is larger than any disk here", "Choose another model.")
        return str(info.sha), wanted

    def fetch(self, file: Wanted, commit: str) -> None:
        """Download one file, from where it ended, and check it.

        Raises:
            FetchError: It is not what the Hub says it is.
        """
        place, part = self.folder / file.name, self.folder / (file.name + PART)
        if file.is_there(self.folder):
            return
        if part.is_file() and part.stat().st_size > file.size:
            part.unlink()
        with part.open("ab") as opened:
            self._download(file, commit, opened)
        self._checking = file.name if file.size > CHUNK_BYTES else ""
        if not file.is_whole(part):
            part.unlink()
            words = f"{file.name} arrived damaged: it is not what the Hub says that it is"
            raise FetchError(
                "corrupt_weights", words, "Start again; if it happens again, look at the proxy between."
            )
        part.replace(place)
        self._checking = ""

    def _download(self, file: Wanted, commit: str, opened: IO[bytes]) -> None:
        """Go on as often as the connection breaks, while some bytes arrive.

        Raises:
            HfHubHTTPError: The Hub refuses.
        """
        from huggingface_hub import constants, hf_hub_url  # noqa: PLC0415 - imported once, by the first
        from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415
        from huggingface_hub.file_download import http_get  # noqa: PLC0415
        from huggingface_hub.utils._headers import build_hf_headers  # noqa: PLC0415

        # The library's HTTP client differs by version: httpx in 1, httpx2 in 2.
        connection_faults: type[Exception] = HfHubHTTPError.__bases__[0]
        constants.DOWNLOAD_CHUNK_SIZE = (
            CHUNK_BYTES  # so much may be lost when the connection breaks; else 10 MB
        )
        url = hf_hub_url(self.repo, file.name, revision=commit)
        left = ATTEMPTS
        while True:
            opened.seek(0, os.SEEK_END)
            begun = opened.tell()
            try:
                http_get(
                    url,
                    opened,  # type: ignore[arg-type]
                    resume_size=begun,
                    headers={**build_hf_headers(), "Accept-Encoding": "identity"},
                    expected_size=file.size,
                    displayed_filename=file.name,
                )
            except HfHubHTTPError:
                raise
            except connection_faults:
                opened.flush()
                left = ATTEMPTS if os.fstat(opened.fileno()).st_size > begun else left - 1
                if left <= 0:
                    raise
                time.sleep(RETRY_S)
            else:
                return

    def check_disk(self, needed: int) -> None:
        """Look whether it fits, with something left for others.

        Raises:
            FetchError: It does not.
        """
        free = shutil.disk_usage(self.folder).free
        if free < needed + self._reserve:
            where = f"and {free / 1e9:.1f} GB are free at {self.folder}"
            words = f"The weights need {needed / 1e9:.1f} GB more, {where}"
            raise FetchError(
                "no_disk", words, "Free some space, or move the data folder with GPTOSS_LAB_DATA_DIR."
            )

    def _tell(self, wanted: list[Wanted], total: int) -> None:
        """Tell how far it is until the end; what others write meanwhile may fill the disk."""
        while not self._ended.wait(TELL_EVERY_S):
            done = sum(file.begun_bytes(self.folder) for file in wanted)
            tell(done=done, total=total, checking=self._checking)
            try:
                self.check_disk(0)
            except FetchError as error:
                leave(error)


def tell(**facts: Any) -> None:
    """Write one line, whole: several threads do."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def leave(error: FetchError) -> None:
    """Tell a failure and end at once, with all threads."""
    tell(failed=error.code, message=error.message, hint=error.hint)
    os._exit(1)


def main() -> None:
    """Do as the first line says, and end when the rest of the input does."""
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_watch, daemon=True).start()
    fetch = Fetch(job)
    try:
        result = fetch.run()
    except Exception as error:  # noqa: BLE001 - every failure is told in words, whatever the library raises
        leave(failure_of(error, fetch.repo, fetch.revision))
    else:
        tell(result=result)


def _watch() -> None:
    while sys.stdin.read(1):
        pass
    os._exit(2)


if __name__ == "__main__":
    main()
