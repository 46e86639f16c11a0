"""Ray's own models read what is for Ray."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.deploy import files
from tools.deploy.serve_llm import problems

OURS = files.DEPLOY / "ray" / "serve.yaml"


@pytest.mark.vllm
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", ""),
        ("engine_kwargs", "engine_kwarg", "Extra inputs are not permitted"),
        ("import_path", "import_paths", "ValidationError"),
    ],
)
def test_ray_takes_the_file_and_no_other(tmp_path: Path, old: str, new: str, said: str) -> None:
    """It refuses a name that it does not know; correct the file, or the pin in tools/deploy/serve_llm.py."""
    changed = tmp_path / "serve.yaml"
    changed.write_text(OURS.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    found = list(problems(changed))
    assert len(found) == bool(said)
    assert said in "".join(found)
