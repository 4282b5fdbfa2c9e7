"""The golden frames: what both sides' code must read and write, byte for byte."""

import json
from typing import Any, get_args

import msgspec
import pytest

from fourhands.protocol import awareness, events, sync
from tests.protocol.golden.write import FOLDER, files

KINDS = {
    "step-1": sync.Kind.STEP1,
    "step-2": sync.Kind.STEP2,
    "update": sync.Kind.UPDATE,
    "awareness": sync.Kind.AWARENESS,
    "denied": sync.Kind.AUTH,
    "query-awareness": sync.Kind.QUERY_AWARENESS,
    "event": sync.Kind.EVENT,
}
FRAMES: list[dict[str, Any]] = [frame for path in sorted(FOLDER.glob("*.json")) for frame in json.loads(path.read_text("utf-8"))]
read_server_event = msgspec.json.Decoder(events.ServerEvent).decode


def named(frame: dict[str, Any]) -> str:
    return f"{frame['direction']}: {frame['name']}"


def test_the_files_are_what_the_code_writes_today() -> None:
    """A deliberate change of the wire is written down with `python -m tests.protocol.golden.write`."""
    made = files()
    assert set(FOLDER.glob("*.json")) == set(made)
    for path, text in made.items():
        assert path.read_text("utf-8") == text


@pytest.mark.parametrize("frame", FRAMES, ids=named)
def test_a_frame_is_read_as_it_says(frame: dict[str, Any]) -> None:
    message = sync.decode(bytes.fromhex(frame["frame"]))
    assert message.kind is KINDS[frame["kind"]]
    if "payload" in frame:
        assert message.payload.hex() == frame["payload"]
    if "reason" in frame:
        assert message.payload.decode() == frame["reason"]
    if "event" in frame:
        assert json.loads(message.payload) == frame["event"]
    if frame["kind"] == "awareness":
        assert awareness.encode(awareness.decode(message.payload, 64)) == message.payload


@pytest.mark.parametrize("frame", [one for one in FRAMES if one["kind"] == "event"], ids=named)
def test_an_event_is_one_that_we_know(frame: dict[str, Any]) -> None:
    read = events.decode if frame["direction"] == "client" else read_server_event
    event = read(json.dumps(frame["event"]).encode())
    written = json.loads(events.encode(event))
    assert frame["event"].items() <= written.items()


@pytest.mark.parametrize("direction", ["server", "client"])
def test_there_is_a_frame_of_every_event(direction: str) -> None:
    family = events.ServerEvent if direction == "server" else events.ClientEvent
    tags = {kind.__struct_config__.tag for kind in get_args(family)}
    assert {frame["event"]["type"] for frame in FRAMES if frame["kind"] == "event" and frame["direction"] == direction} == tags


def test_there_is_a_frame_of_every_kind() -> None:
    assert {frame["kind"] for frame in FRAMES} == set(KINDS)
