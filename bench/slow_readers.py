"""What readers that stop reading cost everybody else: `python -m bench.slow_readers` prints latencies with and without them, and a ratio.

The load is the scenario `s2fixed`. Beside it somebody pastes large texts in a room of their own; in every other run `READERS` people are there
who read nothing, and are closed for it.
"""

import socket
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pycrdt import Doc, Text, TransactionEvent

from bench.runs import Run
from bench.scenarios import SCENARIOS
from bench.servers import SERVERS, Start, free_port, load_words, run_load, running, scratch
from bench.workshop import Workshop, default_home, generated_trace, prepare, require_two_processors
from fourhands.protocol import sync

ROUNDS = 5
READERS = 20
OUTBOX_BYTES = 1 << 20
PASTED = 60_000
PASTES_A_SECOND = 30
UPGRADE = "GET /sync/beside HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n\r\n"
KEY = "AAAAAAAAAAAAAAAAAAAAAA=="


def join(port: int) -> socket.socket:
    """Somebody in the room beside, who never reads."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.connect(("127.0.0.1", port))
    wire.sendall(UPGRADE.format(KEY).encode())
    wire.recv(12)
    return wire


def pastes() -> Iterator[bytes]:
    """Updates that replace a text by another one, as frames of a client."""
    made: list[bytes] = []
    doc: Doc[Text] = Doc()
    text = doc.get("file:main", type=Text)

    def note(event: TransactionEvent) -> None:
        made.append(sync.update(event.update))

    subscription = doc.observe(note)
    while True:
        with doc.transaction():
            text.clear()
            text += chr(97 + len(made) % 26) * PASTED
        message = made[-1]
        yield b"\x82\xfe" + len(message).to_bytes(2, "big") + bytes(4) + message
        assert subscription


@contextmanager
def pasting(port: int, readers: int) -> Iterator[None]:
    """Somebody pastes all the while, to so many who do not read."""
    ended = threading.Event()

    def write() -> None:
        with join(port) as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            for frame in pastes():
                wire.sendall(frame)
                if ended.wait(1 / PASTES_A_SECOND):
                    return

    with ExitStack() as stack:
        for _ in range(readers):
            stack.enter_context(join(port))
        writer = threading.Thread(target=write)
        writer.start()
        yield
        ended.set()
        writer.join()


def measure(workshop: Workshop, trace: Path, readers: int) -> Run:
    """One run against a fresh server; `closed` are the readers that it closed."""
    with scratch(workshop) as data, ExitStack() as stack:
        (data / "kept").mkdir()
        start = Start(workshop, free_port(), data / "kept", persist=False)
        port, pids = stack.enter_context(running(start, "fourhands", {"FOURHANDS_OUTBOX_BYTES": str(OUTBOX_BYTES)}))
        stack.enter_context(pasting(port, readers))
        run = run_load(workshop, load_words(SERVERS["fourhands"], port, pids, SCENARIOS["s2fixed"].load), trace)
    return run | {"closed": (workshop.home / "fourhands.log").read_text().count("connection.slow")}


def main() -> int:
    require_two_processors()
    workshop = prepare(default_home(), peers=False)
    trace = generated_trace(workshop.home)
    runs: dict[int, list[Run]] = {0: [], READERS: []}
    for _ in range(ROUNDS):
        for readers, those in runs.items():
            those.append(measure(workshop, trace, readers))
            figures = ", ".join(f"{key} {those[-1].get(key)}" for key in ("p50", "p99", "cpu", "foreign", "closed"))
            print(f"{readers} readers that stop: {figures}", flush=True)
    for key, unit in (("p50", "ms"), ("p99", "ms"), ("cpu", "processors")):
        alone, beside = (statistics.median(run[key] for run in those) for those in runs.values())
        print(f"{key}: {alone:.2f} {unit} alone, {beside:.2f} beside {READERS} readers that stop: {beside / alone:.2f}x")
    return 0


if __name__ == "__main__":
    sys.exit(main())
