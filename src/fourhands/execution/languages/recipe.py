"""A `[[toolchain]]` of a language's TOML file: how a server can run the language, if it has what that takes.

`detect` makes a `Toolchain` of it on a machine that has its programs. Data alone; `fault_of` says what is wrong with it.
"""

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from fourhands.execution.port import MiB, Needs, Placing

INSIDE = ("/opt/fourhands/", "/tmp/")  # noqa: S108 - paths of the sandbox, whose /tmp is its own
"""Where files of ours may lie in a sandbox."""

_MARKS = {"program", "main", "stem", "class", "sources", "others"}
_MARK = re.compile(r"(?<!\$)\{([a-z]+)\}")


class Version(Struct, frozen=True, forbid_unknown_fields=True):
    """How a version is asked: `command` (words; `{program}` is the one that was found) prints it where `pattern` finds it,
    or it is that of the Debian `package`, for programs that would take seconds to say it."""

    command: tuple[str, ...] = ("{program}", "--version")
    package: str = ""
    pattern: str = r"(\d+(?:\.\d+)+)"


class Prepared(Struct, frozen=True, forbid_unknown_fields=True):
    """Files that are made once on a machine, since making them in every sandbox would take seconds.

    `command` (words) runs in an empty folder and leaves there what sandboxes see, read-only, as the folder `path`; with
    `each_file` only the files are read-only, and a program can write others beside them.
    """

    path: str
    command: tuple[str, ...]
    each_file: bool = False


class Extra(Struct, frozen=True, forbid_unknown_fields=True):
    """A library that a language has where the file `found` is. `support`: texts of ours for it (files of `inside/`) by their
    path in a sandbox."""

    name: str
    found: str
    packages: tuple[str, ...]
    environment: dict[str, str] = {}
    support: dict[str, str] = {}
    prepared: Prepared | None = None
    binds: tuple[str, ...] = ()


class Sizes(Struct, frozen=True, forbid_unknown_fields=True):
    """The least that it works with, if that is more than programs get anyhow."""

    memory_megabytes: int = 0
    compile_memory_megabytes: int = 0
    disk_megabytes: int = 0
    processes: int = 0

    def as_needs(self) -> Needs:
        return Needs(
            memory_bytes=self.memory_megabytes * MiB,
            compile_memory_bytes=self.compile_memory_megabytes * MiB,
            disk_bytes=self.disk_megabytes * MiB,
            processes=self.processes,
        )


class Recipe(Struct, frozen=True, forbid_unknown_fields=True):
    """One way to run a language.

    `name`: what runs it. `program`: paths of its program, the first that is there is `{program}`; `also`: what has to be
    there besides. Both may hold `*`; of several matches the last is taken. `compile`, `run`, `repl`: see `Toolchain`.
    `binds`: what it reads outside of /usr; with `*`, all matches.
    """

    name: str
    program: tuple[str, ...]
    run: str
    packages: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    version: Version = Version()
    compile: str = ""
    repl: str = ""
    environment: dict[str, str] = {}
    binds: tuple[str, ...] = ()
    needs: Sizes = Sizes()
    main: str = ""
    placing: Placing = Placing()
    support: dict[str, str] = {}
    prepared: Prepared | None = None
    extra: tuple[Extra, ...] = ()
    warm: Literal["python"] | None = None

    @property
    def all_packages(self) -> tuple[str, ...]:
        """Its Debian packages, those of its extras too."""
        return (*self.packages, *(package for extra in self.extra for package in extra.packages))


def fault_of(recipe: Recipe) -> str:
    """What is wrong with a recipe that has the right fields, or nothing."""
    return next(_faults(recipe), "")


def _faults(recipe: Recipe) -> Iterator[str]:
    if not recipe.program or not recipe.run or not recipe.name:
        yield "name, program and run may not be empty"
    for path in (*recipe.program, *recipe.also, *recipe.binds, *(extra.found for extra in recipe.extra)):
        if not path.startswith("/") or "/../" in path:
            yield f"{path!r} is not an absolute path"
    for line in (recipe.compile, recipe.run, recipe.repl):
        for mark in _MARK.findall(line):
            if mark not in _MARKS:
                yield f"{{{mark}}} stands for nothing; what may stand in braces is {', '.join(sorted(_MARKS))}"
    inside = [*recipe.support, *(path for extra in recipe.extra for path in extra.support)]
    inside += [prepared.path for prepared in (recipe.prepared, *(extra.prepared for extra in recipe.extra)) if prepared]
    for path in inside:
        if not path.startswith(INSIDE):
            yield f"{path!r} is not below {' or '.join(INSIDE)}"
    yield from _pattern_faults(recipe)


def _pattern_faults(recipe: Recipe) -> Iterator[str]:
    placing = recipe.placing
    grouped = {"version.pattern": recipe.version.pattern, "placing.stem": placing.stem, "placing.class": placing.class_}
    patterns = {**grouped, "placing.entry": placing.entry, **{f"added {added.name}": added.when for added in placing.added}}
    for field, pattern in patterns.items():
        try:
            groups = re.compile(pattern, re.MULTILINE).groups
        except re.error as error:
            yield f"{field} is not a pattern: {error}"
        else:
            if pattern and field in grouped and groups != 1:
                yield f"{field} has to hold one group, not {groups}"
    if bool(placing.class_) != ("{class}" in recipe.run):
        yield "placing.class and {class} in run belong together"
