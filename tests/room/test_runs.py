"""The runs of a room: whose they are, what is kept, what is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import Conflict, NotFound
from fourhands.protocol.runs import OutputStream, Run, RunEnd
from fourhands.room.peer import Peer
from fourhands.room.runs import RunBook
from tests.room.screen import connect, somebody

START_MS = 1_000


def run(name: str = "r0000001") -> Run:
    return Run(name, "ada", "Ada", "python", "main.py", "browser", START_MS)


def begun(kept: int = 5, output_bytes: int = 100) -> tuple[RunBook, Peer]:
    book, peer = RunBook(kept=kept, output_bytes=output_bytes), connect(somebody("Ada"))[0]
    book.start(peer, run())
    return book, peer


def test_output_of_one_stream_is_one_piece() -> None:
    book, ada = begun()
    pieces: list[tuple[OutputStream, str]] = [("stdout", "a"), ("stdout", "b"), ("stderr", "!"), ("stdout", "c")]
    assert [book.output(ada, "r0000001", stream, text) for stream, text in pieces] == ["a", "b", "!", "c"]
    assert book.recent(1000)[0].output == [("stdout", "ab"), ("stderr", "!"), ("stdout", "c")]


def test_a_run_ends_once_with_its_time() -> None:
    book, ada = begun()
    ended = book.end(ada, RunEnd("r0000001", "error", 1), START_MS + 250)
    assert (ended.status, ended.code, ended.ms) == ("error", 1, 250)
    for again in (
        lambda: book.end(ada, RunEnd("r0000001", "ok", 0), 2000),
        lambda: book.output(ada, "r0000001", "stdout", "late"),
        lambda: book.owner("r0000001"),
    ):
        with pytest.raises(NotFound):
            again()


def test_the_page_may_say_how_long_the_program_itself_took() -> None:
    book, ada = begun()
    assert book.end(ada, RunEnd("r0000001", "ok", 0, ms=12), START_MS + 9000).ms == 12


def test_a_run_is_its_owners_alone() -> None:
    book, ada = begun()
    lin = connect(somebody("Lin"))[0]
    second_tab = connect(somebody("Ada"))[0]
    assert book.owner("r0000001") is ada
    for other in (lin, second_tab):
        with pytest.raises(NotFound):
            book.output(other, "r0000001", "stdout", "forged")
        with pytest.raises(NotFound):
            book.end(other, RunEnd("r0000001", "ok", 0), 2000)
    with pytest.raises(Conflict):
        book.start(lin, run())


def test_who_leaves_loses_the_run() -> None:
    book, ada = begun()
    assert book.leave(connect(somebody("Lin"))[0], 2000) == []
    (lost,) = book.leave(ada, START_MS + 70)
    assert (lost.status, lost.code, lost.ms) == ("lost", None, 70)
    assert book.leave(ada, 2000) == []


def test_the_newest_are_kept_and_those_under_way() -> None:
    book, ada = begun(kept=3)
    for number in range(2, 8):
        book.start(ada, run(f"r000000{number}"))
        book.end(ada, RunEnd(f"r000000{number}", "ok", 0), 2000)
    kept = [one.id for one in book.recent(1000)]
    assert "r0000001" in kept, "it is under way"
    assert kept[-2:] == ["r0000006", "r0000007"]
    assert len(kept) <= 4


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text(max_size=30)), max_size=20))
def test_output_is_cut_at_the_limit_at_a_character(pieces: list[tuple[OutputStream, str]]) -> None:
    book, ada = begun(output_bytes=100)
    everything = ""
    for stream, text in pieces:
        book.output(ada, "r0000001", stream, text)
        everything += text
    (shown,) = book.recent(10_000)
    kept = "".join(text for _, text in shown.output)
    assert len(kept.encode()) <= 100
    assert shown.truncated is (len(everything.encode()) > 100)
    if not shown.truncated:
        assert kept == everything


def test_a_newcomer_gets_the_newest_output_and_of_older_runs_that_they_were() -> None:
    book, ada = begun(output_bytes=1000)
    for number in (2, 3):
        book.start(ada, run(f"r000000{number}"))
        book.output(ada, f"r000000{number}", "stdout", "x" * 60)
        book.end(ada, RunEnd(f"r000000{number}", "ok", 0), 2000)
    shown = {one.id: (one.output, one.truncated) for one in book.recent(430)}
    assert shown["r0000003"] == ([("stdout", "x" * 60)], False)
    assert shown["r0000002"] == ([], True)
    assert book.recent(1000)[1].output == [("stdout", "x" * 60)], "what is kept is whole still"


def test_output_that_nobody_is_shown_any_more_is_not_held() -> None:
    book, ada = RunBook(kept=5, output_bytes=1000, held_bytes=1000), connect(somebody("Ada"))[0]
    ended: list[Run] = []
    for number in range(1, 5):
        book.start(ada, run(f"r000000{number}"))
        book.output(ada, f"r000000{number}", "stdout", "x" * 300)
        ended.append(book.end(ada, RunEnd(f"r000000{number}", "ok", 0), 2000))
    assert [(len(one.output), one.truncated) for one in book.recent(1 << 20)] == [(0, True), (0, True), (0, True), (1, False)]
    assert all(one.output for one in ended), "what is told and kept of an end is whole"
    again = RunBook(kept=5, output_bytes=1000, held_bytes=1000)
    again.restore(ended)
    assert [len(one.output) for one in again.recent(1 << 20)] == [0, 0, 0, 1]


def test_runs_of_the_journal_are_there_again() -> None:
    book = RunBook(kept=5, output_bytes=100)
    book.restore([run("r0000001"), run("r0000002")])
    assert [one.id for one in book.recent(100)] == ["r0000001", "r0000002"]
    with pytest.raises(Conflict):
        book.start(connect(somebody("Ada"))[0], run("r0000001"))
