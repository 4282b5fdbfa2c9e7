"""`tools/audit.py`: what is known to be vulnerable fails the check, and a service that cannot be asked is said and does not."""

import importlib.util
from typing import Any

import pytest

from tests.architecture.sources import ROOT

SPEC = importlib.util.spec_from_file_location("audit_tool", ROOT / "tools" / "audit.py")
assert SPEC is not None and SPEC.loader is not None
tool: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)

SOUND = {"dependencies": [{"name": "a", "version": "1", "vulns": []}]}
FLAWED = {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]}
UNKNOWN = {"dependencies": [{"name": "a", "version": "1", "skip_reason": "not found"}]}


def answer(monkeypatch: pytest.MonkeyPatch, pip: object, npm: object) -> None:
    monkeypatch.setattr(tool, "ask", lambda command: (npm, "refused") if "npm" in command else (pip, "refused"))


@pytest.mark.parametrize(
    ("pip", "npm", "code", "said"),
    [
        (SOUND, {"vulnerabilities": {}}, 0, "1 of 1 packages audited"),
        (FLAWED, {"vulnerabilities": {}}, 1, "a 1: CVE-1, mended in 2"),
        (SOUND, {"vulnerabilities": {"b": {"severity": "high", "range": "<2"}}}, 1, "b: high, in <2"),
        (UNKNOWN, None, 0, "NOT AUDITED"),
        (None, {"error": "405"}, 0, "NOT AUDITED"),
    ],
)
def test_what_is_known_fails_and_what_cannot_be_asked_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pip: object, npm: object, code: int, said: str
) -> None:
    answer(monkeypatch, pip, npm)
    assert tool.main() == code
    told = capsys.readouterr()
    assert said in told.out + told.err
