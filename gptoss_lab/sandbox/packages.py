"""What sandboxes hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from gptoss_lab.schemas.base import Language

PYTHON_PACKAGES: tuple[str, ...] = (
    "ipykernel>=7.0,<8",
    "numpy>=1.26",
    "pandas>=2.2",
    "scipy>=1.11",
    "scikit-learn>=1.5",
    "matplotlib>=3.8",
    "seaborn>=0.13",
    "jinja2>=3.1",  # pandas writes styled tables with it
    "statsmodels>=0.14",
)
"""Requirements with floors; the resolver picks the newest wheels that suit them."""

R_PACKAGES: tuple[str, ...] = (
    "fontconfig",
    "fonts-dejavu-core",
    "libopenblas0-pthread",
    "r-base-core",
    "r-cran-broom.mixed",
    "r-cran-car",
    "r-cran-caret",
    "r-cran-corrplot",
    "r-cran-cowplot",
    "r-cran-data.table",
    "r-cran-e1071",
    "r-cran-emmeans",
    "r-cran-forecast",
    "r-cran-ggrepel",
    "r-cran-glmmtmb",
    "r-cran-glmnet",
    "r-cran-gridextra",
    "r-cran-hmisc",
    "r-cran-igraph",
    "r-cran-irkernel",
    "r-cran-lme4",
    "r-cran-lmertest",
    "r-cran-lmtest",
    "r-cran-matrixstats",
    "r-cran-mice",
    "r-cran-multcomp",
    "r-cran-mvtnorm",
    "r-cran-palmerpenguins",
    "r-cran-partykit",
    "r-cran-patchwork",
    "r-cran-pheatmap",
    "r-cran-proc",
    "r-cran-psych",
    "r-cran-quantreg",
    "r-cran-randomforest",
    "r-cran-ranger",
    "r-cran-reshape2",
    "r-cran-robustbase",
    "r-cran-sandwich",
    "r-cran-skimr",
    "r-cran-survival",
    "r-cran-tidyverse",
    "r-cran-vegan",
    "r-cran-viridis",
    "r-cran-xts",
    "r-cran-zoo",
    "r-recommended",
)
"""Packages of Debian, built already: a release has one version of each."""

_ANY_KERNEL = {
    "HOME": "/tmp/home",  # noqa: S108 - inside the sandbox, where /tmp is private
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}
KERNEL_ENV: Mapping[Language, Mapping[str, str]] = {
    "python": {
        **_ANY_KERNEL,
        "IPYTHONDIR": "/tmp/home/.ipython",  # noqa: S108 - as above
        "JUPYTER_PLATFORM_DIRS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/home/.mpl",  # noqa: S108 - as above
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # its warnings would stand under the first cell
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    },
    "r": _ANY_KERNEL,
}
"""The environment of each language's kernel before anything is added to it."""


def packages_hash(packages: Sequence[str], *facts: str) -> str:
    """Return a short hash of a package list and whatever else decides an environment's content."""
    text = "\n".join([*sorted(packages), "--", *facts])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
