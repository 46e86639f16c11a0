"""A gap between the version that is documented and the one that is installed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VersionGap:
    """Documentation and installation that differ. `own` is the corpus of the installed package."""

    corpus: str
    package: str
    documented: str
    installed: str
    own: str = ""
