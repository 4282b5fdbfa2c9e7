"""What clients may say, and what is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Member, Room
from fourhands.protocol import events

RUN = "r0000000001"


def read(**fields: object) -> events.ClientEvent:
    return events.decode(json.dumps(fields).encode())


def test_events_are_read() -> None:
    assert read(type="chat", text="hi", ref="m1") == events.Chat("hi", "m1")
    assert read(type="run.start", run=RUN, language="python", file="main.py") == events.RunStart(RUN, "python", "main.py")
    assert read(type="run.output", run=RUN, stream="stderr", text="x") == events.RunOutput(RUN, "stderr", "x")
    assert read(type="run.end", run=RUN, status="ok", code=0) == events.RunEnd(RUN, "ok", 0)
    assert read(type="run.stop", run=RUN) == events.RunStop(RUN)
    assert read(type="member.change", name="Ada") == events.MemberChange("Ada")


def test_fields_that_we_do_not_know_are_passed_over() -> None:
    assert read(type="chat", text="hi", mood="merry") == events.Chat("hi")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"type": "chat"},
        {"type": "chat", "text": 1},
        {"type": "chat", "text": "hi", "ref": "x" * 65},
        {"type": "welcome"},
        {"type": "saved", "count": 99},
        {"type": "run.start", "run": "short", "language": "python", "file": "main.py"},
        {"type": "run.start", "run": "A" * 10, "language": "python", "file": "main.py"},
        {"type": "run.start", "run": RUN, "language": "p" * 65, "file": "main.py"},
        {"type": "run.start", "run": RUN, "language": "python", "file": "f" * 256},
        {"type": "run.output", "run": RUN, "stream": "stdin", "text": "x"},
        {"type": "run.output", "run": RUN, "stream": "stdout", "text": "x" * 262_145},
        {"type": "run.end", "run": RUN, "status": "lost"},
        {"type": "run.end", "run": RUN, "status": "running"},
        {"type": "run.end", "run": RUN, "status": "ok", "code": 0.5},
        {"type": "run.end", "run": RUN, "status": "ok", "ms": -1},
        {"type": "member.change", "name": ["Ada"]},
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read(**fields)


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"null", b'"chat"', b"{", b'{"type":"chat","text":"\xff"}', b'{"type":"chat","text":"\\ud800"}', b"[" * 100_000]
)
def test_what_is_no_event_is_refused(payload: bytes) -> None:
    with pytest.raises(InvalidRequest):
        events.decode(payload)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_nothing_else(payload: bytes) -> None:
    with pytest.raises(InvalidRequest):
        events.decode(payload)


def test_people_and_rooms_are_shown_without_what_is_nobodys_business() -> None:
    member = Member("ada", "k7f3-9q2m-x4tz", "Ada", "#1d4ed8", Role.HOST, 5)
    assert events.MemberView.of(member) == events.MemberView("ada", "Ada", "#1d4ed8", "host")
    room = Room("k7f3-9q2m-x4tz", "T", "python", GuestRole.NONE, True, "epoch", 1, 2)
    assert events.RoomView.of(room) == events.RoomView("k7f3-9q2m-x4tz", "T", "python", "none", True, 1)
