"""What a document lacks of the updates that were sent."""

from pathlib import Path

import pytest
from pycrdt import Doc, Text

from bench.lost import lost_updates
from bench.trace import Frame, make_frames, write_trace

SOME = 600


@pytest.fixture(scope="module")
def frames_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trace")
    write_trace(folder, count=SOME, history_bytes=1000)
    return folder / "frames.bin"


def document_of(frames: list[Frame]) -> bytes:
    document = Doc[Text]()
    for frame in frames:
        document.apply_update(frame.update)
    return document.get_update()


def test_a_document_of_all_updates_lacks_none(frames_file: Path) -> None:
    frames = list(make_frames(count=SOME))
    assert lost_updates(frames_file, SOME, document_of(frames)) == 0
    assert lost_updates(frames_file, SOME, document_of(frames[::-1])) == 0
    assert lost_updates(frames_file, 100, document_of(frames[:100])) == 0


def test_every_update_at_the_end_is_missed(frames_file: Path) -> None:
    assert lost_updates(frames_file, SOME, document_of(list(make_frames(count=SOME - 7)))) == 7
    assert lost_updates(frames_file, SOME, b"\0\0") == SOME


def test_a_hole_is_missed_with_all_that_builds_on_it(frames_file: Path) -> None:
    frames = list(make_frames(count=SOME))
    assert lost_updates(frames_file, SOME, document_of(frames[:200] + frames[201:])) > 1


def test_a_deletion_that_is_missing_is_noticed(frames_file: Path) -> None:
    frames = list(make_frames(count=SOME))
    deleting = next(i for i, frame in enumerate(frames) if not frame.update.endswith(b"\0"))
    kept = frames[deleting]
    without = kept._replace(update=_without_deletions(kept.update))
    assert lost_updates(frames_file, SOME, document_of([*frames[:deleting], without, *frames[deleting + 1 :]])) == 1


def _without_deletions(update: bytes) -> bytes:
    """The update with an empty delete set: the longest beginning that, ended so, another implementation reads as the same insertion."""
    for end in range(len(update) - 1, 4, -1):
        shorter = update[:end] + b"\0"
        try:
            Doc[Text]().apply_update(shorter)
        except ValueError:
            continue
        return shorter
    raise AssertionError("no such update")
