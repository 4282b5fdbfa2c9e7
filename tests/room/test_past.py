"""Chat and runs of the past: one that cannot be read keeps nobody out of the room, and the log names it."""

import msgspec
import structlog.testing

from fourhands.model.entry import Entry, EntryKind
from fourhands.protocol.events import ChatMessage, Run
from tests.house import House


def message(text: str) -> bytes:
    return msgspec.json.encode(ChatMessage(0, "ada", "Ada", "#1d4ed8", text, 1))


def run(name: str) -> bytes:
    return msgspec.json.encode(Run(name, "ada", "Ada", "python", "main.py", "browser", 1, "ok"))


async def test_a_room_opens_without_the_chat_and_runs_that_cannot_be_read(house: House) -> None:
    room_id = (await house.open()).room.id
    chat = [message("one"), b'{"text": 3}', b"\xff", b"[" * 5000, message("two")]
    runs = [run("first"), b"null", run("second")]
    written = [*(Entry(EntryKind.CHAT, payload, 1) for payload in chat), *(Entry(EntryKind.RUN, payload, 1) for payload in runs)]
    end = (await house.store.commit({room_id: written})).heads[room_id]
    with structlog.testing.capture_logs() as logs:
        room, _, _ = await house.enter(room_id)
    assert [said.text for said in room.chat] == ["one", "two"]
    assert [one.id for one in room.runs.recent(1 << 20)] == ["first", "second"]
    aside = {entry["kind"]: entry["positions"] for entry in logs if entry["event"] == "room.entries_set_aside"}
    assert aside == {"chat": [end - 6, end - 5, end - 4], "run": [end - 1]}
