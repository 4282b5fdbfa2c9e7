"""Writes the golden frames beside it: `python -m tests.protocol.golden.write`. Run it after a deliberate change of the wire.

Each file is a list of `{name, direction, frame (hex), kind}` with `payload` (hex), `reason` or `event`; pytest reads them
in tests/protocol/test_golden.py, vitest in web/src/protocol.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
from pycrdt import Doc, Text

from fourhands.protocol import awareness, events, runs, sync

FOLDER = Path(__file__).parent

ADA = events.MemberView("ada0000000000000", "Ada", "#1d4ed8", "host")
LIN = events.MemberView("11n0000000000000", "Lin 林 👩‍💻", "#c2410c", "viewer")
ROOM = events.RoomView("k7f3-9q2m-x4tz", "Two sum", "python", "editor", False, 1_700_000_000_000)
CHAT = events.ChatMessage(7, ADA.id, ADA.name, ADA.color, 'Look: <b>"x" & y</b>\nhttps://example.org', 1_700_000_001_000)
RUN = events.Run("r0000000001", ADA.id, ADA.name, "python", "main.py", "browser", 1_700_000_002_000)
LIMITS = events.Limits(2000, 1_000_000, 8_388_608, 1_048_576, 29.5)
ENDED_RUN = events.Run(
    "r0000000002", LIN.id, LIN.name, "html", "index.html", "browser", 1_700_000_003_000,
    "error", 1, 250, [("stdout", "1\n"), ("stderr", "Traceback …\n")], True, "<!doctype html><p>hi</p>",
)  # fmt: skip
PNG = bytes.fromhex("89504e470d0a1a0a")
WAITING_RUN = events.Run("s0000000001", LIN.id, LIN.name, "python", "main.py", "server", 1_700_000_004_000, "queued", position=3)
TERMINAL_RUN = events.Run(
    "s0000000002", ADA.id, ADA.name, "c", "", "server", 1_700_000_005_000, output=[("stdout", "\u001b[1m> \u001b[0m")],
    terminal=runs.Terminal(80, 24), repl=True, stage="run",
)  # fmt: skip
PLOTTED_RUN = events.Run(
    "s0000000003", ADA.id, ADA.name, "python", "plot.py", "server", 1_700_000_006_000, "cpu_time", ms=8100, output=[("stdout", "…")], stage="run",
    pictures=[runs.Picture("image/png", PNG)], signal="SIGKILL", cpu_ms=8004, memory_bytes=73_400_320,
)  # fmt: skip

SERVER_EVENTS: dict[str, events.ServerEvent] = {
    "welcome": events.Welcome(
        ADA,
        [ADA, LIN],
        ROOM,
        "00112233445566ff",
        [CHAT],
        [ENDED_RUN, RUN, PLOTTED_RUN, TERMINAL_RUN, WAITING_RUN],
        events.Limits(2000, 1_000_000, 8_388_608, 1_048_576, 29.5),
        "0.1.0",
    ),
    "welcome to a host while somebody waits": events.Welcome(
        ADA, [ADA], ROOM, "00112233445566ff", [], [], events.Limits(2000, 1_000_000, 8_388_608, 1_048_576, 29.5), "0.1.0", [LIN]
    ),
    "welcome to an empty room": events.Welcome(
        LIN, [LIN], ROOM, "00112233445566ff", [], [], events.Limits(2000, 1_000_000, 8_388_608, 1_048_576, 29.5), "0.1.0"
    ),
    "saved": events.Saved(300),
    "member.joined": events.MemberJoined(LIN),
    "member.left": events.MemberLeft(LIN.id),
    "member.changed": events.MemberChanged(ADA),
    "member.changed, by a host": events.MemberChanged(LIN, ADA.id),
    "member.removed": events.MemberRemoved(LIN.id, ADA.id),
    "lobby.wait": events.LobbyWait("Two sum", LIN),
    "lobby.knock": events.LobbyKnock(LIN),
    "lobby.left": events.LobbyLeft(LIN.id),
    "chat": events.ChatSaid(CHAT),
    "chat, to its sender": events.ChatSaid(CHAT, "m1"),
    "run.started": events.RunStarted(RUN),
    "run.output": events.RunOutput(RUN.id, "stdout", "Grüße, 世界 🚀\n\u001b[31mred\u001b[0m"),
    "run.ended": events.RunEnded(RUN.id, "ok", 0, 1234),
    "run.ended, lost": events.RunEnded(RUN.id, "lost", None, 99, True),
    "run.started, on the server": events.RunStarted(TERMINAL_RUN),
    "run.queued": events.RunQueued(WAITING_RUN.id, 2),
    "run.stage": events.RunStage(WAITING_RUN.id, "compile"),
    "run.picture": events.RunPicture(PLOTTED_RUN.id, "image/png", PNG),
    "run.resized": events.RunResized(TERMINAL_RUN.id, 100, 30),
    "run.ended, on the server": events.RunEnded.of(PLOTTED_RUN),
    "run.ended, never run": events.RunEnded(WAITING_RUN.id, "unavailable", None, 0, message="The runner is away."),
    "run.stop": events.RunStop(RUN.id, LIN.id),
    "room.changed": events.RoomChanged(ROOM, ADA.id),
    "room.changed, its doors": events.RoomChanged(
        msgspec.structs.replace(ROOM, password=True, lobby=True, locked=True, read_only=True, run_role="host", expires_at=1_700_000_100_000), ADA.id
    ),
    "room.changed, where programs run": events.RoomChanged(msgspec.structs.replace(ROOM, run_where="browser"), ADA.id),
    "room.language": events.RoomLanguage("main", "rust", ADA.id),
    "room.storage": events.RoomStorage(False, "Not saved."),
    "room.reach": events.RoomReach(False, "People elsewhere are not reached."),
    "room.ending": events.RoomEnding(1_700_000_040_000, 29.75, True),
    "room.ending_cancelled": events.RoomEndingCancelled(),
    "room.erased": events.RoomErased("11n0000000000000"),
    "notice": events.Notice("Back at 18:00 <b>sharp</b>. 林", 1_700_000_010_000),
    "room.ended": events.RoomEnded(ADA.id),
    "error": events.ErrorSaid("forbidden", "You are here as viewer.", sync=2),
    "error, too fast": events.ErrorSaid("limit_exceeded", "That was fast.", ref="m2", retry_after=2.5),
}

CLIENT_EVENTS: dict[str, dict[str, Any]] = {
    "chat": {"type": "chat", "text": "Hi 林 👋\nsecond line", "ref": "m1"},
    "chat, without a mark": {"type": "chat", "text": "Hi"},
    "run.start": {"type": "run.start", "run": RUN.id, "language": "python", "file": "main.py"},
    "run.start, a page": {"type": "run.start", "run": RUN.id, "language": "html", "file": "index.html", "page": "<!doctype html>"},
    "run.output": {"type": "run.output", "run": RUN.id, "stream": "stderr", "text": "ValueError: ü\n"},
    "run.end": {"type": "run.end", "run": RUN.id, "status": "ok", "code": 0, "ms": 12},
    "run.end, without a code": {"type": "run.end", "run": RUN.id, "status": "stopped", "code": None},
    "run.stop": {"type": "run.stop", "run": RUN.id},
    "run.ask": {"type": "run.ask", "run": "s0000000001"},
    "run.ask, all of it": {
        "type": "run.ask",
        "run": "s0000000002",
        "file": "f2",
        "language": "c",
        "args": ["-n", "ü"],
        "stdin": "1\n2\n",
        "terminal": None,
        "repl": False,
    },
    "run.ask, a prompt": {"type": "run.ask", "run": "s0000000003", "language": "python", "terminal": {"columns": 100, "rows": 30}, "repl": True},
    "run.input": {"type": "run.input", "run": "s0000000003", "text": "print('ü')\r\u0003"},
    "run.input_end": {"type": "run.input_end", "run": "s0000000003"},
    "run.resize": {"type": "run.resize", "run": "s0000000003", "columns": 120, "rows": 40},
    "run.signal": {"type": "run.signal", "run": "s0000000003", "signal": "SIGINT"},
    "member.change": {"type": "member.change", "name": "Ada L.", "color": "#15803d"},
    "member.change, the colour alone": {"type": "member.change", "color": "#15803d"},
}


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def one(name: str, direction: str, frame: bytes, kind: str, **more: object) -> dict[str, Any]:
    return {"name": name, "direction": direction, "frame": frame.hex(), "kind": kind, **more}


def server_events() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, event in SERVER_EVENTS.items():
        written = events.encode(event)
        found.append(one(name, "server", sync.event(written), "event", event=json.loads(written)))
    return found


def client_events() -> list[dict[str, Any]]:
    return [one(name, "client", sync.event(compact(event)), "event", event=event) for name, event in CLIENT_EVENTS.items()]


def sync_frames() -> list[dict[str, Any]]:
    ada, lin = Doc(client_id=1), Doc(client_id=4_294_967_295)
    ada.get("file:main", type=Text).insert(0, "print(1)\n")
    lin.apply_update(ada.get_update())
    vector = lin.get_state()
    text = lin.get("file:main", type=Text)
    text.insert(0, "# two\n")
    del text[6:8]
    update, whole = lin.get_update(vector), lin.get_update()
    gone, reason = b"null", "Only hosts and editors may – you know."
    states = [awareness.Entry(1, 3, b'{"user":{"name":"Ada"},"cursor":null}'), awareness.Entry(4_294_967_295, 300, gone)]
    return [
        one("step 1 of an empty document", "client", sync.step1(b"\x00"), "step-1", payload="00"),
        one("step 1", "server", sync.step1(lin.get_state()), "step-1", payload=lin.get_state().hex()),
        one("step 2", "server", sync.step2(whole), "step-2", payload=whole.hex()),
        one("empty step 2", "client", sync.step2(sync.EMPTY_UPDATE), "step-2", payload=sync.EMPTY_UPDATE.hex()),
        one("update", "client", sync.update(update), "update", payload=update.hex()),
        one("awareness", "server", sync.awareness(awareness.encode(states)), "awareness", payload=awareness.encode(states).hex()),
        one("awareness of nobody", "server", sync.awareness(awareness.encode([])), "awareness", payload="00"),
        one("permission denied", "server", sync.permission_denied(reason), "denied", reason=reason),
        one("query awareness", "client", b"\x03", "query-awareness"),
    ]


def files() -> dict[Path, str]:
    """Each golden file and what belongs into it."""
    made = {"server-events": server_events(), "client-events": client_events(), "sync": sync_frames()}
    return {FOLDER / f"{name}.json": json.dumps(frames, indent=1, ensure_ascii=False) + "\n" for name, frames in made.items()}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, "utf-8")
