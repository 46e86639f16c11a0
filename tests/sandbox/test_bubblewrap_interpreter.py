"""The Python of a bubblewrap sandbox, and a person's own environment run in one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gptoss_lab.sandbox.bubblewrap_interpreter import RELOCATED, Interpreter, inner_prefix
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.sandbox.kernel_environment import read_kernel
from gptoss_lab.schemas.config import SandboxConfig
from tests.fakes.kernelspecs import use_kernelspecs, write_kernelspec
from tests.fakes.wheels import ignore
from tests.sandbox.conformance import Kernel, require_image


def test_an_interpreter_of_the_system_stays_in_its_place(tmp_path: Path) -> None:
    """Another one is moved, so that no path of this machine's user shows."""
    assert inner_prefix(Path("/usr")) == Path("/usr")
    assert inner_prefix(tmp_path) == RELOCATED
    assert Interpreter(Path("/usr"), Path("/usr")).mounts() == []
    assert "LD_LIBRARY_PATH" not in Interpreter(Path("/usr"), Path("/usr")).environment()


def test_another_version_is_named_throughout(tmp_path: Path) -> None:
    """Its program, its library and its settings are not the server's."""
    packages = tmp_path / "lib" / "python3.99" / "site-packages"
    packages.mkdir(parents=True)
    other = Interpreter(tmp_path, RELOCATED, "python3.99", "3.99.1", "lib", (tmp_path / "more",))
    assert other.problem == f"the interpreter has no {tmp_path}/bin/python3.99"
    assert other.site == Path("/opt/env/lib/python3.99/site-packages")
    assert "version = 3.99.1" in other.settings()
    mounts = other.mounts()
    assert str(RELOCATED / "lib" / "python3.99" / "site-packages") in mounts
    assert mounts[-3:] == ["--ro-bind", str(tmp_path / "more"), "/opt/env/more/0"]


@pytest.mark.bubblewrap
async def test_a_kernels_own_environment_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its packages in its versions, read-only, with nothing else of this machine."""
    await require_image("bubblewrap")
    write_kernelspec(tmp_path / "jupyter", "mine", [sys.executable])
    use_kernelspecs(tmp_path / "jupyter", monkeypatch)
    own = await read_kernel("mine")
    (runtime,) = make_runtimes(SandboxConfig(runtime="bubblewrap"))
    image = await runtime.mirror(own, ignore)
    kernel = Kernel("bubblewrap")
    try:
        await kernel.start(gptoss_image=image.id)
        assert kernel.provisioner.image == image.id
        version = "import importlib.metadata as m; print(m.version('pytest'))"
        assert await kernel.out(version) == own.packages["pytest"]
        folder = "import pytest, pathlib; print(pathlib.Path(pytest.__file__).parent)"
        place = await kernel.out(folder)
        assert place.startswith("/opt/env/")
        status, said = await kernel.run(f"open({place!r} + '/x', 'w')")
        assert (status, "Read-only" in said) == ("error", True)
        assert await kernel.out(f"import os; print(os.path.exists({sys.prefix!r}))") == "False"
    finally:
        await kernel.stop()
        await runtime.remove_image(image.id)
        await runtime.close()
