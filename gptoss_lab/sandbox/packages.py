"""What every Python sandbox holds, whatever the runtime."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

PYTHON_PACKAGES: tuple[str, ...] = (
    "ipykernel>=7.0,<8",
    "numpy>=1.26",
    "pandas>=2.2",
    "scipy>=1.11",
    "scikit-learn>=1.5",
    "matplotlib>=3.8",
    "seaborn>=0.13",
    "statsmodels>=0.14",
)
"""Requirements with floors; the resolver picks the newest wheels that suit them."""

KERNEL_ENV: dict[str, str] = {
    "HOME": "/tmp/home",  # noqa: S108 - inside the sandbox, where /tmp is private
    "IPYTHONDIR": "/tmp/home/.ipython",  # noqa: S108 - as above
    "JUPYTER_PLATFORM_DIRS": "1",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/home/.mpl",  # noqa: S108 - as above
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "TZ": "UTC",
}
"""The environment of a sandboxed kernel before anything is added to it."""


def packages_hash(packages: Sequence[str], *facts: str) -> str:
    """Return a short hash of a package list and whatever else decides an environment's content."""
    text = "\n".join([*sorted(packages), "--", *facts])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
