"""Every module that does something has a test of its own, where one looks for it: src/fourhands/a/b.py, tests/a/test_b.py."""

import ast
from pathlib import Path

from tests.architecture.sizes import python_modules
from tests.architecture.sources import PACKAGE, ROOT

TESTED_ELSEWHERE = {
    "__main__.py": "one line; tests/test_cli.py starts it",
    "backups.py": "tests/test_backup_commands.py and tests/test_db_commands.py run the commands that it is for",
    "storage.py": "a few lines; tests/test_journal_commands.py and every server of the tests go through it",
    "terminal.py": "what all commands share; tests/test_cli.py and tests/test_journal_commands.py type them",
    "upkeep.py": "tests/test_journal_commands.py runs the commands that it is for",
    "edge/http/invites.py": "tests/wire/test_invites.py asks its routes",
    "edge/http/members.py": "tests/wire/test_hosting.py and tests/wire/test_lobby.py ask its routes",
    "actions/place.py": "what actions are given; tests/actions, and every server, go through it",
    "edge/http/routes.py": "a list; tests/edge/http asks every route through it",
    "edge/ws/connection.py": "nothing without a socket; tests/wire talks to it by one",
}
"""Modules without a mirrored test, each with where it is tested instead."""


def does_something(path: Path) -> bool:
    """Whether a module has any function with a body; dataclasses, ports and tables have none."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
            if body:
                return True
    return False


def mirror_of(module: Path) -> Path:
    """Where the test of a module stands."""
    name = "init" if module.stem == "__init__" else module.stem.strip("_")
    return ROOT / "tests" / module.relative_to(PACKAGE).parent / f"test_{name}.py"


def test_every_module_has_its_test() -> None:
    modules = [path for path in python_modules() if does_something(path) and path.relative_to(PACKAGE).as_posix() not in TESTED_ELSEWHERE]
    assert [str(path.relative_to(ROOT)) for path in modules if not mirror_of(path).is_file()] == []


def test_every_exemption_is_still_needed() -> None:
    for name in TESTED_ELSEWHERE:
        module = PACKAGE / name
        assert module.is_file(), f"{name} is gone"
        assert not mirror_of(module).is_file(), f"{name} has its test"
