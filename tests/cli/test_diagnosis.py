"""`jupyter gptoss doctor`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gptoss_lab.schemas.diagnosis import Check, Diagnosis
from gptoss_lab.services import doctor
from tests.cli.conftest import Invoke

WELL = Check(name="python", status="ok", detail="3.11")
BAD = Check(name="kernel", status="fail", detail="it is missing", fix="Install it.")
MEH = Check(name="sandbox", status="warn", detail="none", fix="Build one.")


@pytest.mark.parametrize(("checks", "code"), [((WELL, MEH), 0), ((WELL, BAD), 1)])
@pytest.mark.parametrize("as_json", [False, True])
def test_the_code_says_whether_something_failed(
    checks: tuple[Check, ...], code: int, as_json: bool, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warnings are no failure; every check and its fix are shown."""

    async def examined(**_given: Any) -> Diagnosis:
        return Diagnosis(checks=checks)

    monkeypatch.setattr(doctor, "examine", examined)
    result = invoke("doctor", *(["--json"] if as_json else []))
    assert result.exit_code == code
    if as_json:
        assert Diagnosis.model_validate_json(result.stdout).checks == checks
        assert len(json.loads(result.stdout)["checks"]) == 2
    else:
        assert checks[1].fix in result.stdout
