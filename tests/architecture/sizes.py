"""Measures how big modules and functions are. `python -m tests.architecture.sizes` prints it; with `--lower` it writes
what has shrunk into sizes.json, and refuses to raise anything. `test_sizes` holds the sources to it."""

import ast
import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("sizes.json")
SOFT_MODULE_LINES = 300
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Function:
    """A function: where it stands, its lines, and how many parameters may be given by position (self is none)."""

    place: str
    lines: int
    positional: int


def python_modules() -> list[Path]:
    """The product's Python sources; migrations are history and not counted."""
    return sorted(path for path in (ROOT / "src" / "fourhands").rglob("*.py") if "versions" not in path.parts)


def web_modules() -> list[Path]:
    """The pages' TypeScript sources, without tests."""
    folders = [ROOT / "web" / "src", ROOT / "web" / "runner"]
    return sorted(path for folder in folders for path in folder.rglob("*.ts*") if ".test." not in path.name and "test" not in path.parts)


@cache
def line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


@cache
def functions_of(path: Path) -> tuple[Function, ...]:
    """Every function and method of a Python module; a nested one counts for itself, not for the one around it."""
    return tuple(_functions(path))


def _functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, DEFINITIONS):
            names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            positional = len(names) - (names[:1] in (["self"], ["cls"]))
            lines = _lines(node) - sum(_lines(inner) for inner in _nested(node))
            yield Function(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", lines, positional)


def _nested(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, DEFINITIONS):
            yield child
        else:
            yield from _nested(child)


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def p95(numbers: list[int]) -> int:
    return sorted(numbers)[int(len(numbers) * 0.95)] if numbers else 0


def measure() -> dict[str, int]:
    """The maxima that may only fall."""
    modules = [line_count(path) for path in python_modules()]
    functions = [function.lines for path in python_modules() for function in functions_of(path)]
    pages = [line_count(path) for path in web_modules()]
    return {
        "python_module_lines": max(modules),
        "python_modules_over_soft_limit": sum(lines > SOFT_MODULE_LINES for lines in modules),
        "python_function_lines": max(functions),
        "python_function_lines_p95": p95(functions),
        "web_module_lines": max(pages, default=0),
        "web_modules_over_soft_limit": sum(lines > SOFT_MODULE_LINES for lines in pages),
    }


def medians() -> dict[str, float]:
    """What is typical."""
    return {
        "python_module_lines": statistics.median(line_count(path) for path in python_modules()),
        "python_function_lines": statistics.median(function.lines for path in python_modules() for function in functions_of(path)),
    }


def main(words: list[str]) -> int:
    now, recorded = measure(), json.loads(RECORD.read_text()) if RECORD.is_file() else {}
    print(json.dumps({"maxima": now, "medians": medians()}, indent=2))
    grown = [name for name, value in now.items() if value > recorded.get(name, value)]
    if grown:
        print(f"grown, so nothing is written: {', '.join(grown)}", file=sys.stderr)
        return 1
    if "--lower" in words:
        RECORD.write_text(json.dumps(now, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
