"""A secret that two servers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.errors import RemoteAuthError
from gptoss_lab.services.shared_secret import SharedSecret


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a file that has changed is read again; without either there is none."""
    path = tmp_path / "secret"
    path.write_text("of-the-file\n")
    path.chmod(0o600)
    secret = SharedSecret("A_SECRET", str(path))
    assert secret.get() == "of-the-file"
    monkeypatch.setenv("A_SECRET", "of-the-environment")
    assert secret.get() == "of-the-environment"
    assert SharedSecret("NO_SECRET").get() == ""


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """It is named, and what to do."""
    path = tmp_path / "secret"
    path.write_text("x")
    path.chmod(0o640)
    with pytest.raises(RemoteAuthError, match=str(path)) as caught:
        SharedSecret("NO_SECRET", str(path)).get()
    assert "c.GptossLabApp.remote" in caught.value.hint
