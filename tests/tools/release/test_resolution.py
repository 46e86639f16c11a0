"""What a wheel needs."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from tools.release import resolution


def test_extras_are_no_requirement(tmp_path: Path) -> None:
    """Only what everybody gets is resolved."""
    wheel = tmp_path / "a-1-py3-none-any.whl"
    told = "Name: a\nRequires-Dist: httpx<1\nRequires-Dist: vllm; extra == 'vllm'\n"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("a-1.dist-info/METADATA", told)
    assert resolution.requirements(wheel) == ["httpx<1"]


def test_the_certificate_of_pip_is_uv_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy with a certificate of its own both must know it."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("PIP_CERT", "/etc/ssl/own.crt")
    assert resolution.environment()["SSL_CERT_FILE"] == "/etc/ssl/own.crt"
