"""Which programs are taken, and what is said of those that are not."""

import pytest

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.execution.port import Job, Limits, SourceFile
from fourhands.execution.programs import ARGUMENT_BYTES, ARGUMENTS, LEAST_MEMORY_BYTES, NAME_BYTES, check_program, name_fault


def job(*names: str, content: bytes = b"", **fields: object) -> Job:
    return Job(**{"id": "r1", "language": "python", "files": tuple(SourceFile(name, content) for name in names), **fields})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", ["main.py", "src/a/b.c", "-rf", "name with spaces.py", "größe.py", "...", ".hidden", "a" * NAME_BYTES])
def test_ordinary_names_are_taken(name: str) -> None:
    assert name_fault(name) == ""
    check_program(job(name))


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "./a", "a\0b", "a\nb", "\x7f", "\ud800", "\u202etxt.py", "a" * (NAME_BYTES + 1)]
)
def test_names_that_climb_out_or_deceive_are_refused(name: str) -> None:
    assert name_fault(name) != ""
    with pytest.raises(InvalidRequest, match="cannot be called"):
        check_program(job(name))


def test_a_name_is_taken_once() -> None:
    with pytest.raises(InvalidRequest, match="Two files"):
        check_program(job("a.py", "a.py"))


def test_a_file_is_no_folder() -> None:
    with pytest.raises(InvalidRequest, match="also a file"):
        check_program(job("a", "a/b"))


def test_a_program_has_the_memory_that_it_takes_to_be_started() -> None:
    check_program(job("a", limits=Limits(memory_bytes=LEAST_MEMORY_BYTES, compile_memory_bytes=LEAST_MEMORY_BYTES)))
    for limits in (Limits(memory_bytes=LEAST_MEMORY_BYTES - 1), Limits(compile_memory_bytes=1)):
        with pytest.raises(InvalidRequest, match="1,048,576 bytes of memory at least"):
            check_program(job("a", limits=limits))


def test_a_program_has_files_unless_it_is_a_repl() -> None:
    with pytest.raises(InvalidRequest, match="no file"):
        check_program(job())
    check_program(job(repl=True))


def test_the_limits_hold_at_their_edge() -> None:
    check_program(job("a", "b", content=b"12345"), files=2, program_bytes=10)
    with pytest.raises(TooLarge, match="2 files"):
        check_program(job("a", "b", "c"), files=2)
    with pytest.raises(TooLarge, match="9 bytes"):
        check_program(job("a", "b", content=b"12345"), program_bytes=9)
    limits = Limits(input_bytes=3)
    check_program(job("a", stdin=b"123", limits=limits))
    with pytest.raises(TooLarge, match="Standard input"):
        check_program(job("a", stdin=b"1234", limits=limits))


def test_arguments_are_bounded_text() -> None:
    check_program(job("a", args=("x",) * ARGUMENTS))
    check_program(job("a", args=("x" * ARGUMENT_BYTES,)))
    with pytest.raises(TooLarge):
        check_program(job("a", args=("x",) * (ARGUMENTS + 1)))
    with pytest.raises(TooLarge):
        check_program(job("a", args=("x" * ARGUMENT_BYTES, "y")))
    for arg in ("a\0b", "\ud800"):
        with pytest.raises(InvalidRequest):
            check_program(job("a", args=(arg,)))


@pytest.mark.parametrize("id_", ["", "a/b", "a b", "x" * 65])
def test_ids_are_plain(id_: str) -> None:
    with pytest.raises(InvalidRequest, match="id"):
        check_program(job("a", id=id_))
