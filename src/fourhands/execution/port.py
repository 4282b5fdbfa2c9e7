"""What every executor of programs takes and gives: jobs in, a stream of events out. Vocabulary alone, no I/O.

Backends (`backends/`) do it, the runner's process holds one of them, the queue decides when. There is no backend that
runs a program outside a sandbox, and none may be added.

Times are in the unit that a name says, sizes in bytes. A program that fails is a result (`Exit`), never an exception.
"""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

import msgspec
from msgspec import Struct

MiB = 1024 * 1024

StageName = Literal["compile", "run"]
Stream = Literal["stdout", "stderr"]
Status = Literal["ok", "error", "compile_error", "wall_time", "cpu_time", "memory_limit", "output_limit", "killed", "busy", "unavailable"]
"""`ok` ended with 0; `error` ended otherwise or by a signal of its own; `compile_error` the compiler said no; `killed` stopped
by us (somebody's word, a closed room, a server that stops, nothing typed for too long is `wall_time`); `busy` was not taken,
come back later; `unavailable` nothing here can run it."""

SIGNALS = ("SIGINT", "SIGTERM", "SIGKILL", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTSTP", "SIGCONT", "SIGWINCH")
"""Signals that may be sent to a run."""


class Limits(Struct, frozen=True, kw_only=True):
    """What a run may use; each is the whole sandbox's, not a process's. Past one, everything in the sandbox is killed.

    `wall_seconds`, `cpu_seconds` and `memory_bytes` hold while the program runs; the `compile_` ones before that.
    `idle_seconds`: only where input stays open; a run that neither reads nor writes for so long ends with `wall_time`.
    `input_bytes`: standard input, past it nothing more is taken. `disk_bytes`: each of its two file systems, in memory.
    `processes`: processes and threads. `cores`: processors it may fill. `pictures`, `picture_bytes`: how many, how large each.
    """

    wall_seconds: float = 5
    cpu_seconds: float = 8
    memory_bytes: int = 256 * MiB
    compile_wall_seconds: float = 10
    compile_cpu_seconds: float = 10
    compile_memory_bytes: int = 1024 * MiB
    idle_seconds: float = 60
    processes: int = 64
    output_bytes: int = MiB
    input_bytes: int = MiB
    disk_bytes: int = 32 * MiB
    open_files: int = 256
    cores: float = 1
    pictures: int = 16
    picture_bytes: int = 2 * MiB

    def at_least(self, needs: "Needs") -> "Limits":
        """These limits, raised to what a toolchain cannot do without."""
        raised = {name: max(getattr(self, name), getattr(needs, name)) for name in Needs.__struct_fields__}
        return msgspec.structs.replace(self, **raised)


class Needs(Struct, frozen=True, kw_only=True):
    """The least that a toolchain works with: compilers, the JVM. 0: any."""

    memory_bytes: int = 0
    compile_memory_bytes: int = 0
    processes: int = 0
    disk_bytes: int = 0


class Added(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a language wants besides; not written where a program has its own of that name. `when`: only if the main
    file's text holds this pattern."""

    name: str
    text: str
    when: str = ""


class Placing(Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """How files must be called, and which belong to a program: see `languages.place`, which does it.

    `extensions` (without dots) of its sources; a main file with another gets the first. The other fields are patterns:
    `stem` finds in the main file's text what it has to be called (`stem_case` "lower": in small letters); `class_` what
    is declared outside of braces, each a `{class}`, where `entry` finds the one that starts. Another file that holds `entry`
    is a program of its own, and none of `{sources}`; with `same_folder` neither is one of another folder.
    """

    extensions: tuple[str, ...] = ()
    stem: str = ""
    stem_case: Literal["", "lower"] = ""
    class_: str = ""
    entry: str = ""
    same_folder: bool = False
    added: tuple[Added, ...] = ()


class Toolchain(Struct, frozen=True, kw_only=True):
    """What a machine has for a language, and how it is used: what the sandbox gets to know of a language.

    `runtime` is the name of what runs it: "GCC", "Node.js"; `libraries` what it has besides.
    `compile`, `run` and `repl` are lines of POSIX shell, run in the directory with the files. `{main}`, `{sources}` and their
    like stand in them until `languages.place` fits them to a job; `"$@"` are its arguments. `run` and `repl` should begin
    with `exec`.
    `compile` may be empty; its standard input is empty. `binds`: further paths of this machine that it reads, each `PATH`
    or `PATH:WHERE`; one that is not there is left out. `/usr` and what belongs to it (`/bin`, `/lib`, `/etc/alternatives`,
    `/etc/ld.so.cache`) is there anyhow. `support`: files of ours, at absolute paths in the sandbox, read-only to the program.
    `main`: what a file without a name is called. `warm`: may be started ahead.
    """

    language: str
    version: str
    run: str
    runtime: str = ""
    libraries: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    main: str = "main"
    compile: str = ""
    repl: str = ""
    environment: dict[str, str] = {}
    binds: tuple[str, ...] = ()
    support: "tuple[SourceFile, ...]" = ()
    placing: Placing = Placing()
    needs: Needs = Needs()
    warm: Literal["python"] | None = None


class SourceFile(Struct, frozen=True):
    """A file of a program. `name` is relative, with `/` between folders; `programs.check_program` says what it may be."""

    name: str
    content: bytes


class Terminal(Struct, frozen=True):
    """The size of a terminal, in characters."""

    columns: int = 80
    rows: int = 24


class Job(Struct, frozen=True, kw_only=True):
    """A program to run. The first file is the main one; `repl` may come without files.

    `stdin` is written first; then input is closed unless `open_input` or `terminal` keeps it open for `Run.write`.
    With a `terminal` everything that the program writes arrives as `stdout`.
    """

    id: str
    language: str
    files: tuple[SourceFile, ...] = ()
    args: tuple[str, ...] = ()
    stdin: bytes = b""
    open_input: bool = False
    terminal: Terminal | None = None
    repl: bool = False
    limits: Limits = Limits()


# ---- what a run says -------------------------------------------------------------------------------------------------


class Queued(Struct, frozen=True, tag_field="type", tag="queued"):
    """It waits; `position` 1 is next."""

    position: int


class Stage(Struct, frozen=True, tag_field="type", tag="stage"):
    """A stage begins. All data up to its `Exit` is of it."""

    stage: StageName


class Data(Struct, frozen=True, tag_field="type", tag="data"):
    """Output, as the program wrote it: a character may be split between two of them."""

    stream: Stream
    data: bytes


class Picture(Struct, frozen=True, tag_field="type", tag="picture"):
    """A picture that the program showed."""

    data: bytes
    media_type: Literal["image/png"] = "image/png"


class Exit(Struct, frozen=True, kw_only=True, tag_field="type", tag="exit"):
    """A stage ended. After that of `run`, and after one of `compile` that is not `ok`, nothing more comes.

    `code` is None if a signal or a limit ended it; `signal` such as "SIGSEGV". A program that ends itself with 128 + n is
    told as one that signal n ended, as shells do. `memory_bytes` is the most that it used at once.
    """

    stage: StageName
    status: Status
    code: int | None = None
    signal: str | None = None
    cpu_ms: int = 0
    wall_ms: int = 0
    memory_bytes: int = 0


class Error(Struct, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """It could not be run, or not to its end, for a reason that is ours; `invalid`: that is the job's. Nothing more comes."""

    message: str
    status: Literal["busy", "unavailable", "killed"] = "unavailable"
    invalid: bool = False


Event = Queued | Stage | Data | Picture | Exit | Error


# ---- backends --------------------------------------------------------------------------------------------------------


class Check(Struct, frozen=True):
    """One thing that a backend tried. `sentence` says what was found, `mend` what to do about it (empty where `ok`)."""

    name: str
    ok: bool
    sentence: str
    mend: str = ""


class Health(Struct, frozen=True):
    """Whether a backend may be used. If not, `sentence` is why, `mend` what to do, and `start` answers with that alone."""

    ok: bool
    sentence: str
    mend: str = ""
    checks: tuple[Check, ...] = ()


class Runtime(Struct, frozen=True, kw_only=True):
    """A language that a backend runs; the fields are those of `Toolchain`."""

    language: str
    version: str
    runtime: str = ""
    libraries: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    repl: bool = False
    compiled: bool = False
    needs: Needs = Needs()


class Run(Protocol):
    """A run that was started. Iterate it once, to its end; events wait (bounded) for whoever iterates, and the program with them.

    ::

        started -> Stage(compile) -> Exit(compile, ok) -> Stage(run) -> Exit(run)
                        └-> Exit(compile, not ok)              └-> Error (anywhere)

    The other methods may be called at any time, also after the end, where they do nothing.
    """

    def __aiter__(self) -> AsyncIterator[Event]: ...

    async def write(self, data: bytes) -> None:
        """Give it standard input; returns when it was taken. What is past `Limits.input_bytes` is dropped."""
        ...

    async def close_input(self) -> None:
        """No more comes: end of file, or Ctrl-D on a terminal."""
        ...

    def resize(self, columns: int, rows: int) -> None: ...

    def signal(self, name: str) -> None:
        """Send one of `SIGNALS` to the program. Raises `InvalidRequest` for another."""
        ...

    def stop(self) -> None:
        """Kill it and everything it started: it ends with `killed`."""
        ...


class Backend(Protocol):
    """Something that runs programs."""

    @property
    def name(self) -> str: ...

    async def check(self) -> Health:
        """Try the real path and say whether it holds. Until one said so, and after one did not, nothing is run."""
        ...

    def runtimes(self) -> tuple[Runtime, ...]:
        """What it can run now."""
        ...

    async def start(self, job: Job) -> Run:
        """Start it. Raises `InvalidRequest` (a job that makes no sense), `NotFound` (no such language), `Unavailable` (why not)."""
        ...

    async def close(self) -> None:
        """Kill every run and leave nothing behind."""
        ...
