"""What Piston's API takes: its sentences in its order, its versions, its files, its limits."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fourhands.edge.http.piston_request import Offer, Wanted, offers, read_wanted, three_numbers
from fourhands.errors import InvalidRequest
from fourhands.execution.languages import load_languages
from fourhands.execution.port import Limits, Needs, Runtime, SourceFile
from fourhands.execution.rules import Rules

MiB = 1024 * 1024
RUNTIMES = (
    Runtime(language="python", version="3.11.2", aliases=("py", "python3"), runtime="CPython"),
    Runtime(language="python", version="2.7.18", aliases=("py",)),
    Runtime(language="cpp", version="12.2", aliases=("g++",), compiled=True),
    Runtime(language="java", version="17.0.9", compiled=True, needs=Needs(memory_bytes=1024 * MiB)),
)
AVAILABLE = offers(RUNTIMES, load_languages())
RULES = Rules(queue=replace(Rules().queue, memory_bytes=8 * 1024 * MiB))
BASE: dict[str, Any] = {"language": "python", "version": "*", "files": [{"content": "print(1)"}]}


def read(**fields: Any) -> Wanted:
    return read_wanted({**BASE, **fields}, AVAILABLE, RULES)


@pytest.mark.parametrize(("body", "message"), [
    (None, "language is required as a string"),
    ([], "language is required as a string"),
    ({}, "language is required as a string"),
    ({**BASE, "language": 3}, "language is required as a string"),
    ({**BASE, "language": ""}, "language is required as a string"),
    ({"language": "python"}, "version is required as a string"),
    ({**BASE, "version": 3}, "version is required as a string"),
    ({"language": "x", "version": "*"}, "files is required as an array"),
    ({**BASE, "files": {"content": ""}}, "files is required as an array"),
    ({**BASE, "files": [{"content": ""}, {}]}, "files[1].content is required as a string"),
    ({**BASE, "files": [None]}, "files[0].content is required as a string"),
    ({**BASE, "files": [{"content": 1}]}, "files[0].content is required as a string"),
    ({**BASE, "language": "cobol"}, "cobol-* runtime is unknown"),
    ({**BASE, "version": "4"}, "python-4 runtime is unknown"),
    ({**BASE, "version": "newest"}, "python-newest runtime is unknown"),
    ({**BASE, "files": []}, "files must include at least one utf8 encoded file"),
    ({**BASE, "files": [{"content": "aGk=", "encoding": "base64"}]}, "files must include at least one utf8 encoded file"),
    ({**BASE, "run_timeout": "3"}, "If specified, run_timeout must be a number"),
    ({**BASE, "run_timeout": True}, "If specified, run_timeout must be a number"),
    ({**BASE, "run_timeout": float("nan")}, "If specified, run_timeout must be a number"),
    ({**BASE, "run_memory_limit": float("nan")}, "If specified, run_memory_limit must be a number"),
    ({**BASE, "run_timeout": 10001}, "run_timeout cannot exceed the configured limit of 10000"),
    ({**BASE, "run_timeout": 1e400}, "run_timeout cannot exceed the configured limit of 10000"),
    ({**BASE, "compile_timeout": 10001}, "compile_timeout cannot exceed the configured limit of 10000"),
    ({**BASE, "run_cpu_time": 10001}, "run_cpu_time cannot exceed the configured limit of 10000"),
    ({**BASE, "compile_cpu_time": 10001}, "compile_cpu_time cannot exceed the configured limit of 10000"),
    ({**BASE, "run_memory_limit": 256 * MiB + 1}, f"run_memory_limit cannot exceed the configured limit of {256 * MiB}"),
    ({**BASE, "compile_memory_limit": 1 << 40}, f"compile_memory_limit cannot exceed the configured limit of {1024 * MiB}"),
    ({**BASE, "run_timeout": -1}, "run_timeout must be non-negative"),
    ({**BASE, "args": "x"}, "args must be an array of strings"),
    ({**BASE, "args": ["x", 1]}, "args must be an array of strings"),
    ({**BASE, "stdin": 1}, "stdin must be a string"),
    ({**BASE, "files": [{"content": "x", "name": 1}]}, "files[0].name must be a string"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_in_the_words_of_piston(body: object, message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_wanted(body, AVAILABLE, RULES)
    assert str(refused.value) == message


@pytest.mark.parametrize("file", [
    {"content": "not base64!", "encoding": "base64"},
    {"content": "abc", "encoding": "base64"},
    {"content": "xx", "encoding": "hex"},
    {"content": "\ud800"},
])  # fmt: skip
def test_content_that_is_not_what_it_says_is_refused(file: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match=r"files\[1\]\.content is not"):
        read(files=[{"content": ""}, file])


@pytest.mark.parametrize(("version", "chosen"), [
    ("*", "3.11.2"), ("3", "3.11.2"), ("3.x", "3.11.2"), ("^3.9", "3.11.2"), (">=2 <3", "2.7.18"), ("~2.7.1", "2.7.18"), ("2.7.18", "2.7.18"),
    ("3.9 || 2.7", "2.7.18"), ("2 - 4", "3.11.2"), ("<=3.11.2", "3.11.2"),
])  # fmt: skip
def test_the_newest_version_that_a_selector_takes_is_chosen(version: str, chosen: str) -> None:
    assert read(version=version).offer.version == chosen
    assert read(version=version, language="py").offer.language == "python"


def test_languages_have_the_names_that_piston_knows_and_ours() -> None:
    assert [offer.language for offer in AVAILABLE] == ["c++", "java", "python", "python"]
    for name in ("c++", "cpp", "g++"):
        assert read(language=name).offer.runtime.language == "cpp"
    assert AVAILABLE[0].shown() == {"language": "c++", "version": "12.2.0", "aliases": ["cpp", "g++"]}
    assert AVAILABLE[2].shown()["runtime"] == "CPython"


@pytest.mark.parametrize(("ours", "semver"), [("12.2", "12.2.0"), ("5", "5.0.0"), ("1.2.3.4", "1.2.3"), ("9u7", "9.7.0"), ("", "0.0.0"), ("3.07.1", "3.7.1")])
def test_versions_have_three_numbers(ours: str, semver: str) -> None:
    assert three_numbers(ours) == semver


def test_files_keep_their_names_and_bytes_and_the_first_in_utf8_is_the_main_one() -> None:
    wanted = read(files=[
        {"name": "data.bin", "content": base64.b64encode(b"\x00\xff").decode(), "encoding": "base64"},
        {"content": "print('ü')"},
        {"name": "more", "content": "00FF", "encoding": "hex"},
        {"name": "odd", "content": "x", "encoding": "latin1"},
    ])  # fmt: skip
    assert wanted.files == (
        SourceFile("file1.code", "print('ü')".encode()),
        SourceFile("data.bin", b"\x00\xff"),
        SourceFile("more", b"\x00\xff"),
        SourceFile("odd", b"x"),
    )


def test_input_ends_with_a_line_as_with_piston() -> None:
    assert [read(stdin=stdin).stdin for stdin in ("", None, "a", "a\n")] == [b"\n", b"\n", b"a\n", b"a\n"]
    assert read().without_input().stdin == b""
    assert read(args=None).args == ()
    assert read(args=["-v", "x y"]).args == ("-v", "x y")


def test_limits_are_the_usual_ones_unless_less_is_asked_for() -> None:
    usual = read().limits
    assert (usual.wall_seconds, usual.cpu_seconds, usual.compile_wall_seconds, usual.memory_bytes) == (3, 8, 10, 256 * MiB)
    less = read(
        run_timeout=1500, run_cpu_time=500, compile_timeout=2000, compile_cpu_time=100, run_memory_limit=64 * MiB, compile_memory_limit=128 * MiB
    ).limits
    assert (less.wall_seconds, less.cpu_seconds, less.compile_wall_seconds, less.compile_cpu_seconds) == (1.5, 0.5, 2, 0.1)
    assert (less.memory_bytes, less.compile_memory_bytes) == (64 * MiB, 128 * MiB)
    assert read(run_timeout=10_000).limits.wall_seconds == 10
    for none in (0, None, "", False):
        assert read(run_timeout=none).limits == usual
    assert read(run_memory_limit=-1, compile_memory_limit=-1).limits == usual  # what Piston's clients send
    assert read(language="java").limits.memory_bytes == 1024 * MiB


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["language", "version", "files", "args", "stdin", "run_timeout", "run_memory_limit"])
files = st.lists(st.fixed_dictionaries({"content": st.text(max_size=4)}, optional={"name": json, "encoding": json}), max_size=3)


@given(st.dictionaries(names, json | st.sampled_from(["python", "*"]) | files))
def test_whatever_comes_is_taken_or_refused_with_a_sentence(body: dict[str, Any]) -> None:
    try:
        wanted = read_wanted(body, AVAILABLE, RULES)
    except InvalidRequest:
        return
    assert isinstance(wanted.offer, Offer)
    assert isinstance(wanted.limits, Limits)
    assert wanted.limits.wall_seconds <= 10
