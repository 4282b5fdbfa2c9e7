"""A language and its TOML file. `app` and the runner load them once; a file that makes no sense stops the start with its name."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

from fourhands.errors import InvalidRequest
from fourhands.execution.languages.recipe import Recipe, fault_of

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
    aliases: tuple[str, ...] = ()
    piston: str = ""
    toolchain: tuple[Recipe, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """A language that a file may be in.

    `extension` is without its dot. `mode` is the name that CodeMirror's language-data knows it by, or empty: not
    coloured. `runtime`: what runs it in the browser, or None. `sample` is a short program, `output` what it prints.
    `aliases`: what else it is called. `piston`: what Piston calls it. `recipes`: how a server may run it; the first that a
    machine has what it takes for is used, none means that it is only written.
    """

    id: str
    name: str
    extension: str
    mode: str
    sample: str
    runtime: Runtime | None
    output: str | None
    aliases: tuple[str, ...] = ()
    piston: str = ""
    recipes: tuple[Recipe, ...] = ()

    @property
    def packages(self) -> tuple[str, ...]:
        """The Debian packages of all that it can use of its first recipe that Debian has, which is what `install` installs."""
        return next((recipe.all_packages for recipe in self.recipes if recipe.packages), ())


def read_language(id: str, text: str) -> Language:  # noqa: A002 - the language's word for itself
    """The language that a TOML file describes. Raises `InvalidRequest`, naming the file, if it makes no sense."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidRequest(f"The language {id}.toml makes no sense: {error}.") from error
    for number, recipe in enumerate(file.toolchain, 1):
        if fault := fault_of(recipe):
            raise InvalidRequest(f"The language {id}.toml makes no sense: toolchain {number}, {recipe.name}: {fault}.")
    return Language(id, file.name, file.extension, file.mode, file.sample, file.runtime, file.output, file.aliases, file.piston or id, file.toolchain)


def load_languages() -> tuple[Language, ...]:
    """All languages, by name. Raises `InvalidRequest` if a file makes no sense."""
    files = [entry for entry in resources.files("fourhands.execution.languages").iterdir() if entry.name.endswith(".toml")]
    languages = [read_language(Path(entry.name).stem, entry.read_text("utf-8")) for entry in files]
    return tuple(sorted(languages, key=lambda language: language.name.casefold()))
