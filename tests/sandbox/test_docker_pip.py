"""The host's pip settings, as far as they may enter a build."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from gptoss_lab.sandbox.docker_pip import INNER_BUNDLE, read_settings, settings_from

LISTING = """
:env:.index-url='https://env.example/simple'
global.extra-index-url='file:///opt/pypi/simple https://me:word@more.example/simple'
global.find-links='/opt/wheels'
install.trusted-host='env.example'
"""


def test_only_web_indexes_are_passed() -> None:
    """Folders of this machine mean nothing in a container."""
    told = settings_from(LISTING, {}).environment
    assert told["PIP_INDEX_URL"] == "https://env.example/simple"
    assert told["PIP_EXTRA_INDEX_URL"] == "https://me:word@more.example/simple"
    assert told["PIP_TRUSTED_HOST"] == "env.example"
    assert "PIP_FIND_LINKS" not in told


def test_the_environment_wins() -> None:
    """PIP_* variables override the configuration, as they do in pip; proxies are passed on."""
    told = settings_from(
        LISTING, {"PIP_INDEX_URL": "https://mine/simple", "https_proxy": "http://p:3128"}
    ).environment
    assert told["PIP_INDEX_URL"] == "https://mine/simple"
    assert told["https_proxy"] == "http://p:3128"


def test_secrets_are_not_shown() -> None:
    """The settings' text form keeps credentials out of logs."""
    assert "word" not in repr(settings_from(LISTING, {}))


def test_the_bundle_travels_as_an_archive(tmp_path: Path) -> None:
    """The host's certificates are packed for the builder's /tmp."""
    bundle = tmp_path / "ca.pem"
    bundle.write_text("certificates")
    settings = settings_from(f"global.cert='{bundle}'", {})
    assert settings.environment["PIP_CERT"] == INNER_BUNDLE
    packed = settings.bundle_archive()
    assert packed is not None
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        (entry,) = archive.getmembers()
        file = archive.extractfile(entry)
        assert file is not None
        assert file.read() == b"certificates"
        assert Path(INNER_BUNDLE).name == entry.name


async def test_this_machine_is_asked() -> None:
    """The real pip answers and its answer is understood."""
    settings = await read_settings()
    assert all(isinstance(value, str) for value in settings.environment.values())
