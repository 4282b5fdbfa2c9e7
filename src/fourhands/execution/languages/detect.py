"""Finds which languages this machine can run, and with what. Blocking: about a second the first time, then as good as nothing."""

import functools
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from msgspec.structs import replace

from fourhands.execution.languages.language import Language, load_languages
from fourhands.execution.languages.prepare import prepare, prepared_binds, prepared_folder
from fourhands.execution.languages.recipe import Extra, Prepared, Recipe
from fourhands.execution.languages.versions import ask_version
from fourhands.execution.port import Placing, SourceFile, Toolchain

THREADS = 4


@dataclass(frozen=True, slots=True)
class Missing:
    """A recipe that this machine cannot follow, and why: a sentence that names what lacks."""

    language: str
    sentence: str


def detect_toolchains(cache: Path | None = None) -> tuple[Toolchain, ...]:
    """What this machine can run, by language. `cache`: where `prepare` keeps what it makes."""
    return tuple(found for found in detect(load_languages(), cache=cache) if isinstance(found, Toolchain))


def detect(languages: tuple[Language, ...], *, root: Path = Path("/"), cache: Path | None = None) -> tuple[Toolchain | Missing, ...]:
    """For each language that a server could run: how this one does, or why it does not."""
    runnable = [language for language in languages if language.recipes]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(_find, runnable, itertools.repeat(root)))
    return tuple(one if isinstance(one, Missing) else _toolchain(one, root, cache) for one in found)


def is_prepared(languages: tuple[Language, ...], cache: Path) -> bool:
    """Whether there is nothing left for `prepare_toolchains` to do."""
    found = (_find(language, Path("/")) for language in languages if language.recipes)
    return all(prepared_folder(prepared, one.version, cache).is_dir() for one in found if isinstance(one, _Found) for prepared in one.prepared)


def prepare_toolchains(languages: tuple[Language, ...], cache: Path) -> dict[str, str]:
    """Make what is not made yet, which takes seconds; then `detect` again. Answers what went wrong, by language."""
    failed: dict[str, str] = {}
    for language in languages:
        found = _find(language, Path("/"))
        if isinstance(found, Missing):
            continue
        for prepared in found.prepared:
            if fault := prepare(prepared, found.version, cache, program=found.program):
                failed[language.id] = fault
    return failed


@dataclass(frozen=True, slots=True)
class _Found:
    """A recipe that this machine can follow, and with which of its extras."""

    language: Language
    recipe: Recipe
    extras: tuple[Extra, ...]
    program: Path
    version: str

    @property
    def prepared(self) -> tuple[Prepared, ...]:
        return tuple(one.prepared for one in (self.recipe, *self.extras) if one.prepared)


def _find(language: Language, root: Path) -> _Found | Missing:
    """The first recipe that can be followed, else why the first cannot."""
    first: Missing | None = None
    for recipe in language.recipes:
        found = _follow(language, recipe, root)
        if isinstance(found, _Found):
            return found
        first = first or found
    return first or Missing(language.id, "No server runs it.")


def _follow(language: Language, recipe: Recipe, root: Path) -> _Found | Missing:
    program = next((path for pattern in recipe.program if (path := _there(pattern, root))), None)
    if program is None:
        return Missing(language.id, f"{recipe.program[0]} is not here.")
    if lacking := next((pattern for pattern in recipe.also if _there(pattern, root) is None), None):
        return Missing(language.id, f"{lacking} is not here.")
    version = ask_version(recipe.version, root / program.relative_to("/"))
    if not version:
        return Missing(language.id, f"{program} is here, but does not say its version, so it does not work.")
    extras = tuple(extra for extra in recipe.extra if _there(extra.found, root))
    return _Found(language, recipe, extras, program, version)


def _toolchain(found: _Found, root: Path, cache: Path | None) -> Toolchain:
    language, recipe = found.language, found.recipe
    environment, support, patterns = dict(recipe.environment), dict(recipe.support), list(recipe.binds)
    for extra in found.extras:
        environment |= extra.environment
        support |= extra.support
        patterns += extra.binds
    binds = [path for pattern in patterns for path in _all(pattern, root)]
    if cache:
        binds += [bind for prepared in found.prepared for bind in prepared_binds(prepared, found.version, cache)]

    def filled(line: str) -> str:
        return line.strip().replace("{program}", str(found.program))

    return Toolchain(
        language=language.id,
        version=found.version,
        runtime=recipe.name,
        libraries=tuple(extra.name for extra in found.extras),
        aliases=language.aliases,
        main=recipe.main or f"main.{language.extension}",
        compile=filled(recipe.compile),
        run=filled(recipe.run),
        repl=filled(recipe.repl),
        environment=environment,
        binds=tuple(binds),
        support=tuple(SourceFile(path, _inside(name)) for path, name in support.items()),
        placing=_placing(recipe.placing, found.version),
        needs=recipe.needs.as_needs(),
        warm=recipe.warm,
    )


def _placing(placing: Placing, version: str) -> Placing:
    """With `{minor}`, the first two numbers of the version, in the files that are added."""
    minor = ".".join(version.split(".")[:2])
    return replace(placing, added=tuple(replace(added, text=added.text.replace("{minor}", minor)) for added in placing.added))


def _all(pattern: str, root: Path) -> list[str]:
    """The paths below `root` that a pattern finds, as they are called from there."""
    return sorted(f"/{path.relative_to(root)}" for path in root.glob(pattern.lstrip("/")))


def _there(pattern: str, root: Path) -> Path | None:
    found = _all(pattern, root)
    return Path(found[-1]) if found else None


@functools.cache
def _inside(name: str) -> bytes:
    """A file of ours that is put into sandboxes."""
    return (resources.files("fourhands.execution.languages") / "inside" / name).read_bytes()
