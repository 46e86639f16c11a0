"""The weights on this disk, and how they come here: once, pinned, complete."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
from pathlib import Path

from gptoss_lab.engines.download import FetchReport, download
from gptoss_lab.engines.fetch_child import MANIFEST
from gptoss_lab.engines.pins import Pins
from gptoss_lab.engines.weights import Weights, read_weights, remove_damaged
from gptoss_lab.errors import EngineLoadError, StorageError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineProgress

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,95}/[A-Za-z0-9][A-Za-z0-9._\-]{0,95}")


class ModelStore:
    """The weights of one model: a person's own folder, or a repository of the Hub.

    A repository lies in our data folder, by its commit. Where Hugging Face's own cache of this user has
    the same one complete, that is used as it is, and nothing is downloaded.

    Args:
        folder: Our data folder.
        config: Which model, which revision, and whether the network may be asked.
        draft: Those of the draft model, `speculator`, and not of the model itself.
    """

    def __init__(self, folder: Path, config: ModelConfig, *, draft: bool = False) -> None:
        self._folder = folder / "models"
        self._source = (config.speculator if draft else config.source).strip()
        self._revision, self._offline = "" if draft else config.revision, config.offline
        self._is_draft = draft
        self._pins = Pins(self._folder / "pins.json")

    @property
    def local(self) -> Path | None:
        """The person's own folder, where `source` is one; a name such as org/model never is."""
        if self._source.startswith(("/", "~", "./", "../")):
            return Path(self._source).expanduser()
        return None

    async def locate(self) -> Weights | None:
        """Return the weights that are complete on this disk, without asking the network.

        Raises:
            EngineLoadError: A person's own folder is not there, or is damaged.
        """
        return await asyncio.to_thread(self._locate)

    async def fetch(self, report: FetchReport) -> Weights:
        """Return the weights, after downloading what is missing of them.

        Raises:
            EngineLoadError: They cannot be had; `reason` says why.
        """
        report("resolving", EngineProgress(message=f"Looking for {self._source}"))
        if self.local is None and not _REPOSITORY.fullmatch(self._source):
            raise EngineLoadError(
                f"`source` is neither a repository nor a folder: {self._source[:100]!r}",
                reason="wrong_revision",
                hint="Write it as organisation/model, or as a path that begins with / or ~.",
            )
        found = await self.locate() if self.local is not None or self._offline != "off" else None
        if found is not None:
            return found
        if self._offline == "on":
            raise EngineLoadError(
                f"The weights of {self._source} are not on this disk, and the network may not be asked",
                reason="gated_or_offline",
                hint="Set `offline` to auto for the download, or copy a folder here and set `source` to it.",
            )
        return await self._download(report)

    async def _download(self, report: FetchReport) -> Weights:
        place = self._place()
        commit = await asyncio.to_thread(self._prepare, place)
        fetched = await download(self._source, commit or self._revision, place, report)
        weights = await asyncio.to_thread(self._read_fetched, fetched.folder, fetched.commit)
        await asyncio.to_thread(self._pins.keep, self._source, self._revision, fetched.commit)
        return weights

    def _locate(self) -> Weights | None:
        if (local := self.local) is not None:
            return self._read_local(local)
        for folder, commit in self._candidates():
            with contextlib.suppress(EngineLoadError, OSError):
                if _is_listed_whole(folder) and folder.is_dir():
                    return read_weights(folder, self._source, commit, is_draft=self._is_draft)
        return None

    def _read_local(self, local: Path) -> Weights:
        if not local.is_dir():
            raise EngineLoadError(
                f"There is no folder {local}",
                reason="corrupt_weights",
                hint="Correct `source`, or set it to a repository such as openai/gpt-oss-20b.",
            )
        try:
            return read_weights(local.resolve(), is_draft=self._is_draft)
        except OSError as error:
            raise EngineLoadError(
                f"{local} cannot be read: {error.strerror}",
                reason="corrupt_weights",
                hint="Check who owns it.",
            ) from error

    def _candidates(self) -> list[tuple[Path, str]]:
        """Return where the weights may lie, with their commits: ours, then the user's cache of the Hub."""
        commit = self._pins.find(self._source, self._revision)
        cache = hub_cache() / f"models--{self._source.replace('/', '--')}"
        if not commit:
            with contextlib.suppress(OSError, UnicodeDecodeError):
                commit = (cache / "refs" / (self._revision or "main")).read_text(encoding="ascii").strip()
        if not re.fullmatch(r"[0-9a-f]{40}", commit):
            return []
        return [(self._place() / commit, commit), (cache / "snapshots" / commit, commit)]

    def _place(self) -> Path:
        return self._folder / self._source.replace("/", "--")

    def _prepare(self, place: Path) -> str:
        """Make the folder; drop files that are whole by size and damaged inside. Blocks.

        Raises:
            StorageError: The folder cannot be made.
        """
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StorageError(f"{place} cannot be made: {error.strerror}") from error
        commit = self._pins.find(self._source, self._revision)
        if commit and _is_listed_whole(place / commit):
            with contextlib.suppress(EngineLoadError, OSError):
                self._read_fetched(place / commit, commit)
        return commit

    def _read_fetched(self, folder: Path, commit: str) -> Weights:
        """Read what was fetched; files that are damaged although they are whole are removed.

        Raises:
            EngineLoadError: It is damaged.
        """
        try:
            return read_weights(folder, self._source, commit, is_draft=self._is_draft)
        except EngineLoadError:
            remove_damaged(folder)
            raise


def hub_cache() -> Path:
    """Return where the Hub's own library keeps its downloads for this user.

    Source: https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
    """
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if named := os.environ.get(name):
            return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME", "") or "~/.cache"
    home = os.environ.get("HF_HOME", "") or f"{base}/huggingface"
    return Path(home).expanduser() / "hub"


def _is_listed_whole(folder: Path) -> bool:
    """Say whether all files that were wanted are there in full; a folder of the Hub's cache has no list."""
    if folder.parent.name == "snapshots":
        return True
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return all((folder / name).stat().st_size == size for name, size in listed.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
