"""What reads bytes that anybody may have sent, each as one function of bytes: it returns, or raises one of our errors, and
soon. `python -m tests.fuzz` (`make fuzz`) feeds them from atheris, `test_readers` with what was found."""

import contextlib
import json
import zlib
from collections.abc import Callable, Mapping

import msgspec

from fourhands.edge.http.piston_request import offers, read_wanted
from fourhands.errors import FourhandsError
from fourhands.execution.frames import FrameReader, pack_frame
from fourhands.execution.link import Start, ToRunner, join_job
from fourhands.execution.port import Runtime
from fourhands.execution.rules import Rules
from fourhands.model.limits import Limits
from fourhands.protocol import awareness, edits, events, sync
from fourhands.protocol.keystroke import Keystrokes
from fourhands.protocol.pairs import Pairs
from fourhands.protocol.split import split
from fourhands.protocol.update import read_delete_set, read_ranges, read_state_vector
from fourhands.protocol.walk import walk
from fourhands.room.document import Document, DocumentBroken

KNOWN = {1: 40, 2: 3, 70_000: 9, 4_294_967_295: 6}
LONGEST = 4096
TO_RUNNER = msgspec.json.Decoder(ToRunner)
OFFERED = offers([Runtime(language="python", version="3.11.2", aliases=("py",))], [])


def read_sync(data: bytes) -> None:
    message = sync.decode(data)
    if message.kind is sync.Kind.EVENT:
        events.decode(message.payload)


def read_awareness(data: bytes) -> None:
    """What is written again is read again."""
    entries = awareness.decode(data, 64)
    assert awareness.decode(awareness.encode(entries), 64) == entries


def read_update(data: bytes) -> None:
    """Both parts of an update are updates; the first fits whole, and the second not at all."""
    part = split(walk(data), KNOWN)
    again = split(walk(part.ready), KNOWN)
    assert not again.waits
    assert again.grown == part.grown
    after = {**KNOWN, **part.grown}
    assert not split(walk(part.rest), after).grown


def read_keystroke(data: bytes) -> None:
    """What is taken without a walk is what the walk takes whole."""
    clocks = dict(KNOWN)
    if Keystrokes(clocks, Pairs()).take(data) is not None:
        part = split(walk(data), KNOWN)
        assert not part.waits
        assert {**KNOWN, **part.grown} == clocks


def read_block(data: bytes) -> None:
    """A fuzzer does not guess what compresses to something: it says what comes out."""
    with contextlib.suppress(FourhandsError):
        edits.unpack(data, 1)
    found = edits.unpack(edits.ZLIB + zlib.compress(data, 0), 1)
    assert [entry.position for entry in found] == list(range(1, len(found) + 1))


def read_vectors(data: bytes) -> None:
    for read in (read_state_vector, read_delete_set, lambda data: read_ranges(data, 0, 1000)):
        with contextlib.suppress(FourhandsError):
            read(data)


def apply(data: bytes) -> None:
    """What a document takes it gives on; `DocumentBroken` is known before anybody is told."""
    document = Document.with_file(Limits(), "main.py", "python", "kept")
    with contextlib.suppress(DocumentBroken):
        document.apply(data)
        document.text()
        document.files()
        walk(document.state())


def read_frames(data: bytes) -> None:
    """What a runner's connection brings; a frame that was read is packed to the same bytes."""
    frames = list(FrameReader().feed(data))
    packed = b"".join(pack_frame(*frame) for frame in frames)
    assert data.startswith(packed)
    for header, body in frames:
        with contextlib.suppress(msgspec.DecodeError):
            message = TO_RUNNER.decode(header)
            if isinstance(message, Start):
                join_job(message.job, body)


def read_program(data: bytes) -> None:
    """A request of Piston's API."""
    with contextlib.suppress(ValueError):
        read_wanted(json.loads(data), OFFERED, Rules())


READERS: Mapping[str, Callable[[bytes], None]] = {
    "sync": read_sync,
    "awareness": read_awareness,
    "update": read_update,
    "keystroke": read_keystroke,
    "block": read_block,
    "vectors": read_vectors,
    "apply": apply,
    "frames": read_frames,
    "program": read_program,
}


def feed(name: str, data: bytes) -> None:
    """Let one of them read that."""
    with contextlib.suppress(FourhandsError):
        READERS[name](data[:LONGEST])
