"""What a machine has is found by what lies on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fourhands.execution.languages import Language, load_languages, read_language
from fourhands.execution.languages.detect import Missing, detect, detect_toolchains, is_prepared, prepare_toolchains
from fourhands.execution.port import MiB, Toolchain
from tests.execution.languages.samples import open_folder

TEXT = """
name = "Odd"
extension = "odd"
mode = ""
sample = "x"
aliases = ["o"]
[[toolchain]]
name = "First"
program = ["/usr/bin/odd", "/usr/lib/odd-*/bin/odd"]
also = ["/usr/share/odd.jar"]
packages = ["odd"]
compile = "{program} {main}"
run = "exec {program} {main}"
binds = ["/etc/odd*", "/etc/none"]
needs = { memory_megabytes = 2 }
[[toolchain.placing.added]]
name = "odd.mod"
text = "odd {minor}"
[[toolchain.extra]]
name = "library"
found = "/usr/lib/library.odd"
packages = ["odd-library"]
environment = { LIBRARY = "1" }
[toolchain.extra.support]
"/opt/fourhands/odd.py" = "fourhands_plots.py"
[[toolchain]]
name = "Second"
program = ["/usr/bin/strange"]
run = "exec {program}"
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """One that users without rights may enter."""
    with open_folder() as folder:
        yield folder


@pytest.fixture
def odd() -> Language:
    return read_language("odd", TEXT)


def put(root: Path, *paths: str, says: str = "version 1.2.3") -> None:
    for path in paths:
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\necho {says}\n")
        file.chmod(0o755)


def found(language: Language, root: Path) -> Toolchain | Missing:
    (one,) = detect((language,), root=root)
    return one


def test_nothing_there_says_what_lacks(odd: Language, tmp_path: Path) -> None:
    assert found(odd, tmp_path) == Missing("odd", "/usr/bin/odd is not here.")
    put(tmp_path, "/usr/bin/odd")
    assert found(odd, tmp_path) == Missing("odd", "/usr/share/odd.jar is not here.")


def test_a_program_that_says_no_version_does_not_count(odd: Language, tmp_path: Path) -> None:
    put(tmp_path, "/usr/bin/odd", "/usr/share/odd.jar", says="what?")
    assert found(odd, tmp_path) == Missing("odd", "/usr/bin/odd is here, but does not say its version, so it does not work.")


def test_the_first_recipe_that_can_be_followed_is(odd: Language, tmp_path: Path) -> None:
    put(tmp_path, "/usr/bin/strange")
    second = found(odd, tmp_path)
    assert isinstance(second, Toolchain)
    assert (second.runtime, second.run) == ("Second", "exec /usr/bin/strange")
    put(tmp_path, "/usr/lib/odd-9/bin/odd", "/usr/share/odd.jar", "/etc/odd.conf", "/etc/odd-9/x")
    first = found(odd, tmp_path)
    assert isinstance(first, Toolchain)
    assert (first.runtime, first.version, first.aliases, first.libraries) == ("First", "1.2.3", ("o",), ())
    assert first.compile == "/usr/lib/odd-9/bin/odd {main}"
    assert first.binds == ("/etc/odd-9", "/etc/odd.conf")
    assert first.needs.memory_bytes == 2 * MiB
    assert first.main == "main.odd"
    assert first.placing.added[0].text == "odd 1.2"


def test_an_extra_brings_its_part(odd: Language, tmp_path: Path) -> None:
    put(tmp_path, "/usr/bin/odd", "/usr/share/odd.jar", "/usr/lib/library.odd")
    one = found(odd, tmp_path)
    assert isinstance(one, Toolchain)
    assert one.libraries == ("library",)
    assert one.environment == {"LIBRARY": "1"}
    assert [file.name for file in one.support] == ["/opt/fourhands/odd.py"]
    assert b"matplotlib" in one.support[0].content


def test_this_machine_has_bash_and_says_where_each_is() -> None:
    toolchains = {one.language: one for one in detect_toolchains()}
    assert toolchains["bash"].run.startswith("exec /usr/bin/bash ")
    missing = [one for one in detect(load_languages()) if isinstance(one, Missing)]
    assert not {one.language for one in missing} & toolchains.keys()


def test_what_is_prepared_is_seen_by_the_sandbox(tmp_path: Path) -> None:
    text = TEXT.replace("/usr/bin/strange", "/usr/bin/*sh").replace(
        'run = "exec {program}"\n', 'run = "exec {program}"\nversion.command = ["/bin/echo", "5.1"]\n'
    )
    language = read_language("odd", text + '[toolchain.prepared]\npath = "/opt/fourhands/odd"\ncommand = ["sh", "-c", "echo made > file"]\n')
    assert not is_prepared((language,), tmp_path)
    assert prepare_toolchains((language,), tmp_path) == {}
    assert is_prepared((language,), tmp_path)
    (one,) = detect((language,), cache=tmp_path)
    assert isinstance(one, Toolchain)
    folder, _, where = one.binds[0].partition(":")
    assert where == "/opt/fourhands/odd"
    assert Path(folder, "file").read_text() == "made\n"
