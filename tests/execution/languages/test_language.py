"""Every language loads, is whole, and is known to the editor. test_samples.py runs them."""

import json
import re
from pathlib import Path

import pytest

from fourhands.errors import InvalidRequest
from fourhands.execution.languages import Language, load_languages, read_language

ROOT = Path(__file__).parents[3]
LANGUAGE_DATA = ROOT / "web/node_modules/@codemirror/language-data/dist/index.js"
LANGUAGES = load_languages()


def test_there_are_enough_and_each_once() -> None:
    assert len(LANGUAGES) >= 25
    for field in ("id", "name", "extension"):
        values = [getattr(language, field) for language in LANGUAGES]
        assert len(values) == len(set(values)), field
    assert [language.name.casefold() for language in LANGUAGES] == sorted(language.name.casefold() for language in LANGUAGES)


def test_the_browser_runs_five() -> None:
    assert {language.id: language.runtime for language in LANGUAGES if language.runtime} == {
        "python": "python",
        "javascript": "javascript",
        "typescript": "typescript",
        "html": "html",
        "sql": "sqlite",
    }


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
def test_a_language_is_whole(language: Language) -> None:
    assert re.fullmatch(r"[a-z]+", language.id)
    assert re.fullmatch(r"[A-Za-z0-9]+", language.extension)
    assert language.sample.endswith("\n")
    assert not language.sample.startswith("\n")
    assert 1 <= len(language.sample.splitlines()) <= 15
    assert max(len(line) for line in language.sample.splitlines()) <= 120


def test_the_editor_knows_every_mode() -> None:
    if not LANGUAGE_DATA.is_file():
        pytest.skip("the editor's packages are not installed: make pages")
    known = set(re.findall(r'name: ("[^"]*")', LANGUAGE_DATA.read_text()))
    assert {json.dumps(language.mode) for language in LANGUAGES if language.mode} <= known


def test_no_name_means_two_languages() -> None:
    known: dict[str, str] = {}
    for language in LANGUAGES:
        for name in {language.id, language.piston, *language.aliases}:
            assert known.setdefault(name, language.id) == language.id, name
            assert name == name.lower()


def test_what_is_installed_is_what_the_first_way_with_packages_takes() -> None:
    packages = {language.id: language.packages for language in LANGUAGES}
    assert packages["python"] == ("python3", "python3-numpy", "python3-pandas", "python3-matplotlib")
    assert packages["c"] == ("gcc", "libc6-dev")
    assert packages["json"] == ()


def test_a_recipe_is_read_and_a_fault_in_it_names_the_file() -> None:
    whole = 'name="X"\nextension="x"\nmode=""\nsample="s"\n[[toolchain]]\nname="X"\nprogram=["/usr/bin/x"]\nrun="exec {program} {main}"\n'
    assert read_language("odd", whole).recipes[0].run == "exec {program} {main}"
    for fault, sentence in {
        whole.replace("{main}", "{mian}"): r"odd\.toml .* toolchain 1, X: \{mian\}",
        whole.replace('"/usr/bin/x"', '"x"'): r"odd\.toml .* absolute",
        whole + "retries = 3\n": r"odd\.toml .*`retries`",
    }.items():
        with pytest.raises(InvalidRequest, match=sentence):
            read_language("odd", fault)


@pytest.mark.parametrize(
    "text",
    ["name = 1", 'name = "x"', "[", 'name="x"\nextension=".x"\nmode=""\nsample=""\nruntime="cobol"', 'name="x"\nextension=".x"\nmode=""\nsample=""\nhint=""'],
)
def test_a_file_that_makes_no_sense_is_named(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"odd\.toml"):
        read_language("odd", text)
