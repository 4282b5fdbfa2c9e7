"""Which Debian packages bring languages, by the names that people use for them."""

import difflib
from collections.abc import Iterable, Sequence

from fourhands.errors import NotFound
from fourhands.execution.languages.language import Language

NEAREST = 3
QUIETLY = ("env", "DEBIAN_FRONTEND=noninteractive")


def named(languages: Iterable[Language], words: Sequence[str]) -> list[Language]:
    """The languages that are meant, each once. Raises `NotFound` for a word that means none, with the nearest that do."""
    known = {name.casefold(): language for language in languages for name in (language.id, language.name, language.piston, *language.aliases)}
    meant: dict[str, Language] = {}
    for word in words:
        language = known.get(word.casefold())
        if language is None:
            near = sorted({known[name].id for name in difflib.get_close_matches(word.casefold(), known, NEAREST)})
            hint = f" Did you mean {' or '.join(near)}?" if near else " `fourhands languages` lists those that are."
            raise NotFound(f"There is no language {word[:40]!r}.{hint}")
        meant[language.id] = language
    return list(meant.values())


def packages_of(languages: Iterable[Language]) -> list[str]:
    """Their packages, each once. Raises `NotFound`, saying where it is looked for, for a language that has none."""
    packages: dict[str, None] = {}
    for language in languages:
        if not language.recipes:
            raise NotFound(f"{language.name} is only written; there is nothing to install.")
        if not language.packages:
            places = ", ".join(path for recipe in language.recipes for path in recipe.program)
            raise NotFound(f"Debian has no package of {language.name}. Install it by hand; it is looked for at {places}.")
        packages |= dict.fromkeys(language.packages)
    return list(packages)


def lacking_sentence(language: Language) -> str:
    """Why a server does not run a language, and what to do, for one that runs others."""
    if not language.recipes:
        return f"{language.name} is only written; no server runs it."
    if language.packages:
        return f"The server has no {language.name}. Whoever runs it can install it: fourhands languages install {language.id}"
    return f"The server has no {language.name}, and Debian has no package of it. Whoever runs it can put it where docs/adding/language.md says."


def install_command(packages: Sequence[str], *, root: bool, yes: bool = False) -> list[str]:
    """The words that install packages; with `yes` nothing is asked."""
    command = ["apt-get", "install", "--no-install-recommends", *(["--yes"] if yes else []), *packages]
    if yes:
        command = [*QUIETLY, *command]
    return command if root else ["sudo", *(["--non-interactive"] if yes else []), *command]


def unknown_packages(packages: Sequence[str], madison: str) -> list[str]:
    """Those of `packages` that `apt-cache madison` did not tell of (`madison` is what it printed)."""
    told = {line.partition("|")[0].strip() for line in madison.splitlines()}
    return [package for package in packages if package not in told]
