"""The one connection between a server and a runner: what they say to each other, and how it is written.

Any number of runs share it. A run's data waits at the runner once `window` bytes of it are unread in the server
(`Credit` says what was read), so one that floods neither holds up the others nor fills memory.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Generic, Literal, Protocol, TypeVar

import msgspec
from msgspec import Struct

from fourhands.errors import ProtocolViolation
from fourhands.execution.frames import FrameReader, pack_frame
from fourhands.execution.port import Error, Exit, Health, Job, Limits, Queued, Runtime, SourceFile, Stage, Stream, Terminal

VERSION = 2
"""Of what is said here. A server and a runner of different versions do not work together."""
READ_BYTES = 256 * 1024

LogLevel = Literal["debug", "info", "warning", "error"]


# ---- server to runner ------------------------------------------------------------------------------------------------


class JobHead(Struct, frozen=True, kw_only=True):
    """A `Job` without its bytes: they are the body, file by file, then standard input."""

    id: str
    language: str
    files: tuple[tuple[str, int], ...]
    args: tuple[str, ...]
    stdin_bytes: int
    open_input: bool
    terminal: Terminal | None
    repl: bool
    limits: Limits


class Start(Struct, frozen=True, tag="start"):
    """Start a run; `run` is a number that this connection never used before. Answered by `Started` or `Refused`."""

    run: int
    job: JobHead
    window: int


class Write(Struct, frozen=True, tag="write"):
    """Standard input, the body. Answered by `Taken`; at most one is under way for a run."""

    run: int


class CloseInput(Struct, frozen=True, tag="close_input"):
    """The end of it. Answered and counted as a `Write`: on a terminal, input may have many ends."""

    run: int


class Resize(Struct, frozen=True, tag="resize"):
    run: int
    columns: int
    rows: int


class SendSignal(Struct, frozen=True, tag="signal"):
    run: int
    name: str


class Stop(Struct, frozen=True, tag="stop"):
    run: int


class Credit(Struct, frozen=True, tag="credit"):
    """So many bytes of the run's data were read: as many more may come."""

    run: int
    size: int


class Ping(Struct, frozen=True, tag="ping"):
    """Answered by `Pong`: an end that is stuck is noticed."""


class SetLogLevel(Struct, frozen=True, tag="log_level"):
    """Log that and what is graver from now on."""

    level: LogLevel


ToRunner = Start | Write | CloseInput | Resize | SendSignal | Stop | Credit | Ping | SetLogLevel


# ---- runner to server ------------------------------------------------------------------------------------------------


class State(Struct, frozen=True, tag="state"):
    """What the runner is and can do; said after each self-test. Until the first one nothing can be started."""

    version: int
    backend: str
    health: Health
    runtimes: tuple[Runtime, ...]


class Started(Struct, frozen=True, tag="started"):
    run: int


class Refused(Struct, frozen=True, tag="refused"):
    """It was not started; `code` is that of the error class."""

    run: int
    code: str
    message: str


class Output(Struct, frozen=True, tag="output"):
    """Data of a stream, the body."""

    run: int
    stream: Stream


class Shown(Struct, frozen=True, tag="shown"):
    """A picture, the body."""

    run: int


class Said(Struct, frozen=True, tag="said"):
    """Any other event. After `Exit` or `Error` that end a run, `Ended` follows."""

    run: int
    event: Queued | Stage | Exit | Error


class Ended(Struct, frozen=True, tag="ended"):
    run: int


class Taken(Struct, frozen=True, tag="taken"):
    """The last `Write` or `CloseInput` was taken."""

    run: int


class Pong(Struct, frozen=True, tag="pong"):
    pass


FromRunner = State | Started | Refused | Output | Shown | Said | Ended | Taken | Pong

_ENCODER = msgspec.json.Encoder()


def encode(message: Struct) -> bytes:
    """A message as the header of a frame."""
    return _ENCODER.encode(message)


class Way(Protocol):
    """What one end says to the other, whatever carries it."""

    def send(self, message: Struct, body: bytes = b"") -> None:
        """Say a message, at once; what cannot leave waits in memory, so that whoever sends much must have been given leave to."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether the other end does not read as fast as we write: wait for `drain` before more than must be is sent."""
        ...

    async def drain(self) -> None:
        """Wait until it is not full, or closed."""
        ...


def split_job(job: Job) -> tuple[JobHead, bytes]:
    """A job as head and body."""
    head = JobHead(
        id=job.id,
        language=job.language,
        files=tuple((file.name, len(file.content)) for file in job.files),
        args=job.args,
        stdin_bytes=len(job.stdin),
        open_input=job.open_input,
        terminal=job.terminal,
        repl=job.repl,
        limits=job.limits,
    )
    return head, b"".join([*(file.content for file in job.files), job.stdin])


def join_job(head: JobHead, body: bytes) -> Job:
    """The job that `split_job` was given. Raises `ProtocolViolation` if body and head do not belong together."""
    sizes = [size for _, size in head.files] + [head.stdin_bytes]
    if min(sizes) < 0 or sum(sizes) != len(body):
        raise ProtocolViolation(f"A job of {sum(sizes):,} bytes came with {len(body):,}.")
    pieces = _pieces(sizes, body)
    files = tuple(SourceFile(name, next(pieces)) for name, _ in head.files)
    return Job(
        id=head.id,
        language=head.language,
        files=files,
        args=head.args,
        stdin=next(pieces),
        open_input=head.open_input,
        terminal=head.terminal,
        repl=head.repl,
        limits=head.limits,
    )


def _pieces(sizes: list[int], body: bytes) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield body[at : at + size]
        at += size


Incoming = TypeVar("Incoming", bound=Struct)


class Link(Generic[Incoming]):
    """One end of the connection, over a pair of asyncio's streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, decoder: "msgspec.json.Decoder[Incoming]") -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = decoder

    def send(self, message: Struct, body: bytes = b"") -> None:
        """Write a message, at once; what cannot leave waits in memory, so that whoever sends much must have been given leave to."""
        if not self._writer.is_closing():
            self._writer.write(pack_frame(encode(message), body))

    @property
    def is_full(self) -> bool:
        """Whether the other end does not read as fast as we write: wait for `drain` before more than must be is sent."""
        transport = self._writer.transport
        return transport.get_write_buffer_size() > transport.get_write_buffer_limits()[1]

    async def drain(self) -> None:
        """Wait until it is not full, or closed."""
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def messages(self) -> AsyncIterator[tuple[Incoming, bytes]]:
        """What the other end says, until it closes. Raises `ProtocolViolation` for what makes no sense, also for an end within a frame."""
        frames = FrameReader()
        while data := await self._read():
            for header, body in frames.feed(data):
                try:
                    message = self._decoder.decode(header)
                except msgspec.DecodeError as error:
                    raise ProtocolViolation(f"The other end of the runner's connection said what makes no sense: {error}.") from error
                yield message, body
        frames.end()

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(READ_BYTES)
        except OSError:
            return b""  # reset: it is gone all the same

    def close(self) -> None:
        """Close it, now: the other end sees the end of the stream."""
        self._writer.transport.abort()


def server_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> "Link[FromRunner]":
    """The link as the server has it."""
    return Link(reader, writer, msgspec.json.Decoder(FromRunner))


def runner_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> "Link[ToRunner]":
    """The link as the runner has it."""
    return Link(reader, writer, msgspec.json.Decoder(ToRunner))
