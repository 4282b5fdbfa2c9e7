"""The workflows of GitHub Actions: other people's actions by commit, rights as few as a job needs, no text of strangers in a shell."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.compose_file import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = re.compile(r"(?m)^\s*(?:- )?uses: (\S+)( # v\d+\.\d+\.\d+)?$")
TRUSTED = re.compile(r"\$\{\{ (github\.(repository|ref|token)|matrix\.\w+|steps\.\w+\.outputs\.\w+) \}\}")


def jobs() -> dict[str, dict[str, Any]]:
    return {f"{path.stem} {name}": job for path in WORKFLOWS for name, job in yaml.safe_load(path.read_text())["jobs"].items()}


def test_there_are_two() -> None:
    assert [path.name for path in WORKFLOWS] == ["release.yml", "test.yml"]


def test_every_action_is_named_by_its_commit_with_its_version_beside() -> None:
    versions: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        text = path.read_text()
        found = ACTION.findall(text)
        assert len(found) == text.count("uses:")
        for action, version in found:
            name, _, commit = action.partition("@")
            assert re.fullmatch(r"[0-9a-f]{40}", commit), action
            assert version, action
            versions.setdefault(name, set()).add(commit + version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_a_workflow_may_do_nothing_by_itself_and_only_releases_may_write() -> None:
    assert [yaml.safe_load(path.read_text())["permissions"] for path in WORKFLOWS] == [{}, {"contents": "read"}]
    writing = {name: {right for right, value in job.get("permissions", {}).items() if value == "write"} for name, job in jobs().items()}
    assert {name: rights for name, rights in writing.items() if rights} == {
        "release publish": {"contents", "id-token", "attestations"},
        "release images": {"packages", "id-token", "attestations"},
    }


def test_no_checkout_leaves_a_token_behind_and_every_job_ends() -> None:
    for name, job in jobs().items():
        assert 0 < job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name


def test_what_is_filled_in_is_ours_and_never_inside_a_command() -> None:
    for path in WORKFLOWS:
        text = path.read_text()
        assert [each for each in re.findall(r"\$\{\{[^}]*\}\}", text) if not TRUSTED.fullmatch(each)] == [], path.name
    for name, job in jobs().items():
        assert not [step["run"] for step in job["steps"] if "${{" in step.get("run", "")], name


def test_what_ci_runs_is_what_people_run_and_a_release_only_of_what_passed() -> None:
    parts = jobs()
    for name in ("test test", "release build"):
        assert any(step.get("run") == "bash .ci/run" for step in parts[name]["steps"]), name
    assert all(parts[name]["needs"] == "build" for name in ("release publish", "release images"))


def test_files_and_images_are_signed_and_their_origin_is_attested() -> None:
    for name, signed in (("release publish", "cosign sign-blob"), ("release images", "cosign sign ")):
        steps = jobs()[name]["steps"]
        assert any(signed in step.get("run", "") for step in steps), name
        assert any(step.get("uses", "").startswith("actions/attest-build-provenance@") for step in steps), name


@pytest.mark.skipif(not shutil.which("actionlint"), reason="actionlint is not on this machine")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_has_no_objection(path: Path) -> None:
    said = subprocess.run(["actionlint", str(path)], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")
