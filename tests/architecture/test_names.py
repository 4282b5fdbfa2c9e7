"""Names say what a thing is about: no drawers for anything, and the house's words."""

import ast
import re
from pathlib import Path

from tests.architecture.sizes import python_modules, web_modules
from tests.architecture.sources import ROOT, kept_files

DRAWERS = {"util", "utils", "helper", "helpers", "common", "type", "types", "misc", "shared", "stuff"}
EMPTY_WORDS = {"Manager", "Handler", "Helper", "Service", "Base", "Session"}
CODE = {".py", ".ts", ".tsx", ".mjs", ".cjs", ".js"}


def words_of(name: str) -> set[str]:
    """The words of a name in camel case."""
    return set(re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]*|[a-z]+", name))


def test_no_module_is_a_drawer() -> None:
    code = [path.relative_to(ROOT) for path in kept_files() if path.suffix in CODE]
    assert [str(path) for path in code if DRAWERS & {part.split(".")[0].lower() for part in path.parts}] == []


def test_python_classes_are_named_for_what_they_are() -> None:
    named = [(path.name, node.name) for path in python_modules() for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    assert [entry for entry in named if EMPTY_WORDS & words_of(entry[1])] == []


def test_web_classes_are_named_for_what_they_are() -> None:
    named = [(path.name, name) for path in web_modules() for name in re.findall(r"^(?:export )?(?:abstract )?class (\w+)", path.read_text(), re.MULTILINE)]
    assert [entry for entry in named if EMPTY_WORDS & words_of(entry[1])] == []


def test_web_files_are_in_kebab_case() -> None:
    def is_kebab(path: Path) -> bool:
        return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*(\.(test|d|bench))?\.tsx?", path.name) is not None

    assert [str(path.relative_to(ROOT)) for path in web_modules() if not is_kebab(path)] == []
