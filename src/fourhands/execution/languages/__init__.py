"""The languages of a room, one TOML file each: what is here is discovered, there is no list to keep.

`app` loads them once; a file that makes no sense stops the start with its name.
"""

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

from fourhands.errors import InvalidRequest

Runtime = Literal["python", "javascript", "typescript", "html", "sqlite"]
"""The runtimes that a browser has."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a TOML file holds; the file's name is the id."""

    name: str
    extension: str
    mode: str
    sample: str
    runtime: Runtime | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """A language that a file may be in.

    `extension` is without its dot. `mode` is the name that CodeMirror's language-data knows it by, or empty: not
    coloured. `runtime`: what runs it in the browser, or None. `sample` is a short program, `output` what it prints.
    """

    id: str
    name: str
    extension: str
    mode: str
    sample: str
    runtime: Runtime | None
    output: str | None


def read_language(id: str, text: str) -> Language:  # noqa: A002 - the language's word for itself
    """The language that a TOML file describes. Raises `InvalidRequest` if it makes no sense."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidRequest(f"The language {id}.toml makes no sense: {error}.") from error
    return Language(id, file.name, file.extension, file.mode, file.sample, file.runtime, file.output)


def load_languages() -> tuple[Language, ...]:
    """All languages, by name. Raises `InvalidRequest` if a file makes no sense."""
    files = [entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(".toml")]
    languages = [read_language(Path(entry.name).stem, entry.read_text("utf-8")) for entry in files]
    return tuple(sorted(languages, key=lambda language: language.name.casefold()))
