"""start.sh and start.bat, for people without make: from a copy of the checkout, each step that can fail says what to do."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELL = shutil.which("sh") or "/bin/sh"
NOTED = 'echo "$0 $*" >> "$NOTES"\n'
FAKE_PYTHON = f"""#!/bin/sh
{NOTED}
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *"pip install"*) exit ${{PIP_EXIT:-0}} ;;
esac
"""
"""Stands for Python: notes how it was called, and makes an environment of itself. What the real one does is what `make run` does too."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The script beside what it looks at, in a folder whose name has a space."""
    folder = tmp_path / "my checkout"
    folder.mkdir()
    shutil.copy(ROOT / "start.sh", folder)
    (folder / "requirements.lock").touch()
    (folder / "hatch_build.py").touch()
    return folder


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def start(checkout: Path, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": f"{checkout.parent / 'bin'}:/usr/bin:/bin", "NOTES": str(checkout.parent / "notes"), **env}
    return subprocess.run([SHELL, str(checkout / "start.sh"), *words], cwd="/", env=environment, capture_output=True, text=True, check=False)


def called(checkout: Path) -> list[str]:
    notes = checkout.parent / "notes"
    return [line.split(" ", 1)[1] if notes.exists() else "" for line in notes.read_text().replace(f"{checkout}/", "").splitlines()]


def test_it_makes_installs_builds_and_serves_and_the_next_time_only_serves(checkout: Path) -> None:
    python = program(checkout.parent / "bin", "mypython", FAKE_PYTHON)
    said = start(checkout, "--port", "9000", PYTHON=str(python))
    assert said.returncode == 0, said.stderr
    first = called(checkout)
    assert "-m venv .venv" in first
    assert any("--require-hashes -r requirements.lock" in words for words in first)
    assert first[-2:] == ["hatch_build.py", "-m fourhands serve --port 9000"]
    (checkout.parent / "notes").unlink()
    assert start(checkout, PYTHON=str(python)).returncode == 0
    assert called(checkout) == ["hatch_build.py", "-m fourhands serve"]


def test_it_installs_again_when_the_lock_has_changed(checkout: Path) -> None:
    python = program(checkout.parent / "bin", "mypython", FAKE_PYTHON)
    assert start(checkout, PYTHON=str(python)).returncode == 0
    installed = (checkout / ".venv" / ".runtime-installed").stat()
    os.utime(checkout / "requirements.lock", (installed.st_atime + 10, installed.st_mtime + 10))
    (checkout.parent / "notes").unlink()
    assert start(checkout, PYTHON=str(python)).returncode == 0
    assert any("pip install" in words for words in called(checkout))


def test_a_failed_install_is_said_and_tried_again(checkout: Path) -> None:
    python = program(checkout.parent / "bin", "mypython", FAKE_PYTHON)
    said = start(checkout, PYTHON=str(python), PIP_EXIT="1")
    assert said.returncode == 1
    assert "error: the packages could not be installed" in said.stderr
    assert not any("serve" in words for words in called(checkout))
    assert start(checkout, PYTHON=str(python)).returncode == 0


def test_a_python_that_is_too_old_is_refused_by_name(checkout: Path) -> None:
    old = program(checkout.parent / "bin", "old", "#!/bin/sh\nexit 1\n")
    said = start(checkout, PYTHON=str(old))
    assert said.returncode == 1
    assert f"error: PYTHON is {old}, which is not Python 3.11 or newer." in said.stderr


def test_without_any_python_it_says_how_to_get_one(checkout: Path) -> None:
    for name in ("python3", *(f"python3.{minor}" for minor in (11, 12, 13, 14)), "python"):
        program(checkout.parent / "bin", name, "#!/bin/sh\nexit 1\n")
    said = start(checkout)
    assert said.returncode == 1
    assert "error: no Python 3.11 or newer was found." in said.stderr
    assert "apt-get install python3" in said.stderr


def test_a_python_without_venv_says_what_to_install(checkout: Path) -> None:
    bare = program(checkout.parent / "bin", "bare", '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\n')
    said = start(checkout, PYTHON=str(bare))
    assert said.returncode == 1
    assert "apt-get install python3-venv" in said.stderr


def test_the_shell_may_be_any_and_the_interpreter_is_taken_as_make_takes_it() -> None:
    text = (ROOT / "start.sh").read_text()
    assert text.startswith("#!/bin/sh\n")
    assert os.access(ROOT / "start.sh", os.X_OK)
    makefile = (ROOT / "Makefile").read_text()
    for shared in (".runtime-installed", "fourhands-sources.pth", "hatch_build.py"):
        assert shared in text
        assert shared in makefile
    assert sys.version_info >= (3, 11)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not on this machine")
def test_shellcheck_has_no_objection() -> None:
    said = subprocess.run(["shellcheck", str(ROOT / "start.sh")], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")


def test_the_batch_file_has_every_label_that_it_goes_to_and_each_way_out_says_what_to_do() -> None:
    text = (ROOT / "start.bat").read_text()
    labels, targets = set(re.findall(r"(?m)^:(\w+)", text)), set(re.findall(r"goto (\w+)", text))
    assert labels == targets
    for label in labels:
        part = text.split(f":{label}\n", 1)[1].split("\n:")[0]
        assert "echo error: " in part, label
        assert "exit /b 1" in part, label
    assert "start.sh %*" in text
    assert text.count("%errorlevel%") == 1
    assert "*.bat text eol=crlf" in (ROOT / ".gitattributes").read_text()
