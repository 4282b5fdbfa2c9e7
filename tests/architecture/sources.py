"""Which files the architecture tests look at."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "fourhands"
MADE = {".git", ".venv", "node_modules", "static", "dist", "build", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache"}


@cache
def kept_files() -> tuple[Path, ...]:
    """The files under version control; without git (in an sdist) all that nobody's tools made."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [path for path in ROOT.rglob("*") if not MADE & set(path.relative_to(ROOT).parts)]
    return tuple(path for path in files if path.is_file())


def read_text(path: Path) -> str | None:
    """The text of a file, or None if it is none."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None
