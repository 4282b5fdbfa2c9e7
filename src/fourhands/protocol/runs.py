"""The words about runs in `fourhands.v1`: a run as everybody sees it, what is said of it, and what may be asked of it.

`events` puts them into its families; the journal keeps a `Run` as JSON. `where` tells who says what: of a run in somebody's
browser her page does, of one on the server the server.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

OutputStream = Literal["stdout", "stderr"]
FinalStatus = Literal["ok", "error", "stopped", "timeout", "output_limit"]
"""How a run in a browser may end, by its page's word."""
RunStatus = Literal[
    "queued", "running", "ok", "error", "stopped", "timeout", "output_limit", "lost",
    "compile_error", "wall_time", "cpu_time", "memory_limit", "killed", "busy", "unavailable",
]  # fmt: skip
"""The second line, and `queued`, are of runs on the server alone: `execution.port.Status`. `lost`: what ran it went away."""
Where = Literal["browser", "server"]
StageName = Literal["compile", "run"]
RunId = Annotated[str, Meta(pattern="^[0-9a-z]{8,32}$")]
Columns = Annotated[int, Meta(ge=1, le=1000)]

INPUT_CHARACTERS = 65_536
"""Of one event; a longer paste is sent in pieces."""


class Terminal(Struct, frozen=True):
    """The size of a terminal, in characters."""

    columns: Columns = 80
    rows: Columns = 24


class Picture(Struct, frozen=True):
    """A picture that the program showed; `data` is base64 in JSON."""

    media_type: Literal["image/png"]
    data: bytes


class Run(Struct):
    """A run and its output so far, as pairs of stream and text. `where` "browser": its output is the runner's claim.

    `page` is the self-contained HTML document that an HTML preview shows; nobody's page shows another's unasked. What follows
    it is of runs on the server. `terminal`: it has one, of that size now; `repl`: a language's prompt, with no file.
    `position` in the queue, 1 is next; `stage` the one it is in, or ended in. `message`: why it could not be run, or not to its end.
    `unkept`: the room has kept as much output today as it may, so this output is shown to those who are there and not kept.
    """

    id: str
    member: str
    name: str
    language: str
    file: str
    where: Where
    at: int
    status: RunStatus = "running"
    code: int | None = None
    ms: int | None = None
    output: list[tuple[OutputStream, str]] = []
    truncated: bool = False
    page: str | None = None
    terminal: Terminal | None = None
    repl: bool = False
    position: int | None = None
    stage: StageName | None = None
    pictures: list[Picture] = []
    signal: str | None = None
    cpu_ms: int | None = None
    memory_bytes: int | None = None
    message: str | None = None
    unkept: bool = False


# ---- said by the server --------------------------------------------------------------------------------------------


class RunStarted(Struct, frozen=True, tag_field="type", tag="run.started"):
    run: Run


class RunQueued(Struct, frozen=True, tag_field="type", tag="run.queued"):
    """It waits for its turn; `position` 1 is next."""

    run: str
    position: int


class RunStage(Struct, frozen=True, tag_field="type", tag="run.stage"):
    """It has its turn: a stage begins."""

    run: str
    stage: StageName


class RunPicture(Struct, frozen=True, tag_field="type", tag="run.picture"):
    run: str
    media_type: Literal["image/png"]
    data: bytes


class RunResized(Struct, frozen=True, tag_field="type", tag="run.resized"):
    """Somebody's page gave the run's terminal another size; everybody's terminal follows."""

    run: str
    columns: int
    rows: int


class RunEnded(Struct, frozen=True, tag_field="type", tag="run.ended"):
    """`code` is null if a signal or a limit ended it; `ms` how long it took, `cpu_ms` the processor's time, `memory_bytes`
    the most that it used at once."""

    run: str
    status: RunStatus
    code: int | None
    ms: int
    truncated: bool = False
    signal: str | None = None
    cpu_ms: int | None = None
    memory_bytes: int | None = None
    message: str | None = None
    unkept: bool = False

    @classmethod
    def of(cls, run: Run) -> "RunEnded":
        return cls(run.id, run.status, run.code, run.ms or 0, run.truncated, run.signal, run.cpu_ms, run.memory_bytes, run.message, run.unkept)


# ---- sent by clients -----------------------------------------------------------------------------------------------


class RunOutput(Struct, frozen=True, tag_field="type", tag="run.output"):
    """From the page that runs it, or said by the server."""

    run: RunId
    stream: OutputStream
    text: Annotated[str, Meta(max_length=262_144)]


class RunStop(Struct, frozen=True, tag_field="type", tag="run.stop"):
    """From a client: stop that run. From the server, to the page that runs it: somebody (`by`) asks you to stop it."""

    run: RunId
    by: str | None = None


class RunStart(Struct, frozen=True, tag_field="type", tag="run.start"):
    """The page starts running a file; `run` is an id that it made up."""

    run: RunId
    language: Annotated[str, Meta(max_length=64)]
    file: Annotated[str, Meta(max_length=255)]
    page: Annotated[str, Meta(max_length=1_048_576)] | None = None


class RunEnd(Struct, frozen=True, tag_field="type", tag="run.end"):
    """`ms`: how long the program itself took, without the loading of its runtime; without it, the time since `run.start`."""

    run: RunId
    status: FinalStatus
    code: int | None = None
    ms: Annotated[int, Meta(ge=0, le=86_400_000)] | None = None


class RunAsk(Struct, frozen=True, tag_field="type", tag="run.ask"):
    """Run the room's files on the server, as they stand there; `run` is an id that the client made up.

    `file` is the id of the file that is run, the others lie beside it. `language`: another than the file's own. With a
    `terminal` the input stays open; without one `stdin` is all of it. `repl`: the language's prompt, in a terminal.
    """

    run: RunId
    file: Annotated[str, Meta(max_length=255)] = "main"
    language: Annotated[str, Meta(max_length=64)] | None = None
    args: Annotated[list[str], Meta(max_length=256)] = []
    stdin: Annotated[str, Meta(max_length=1_048_576)] = ""
    terminal: Terminal | None = None
    repl: bool = False


class RunInput(Struct, frozen=True, tag_field="type", tag="run.input"):
    """Somebody types into a terminal."""

    run: RunId
    text: Annotated[str, Meta(max_length=INPUT_CHARACTERS)]


class RunInputEnd(Struct, frozen=True, tag_field="type", tag="run.input_end"):
    """No more input comes: Ctrl-D."""

    run: RunId


class RunResize(Struct, frozen=True, tag_field="type", tag="run.resize"):
    run: RunId
    columns: Columns
    rows: Columns


class RunSignal(Struct, frozen=True, tag_field="type", tag="run.signal"):
    """`signal`: one of `execution.port.SIGNALS`."""

    run: RunId
    signal: Annotated[str, Meta(max_length=16)]
