"""The trace: the same from the same seed, readable by others, and as the load generator needs it."""

import struct
from itertools import islice
from pathlib import Path

from pycrdt import Doc, Text

from bench.trace import WRITERS, Frame, make_big_document, make_frames, write_trace
from bench.yjs_text import TEXT_NAME, clocks_of

SOME = 4000


def document_after(frames: list[Frame]) -> Doc[Text]:
    document: Doc[Text] = Doc()
    for frame in frames:
        document.apply_update(frame.update)
    return document


def text_of(document: Doc[Text]) -> str:
    return str(document.get(TEXT_NAME.decode(), type=Text))


def test_a_seed_always_gives_the_same_edits() -> None:
    frames = list(make_frames(seed=5, count=SOME))
    assert frames == list(make_frames(seed=5, count=SOME))
    assert frames[:100] != list(make_frames(seed=6, count=100))


def test_a_shorter_trace_is_the_beginning_of_a_longer_one() -> None:
    assert list(make_frames(seed=5, count=100)) == list(islice(make_frames(seed=5, count=SOME), 100))


def test_the_writers_take_turns() -> None:
    assert [frame.writer for frame in make_frames(count=SOME)] == [0, 1] * (SOME // 2)


def test_every_frame_moves_its_writers_clock_so_that_it_can_be_recognised() -> None:
    clocks = [0, 0]
    for frame in make_frames(count=SOME):
        assert frame.end_clock > clocks[frame.writer]
        clocks[frame.writer] = frame.end_clock


def test_another_implementation_reads_the_edits_without_a_gap() -> None:
    frames = list(make_frames(count=SOME))
    document = document_after(frames)
    for writer, client in enumerate(WRITERS):
        assert clocks_of(document.get_state())[client] == frames[writer - 2].end_clock
    assert 0.5 * SOME < len(text_of(document)) < 2 * SOME


def test_the_order_in_which_the_writers_edits_arrive_does_not_matter() -> None:
    frames = list(make_frames(count=500))
    one_after_the_other = [frame for frame in frames if frame.writer == 0] + [frame for frame in frames if frame.writer == 1]
    assert text_of(document_after(one_after_the_other)) == text_of(document_after(frames))


def test_it_looks_like_typing() -> None:
    frames = list(make_frames(count=SOME))
    sizes = sorted(len(frame.update) for frame in frames)
    assert 15 <= sizes[SOME // 2] <= 25
    assert sizes[-1] > 60, "somebody pastes"
    deleting = sum(not frame.update.endswith(b"\0") for frame in frames)
    assert 0.005 * SOME < deleting < 0.1 * SOME


def test_a_long_history_leaves_a_shorter_text() -> None:
    update = make_big_document(size_bytes=60_000)
    assert update == make_big_document(size_bytes=60_000)
    document: Doc[Text] = Doc()
    document.apply_update(update)
    assert 60_000 <= len(update) < 90_000
    assert 1000 < len(text_of(document)) < clocks_of(document.get_state())[77]


def test_the_file_holds_writer_clock_length_and_update(tmp_path: Path) -> None:
    frames = list(make_frames(seed=5, count=20))
    write_trace(tmp_path / "made", seed=5, count=20, history_bytes=5000)
    data = (tmp_path / "made" / "frames.bin").read_bytes()
    read: list[Frame] = []
    while data:
        writer, end_clock, length = struct.unpack_from("<BII", data)
        read.append(Frame(writer, end_clock, data[9 : 9 + length]))
        data = data[9 + length :]
    assert read == frames
    assert (tmp_path / "made" / "bigdoc.bin").read_bytes() == make_big_document(5, 5000)
