"""Which packages bring a language, by any name that people use for it."""

import pytest

from fourhands.errors import NotFound
from fourhands.execution.languages import load_languages
from fourhands.execution.languages.packages import install_command, lacking_sentence, named, packages_of, unknown_packages

LANGUAGES = load_languages()


def test_a_language_is_meant_by_id_name_or_alias_and_once() -> None:
    assert [one.id for one in named(LANGUAGES, ["C++", "cpp", "g++", "rust", "JS", "sqlite3"])] == ["cpp", "rust", "javascript", "sql"]


@pytest.mark.parametrize(("word", "near"), [("pyhton", "python"), ("rsut", "rust"), ("kotlni", "kotlin"), ("c+", "cpp")])
def test_a_slip_gets_the_nearest(word: str, near: str) -> None:
    with pytest.raises(NotFound, match=rf"{near}\b"):
        named(LANGUAGES, [word])


def test_what_is_near_nothing_gets_where_they_are_listed() -> None:
    with pytest.raises(NotFound, match="fourhands languages"):
        named(LANGUAGES, ["qqqqqqq"])


def test_packages_come_once_and_in_order() -> None:
    assert packages_of(named(LANGUAGES, ["java", "kotlin", "scala"])) == ["default-jdk-headless", "kotlin", "default-jre-headless", "scala"]


def test_what_has_none_says_why() -> None:
    with pytest.raises(NotFound, match="JSON is only written"):
        packages_of(named(LANGUAGES, ["json"]))
    with pytest.raises(NotFound, match="/opt/zig/zig"):
        packages_of(named(LANGUAGES, ["zig"]))


def test_the_command_asks_unless_it_may_not() -> None:
    assert install_command(["x"], root=True) == ["apt-get", "install", "--no-install-recommends", "x"]
    assert install_command(["x"], root=False)[0] == "sudo"
    assert install_command(["x"], root=False, yes=True)[:4] == ["sudo", "--non-interactive", "env", "DEBIAN_FRONTEND=noninteractive"]
    assert "--yes" in install_command(["x"], root=True, yes=True)


def test_a_package_that_apt_does_not_know_is_told() -> None:
    assert unknown_packages(["gcc", "swiftlang"], "       gcc | 4:12.2.0-3 | http://somewhere bookworm/main amd64 Packages\n") == ["swiftlang"]


def test_what_lacks_is_said_with_what_brings_it() -> None:
    cobol, zig, markup = named(LANGUAGES, ["cobol", "zig", "json"])
    assert lacking_sentence(cobol).endswith("fourhands languages install cobol")
    assert "Debian has no package" in lacking_sentence(zig)
    assert "only written" in lacking_sentence(markup)
