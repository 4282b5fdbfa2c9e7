"""compose.yml as Docker reads it: variables filled in, anchors resolved. Whoever starts that topology takes its settings from here."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ROOT / "compose.yml"
EXAMPLE = ROOT / ".env.example"
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>[A-Z][A-Z0-9_]*)(?:(?P<kind>:-|:\?)(?P<word>[^}]*))?\}")


class Missing(Exception):
    """A variable that the file insists on is not set; Docker refuses with the same words."""


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with its variables' values. Raises `Missing`."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        now = variables.get(found["name"], "")
        if not now and found["kind"] == ":?":
            raise Missing(f"{found['name']}: {found['word']}")
        return now or (found["word"] or "" if found["kind"] == ":-" else "")

    return VARIABLE.sub(value, text)


def read_compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """The whole file with these variables. Raises `Missing`."""
    return _filled(yaml.safe_load(COMPOSE.read_text()), variables)


def read_example() -> dict[str, str]:
    """The variables of .env.example, those included that have no value there."""
    pairs = (line.partition("=") for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def _filled(part: Any, variables: Mapping[str, str]) -> Any:
    match part:
        case str():
            return filled(part, variables)
        case list():
            return [_filled(each, variables) for each in part]
        case dict():
            return {name: _filled(each, variables) for name, each in part.items()}
        case _:
            return part
