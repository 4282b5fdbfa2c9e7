"""Programs are asked for their versions once, with nothing of ours around them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fourhands.execution.languages.recipe import Version
from fourhands.execution.languages.versions import ask_version
from tests.execution.languages.samples import open_folder


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """One that users without rights may enter."""
    with open_folder() as folder:
        yield folder


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that says its version, and how often it was asked; in a folder that anybody may enter."""
    path = tmp_path / "program"
    path.write_text('#!/bin/sh\necho "it is 1.2.3 (build 7)"\nenv\nid -u\n')
    path.chmod(0o755)
    return path


def test_the_version_is_found_in_what_it_prints(program: Path) -> None:
    assert ask_version(Version(), program) == "1.2.3"
    assert ask_version(Version(pattern=r"build (\d+)"), program) == "7"
    assert ask_version(Version(pattern=r"nothing (\d+)"), program) == ""


def test_it_sees_no_environment_of_ours_and_is_not_root(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hidden")
    assert ask_version(Version(pattern="(hidden)"), program) == ""
    if os.geteuid() == 0:
        assert ask_version(Version(pattern=r"(?m)^(\d+)$"), program) == "65534"


def test_it_is_asked_again_only_when_it_has_changed(program: Path) -> None:
    assert ask_version(Version(), program) == "1.2.3"
    was = program.stat()
    program.write_text(program.read_text().replace("1.2.3", "4.5.6"))
    os.utime(program, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert ask_version(Version(), program) == "1.2.3"
    os.utime(program, ns=(was.st_atime_ns, was.st_mtime_ns + 1))
    assert ask_version(Version(), program) == "4.5.6"


def test_one_that_cannot_be_run_has_none(tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_text("no program")
    assert ask_version(Version(), path) == ""


def test_a_package_that_is_not_installed_is_asked_of_the_program(program: Path) -> None:
    assert ask_version(Version(package="no-such-package"), program) == "1.2.3"


@pytest.mark.skipif(not Path("/usr/bin/dpkg-query").exists(), reason="no Debian packages here")
def test_an_installed_package_says_its_upstream_version(program: Path) -> None:
    said = ask_version(Version(package="dpkg"), program)
    assert said
    assert said != "1.2.3"
    assert not set(said) & set("-+~:")
