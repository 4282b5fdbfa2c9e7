"""What files are called, which belong together, what starts."""

import pytest

from fourhands.errors import InvalidRequest
from fourhands.execution.languages import load_languages
from fourhands.execution.languages.place import place, without_comments
from fourhands.execution.port import Added, Job, Placing, SourceFile, Toolchain

RECIPES = {language.id: language.recipes[0] for language in load_languages() if language.recipes}


def toolchain(language: str) -> Toolchain:
    recipe = RECIPES[language]
    return Toolchain(language=language, version="1", main=recipe.main or "main", compile=recipe.compile, run=recipe.run, placing=recipe.placing)


def placed(language: str, **files: str) -> tuple[Toolchain, list[str]]:
    """The lines, and the names, of a program; `a__b` is a/b, `a_b` is a.b, as names of parameters go."""
    sources = tuple(SourceFile(name.replace("__", "/").replace("_", "."), text.encode()) for name, text in files.items())
    lines, job = place(toolchain(language), Job(id="1", language=language, files=sources))
    return lines, [file.name for file in job.files]


def test_a_file_without_a_name_gets_the_languages() -> None:
    chain = Toolchain(language="x", version="1", main="main.x", run="exec x {main}", placing=Placing(extensions=("x",)))
    lines, job = place(chain, Job(id="1", language="x", files=(SourceFile("", b""),)))
    assert job.files[0].name == "main.x"
    assert lines.run == "exec x main.x"


def test_the_main_file_gets_its_languages_extension() -> None:
    assert placed("c", main_py="")[1] == ["main.c"]
    assert placed("cpp", main_cc="")[1] == ["main.cc"]
    assert placed("python", notes="")[1] == ["notes.py"]


def test_a_public_class_names_its_file_and_comments_do_not() -> None:
    text = '// public class No\n/* public class Nor */\npublic final class Solution { String s = "public class Never"; }'
    lines, names = placed("java", main_java=text)
    assert names == ["Solution.java"]
    assert lines.compile.endswith(" Solution.java")


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("class Main { static class Node {} public static void main(String[] a) {} }", "Main"),
        ("class Node { int x; } class Start { static void main(String[] a) {} }", "Start"),
        ("package a.b;\npublic class Main { public static void main(String[] a) {} }", "a.b.Main"),
        ("record P(int x) {} interface I {} enum E { A { } } class Main { void x() { } static void main(String[] a) {} }", "Main"),
        ('class A { String s = "}"; /* } */ char c; } class B { static void main(String[] a) {} }', "B"),
        ("class Lonely { }", "Lonely"),
        ("no java at all", "main"),
    ],
)
def test_the_class_with_main_starts(text: str, starts: str) -> None:
    assert f" {starts} " in placed("java", main_java=text)[0].run


def test_scala_starts_an_object_with_main_or_an_app() -> None:
    assert " Hello " in placed("scala", main_scala="class X\nobject Other { }\nobject Hello extends App { println(1) }")[0].run
    assert " Main " in placed("scala", main_scala="object Main {\n  def main(a: Array[String]) = { } }")[0].run


def test_sources_are_those_of_the_language_that_are_no_programs_themselves() -> None:
    lines, _ = placed("c", main_c="int main() {}", list_c="int f;", list_h="", other_c="int main(void) {}", notes_txt="")
    assert " main.c list.c -lm" in lines.compile
    lines, _ = placed("go", main_go="func main() {}", list_go="", other_go="func main() {}", list_test_go="", sub__x_go="package sub", x_go="func TestX(t) {}")
    assert lines.compile.endswith(" main.go list.go list.test.go")


def test_others_are_the_sources_without_the_main_one() -> None:
    lines, _ = placed("erlang", main_erl="main(_) -> ok.", a_erl="-module(a).", b_erl="")
    assert "in a.erl b.erl;" in lines.compile
    assert "in ;" in placed("erlang", main_erl="")[0].compile


def test_names_are_words_of_the_shell_and_never_options() -> None:
    job = Job(id="1", language="c", files=(SourceFile("-o $(id) 'x'.c", b""), SourceFile("@all.c", b""), SourceFile("a b.c", b"")))
    lines, _ = place(toolchain("c"), job)
    assert """ './-o $(id) '"'"'x'"'"'.c' ./@all.c 'a b.c' """ in lines.compile


def test_a_file_is_added_where_the_program_has_none_of_its_own() -> None:
    assert placed("go", main_go="")[1] == ["main.go", "go.mod"]
    assert placed("go", main_go="", go_mod="module mine")[1] == ["main.go", "go.mod"]
    assert placed("javascript", main_js="import fs from 'fs'")[1] == ["main.js", "package.json"]
    assert placed("javascript", main_js="const fs = require('fs') // import fs")[1] == ["main.js"]


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"Two files are called Main\.java"):
        placed("java", main_java="public class Main {}", Main_java="class Other {}")


def test_a_repl_without_files_is_as_it_was() -> None:
    chain = toolchain("python")
    job = Job(id="1", language="python", repl=True)
    assert place(chain, job) == (chain, job)


def test_small_letters_where_a_language_wants_them() -> None:
    chain = Toolchain(language="ada", version="1", run="x {main}", placing=Placing(extensions=("adb",), stem=r"^procedure[ \t]+(\w+)", stem_case="lower"))
    lines, _ = place(chain, Job(id="1", language="ada", files=(SourceFile("x.adb", b"procedure Hello is"),)))
    assert lines.run == "x hello.adb"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a // b\nc", "a  \nc"),
        ("a /* b\n */ c", "a   c"),
        ('a "// no" b', 'a "" b'),
        ("a /* never closed", "a  "),
        ('a "never closed\nb', 'a ""\nb'),
        (r'"a\"b" c', '"" c'),
    ],
)
def test_comments_go(text: str, left: str) -> None:
    assert without_comments(text) == left


@pytest.mark.parametrize("piece", ['"', '"\\', "/*", "//", "\n", " ", "public ", "class ", "{", "public class ", "'", "import "])
def test_no_text_makes_it_slow(piece: str) -> None:
    """Quadratic it would take hours; the suite's own limit would end it."""
    text = (piece * (1_000_000 // len(piece))).encode()
    for language in ("java", "javascript", "c"):
        place(toolchain(language), Job(id="1", language=language, files=(SourceFile("main", text),)))


def test_an_added_file_counts_only_when_its_pattern_is_found() -> None:
    placing = Placing(added=(Added("x", "y", when="^z"),))
    chain = Toolchain(language="x", version="1", run="x", placing=placing)
    assert len(place(chain, Job(id="1", language="x", files=(SourceFile("a", b"az"),)))[1].files) == 1
    assert place(chain, Job(id="1", language="x", files=(SourceFile("a", b"b\nz"),)))[1].files[1] == SourceFile("x", b"y")


def test_a_name_that_its_extension_makes_too_long_is_refused() -> None:
    assert placed("c", **{"x" * 253: ""})[1] == ["x" * 253 + ".c"]
    with pytest.raises(InvalidRequest, match="255 bytes"):
        placed("c", **{"x" * 254: ""})
    with pytest.raises(InvalidRequest, match="255 bytes"):
        placed("java", main_java=f"public class {'X' * 251} {{}}")
