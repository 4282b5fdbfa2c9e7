"""What has to be there before anything can be measured, all in one cache folder: the compiled C programs, the peers from
npm, the trace. Each is made once, and again when what it is made from changes."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import trace
from hatch_build import Node, find_machine_node, find_packaged_node, install_node

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers"


class CannotMeasure(Exception):
    """Something that the benchmark needs is missing; the message says what to do."""


@dataclass(frozen=True)
class Workshop:
    """The cache folder and what lies in it."""

    home: Path
    node: Node | None

    @property
    def loadgen(self) -> Path:
        return self.home / "loadgen"

    @property
    def crelay(self) -> Path:
        return self.home / "crelay"

    @property
    def peers(self) -> Path:
        return self.home / "peers"


def default_home() -> Path:
    """`$BENCH_HOME`, or a folder in the user's cache directory."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("BENCH_HOME") or cache / "fourhands-bench")


def require_two_processors() -> None:
    """Raises `CannotMeasure`."""
    if (os.cpu_count() or 1) < 2:
        raise CannotMeasure("This needs two processors: one for the server, one for the load.")


def prepare(home: Path, *, peers: bool) -> Workshop:
    """Make what is missing; `peers`: the Node servers too. Raises `CannotMeasure`."""
    home.mkdir(parents=True, exist_ok=True)
    workshop = Workshop(home, _node() if peers else None)
    _compile(workshop.loadgen, sorted((HERE / "loadgen").glob("*.c")), sorted((HERE / "loadgen").glob("*.h")))
    _compile(workshop.crelay, [PEERS / "crelay.c"], [])
    if workshop.node:
        _install_peers(workshop, workshop.node)
    return workshop


def generated_trace(home: Path) -> Path:
    """The folder with the project's own trace."""
    folder = home / f"trace-{trace.VERSION}-{trace.SEED}"
    if not folder.exists():
        print("Writing the trace ...", flush=True)
        unfinished = folder.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        trace.write_trace(unfinished)
        unfinished.rename(folder)
    return folder


def made_file(path: Path, write: Callable[[Path], None]) -> Path:
    """The file, written if it is not there; never a half-written one."""
    if not path.exists():
        unfinished = path.with_suffix(".new")
        write(unfinished)
        unfinished.rename(path)
    return path


def _node() -> Node:
    return find_machine_node() or find_packaged_node() or install_node(HERE.parent)


def _compile(program: Path, sources: list[Path], headers: list[Path]) -> None:
    if _is_current(program, [*sources, *headers]):
        return
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise CannotMeasure("A C compiler is needed for the load generator, for example Debian's package gcc with libc6-dev.")
    subprocess.run([compiler, "-O2", "-Wall", "-o", str(program), *map(str, sources)], check=True)
    _mark_current(program, [*sources, *headers])


def _install_peers(workshop: Workshop, node: Node) -> None:
    files = [PEERS / name for name in ("package.json", "package-lock.json", ".npmrc")]
    if _is_current(workshop.peers, files):
        return
    print("Installing the peers from npm ...", flush=True)
    workshop.peers.mkdir(exist_ok=True)
    for file in files:
        shutil.copy(file, workshop.peers)
    path = f"{node.folder}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run([*node.npm, "ci", "--silent"], cwd=workshop.peers, env={**os.environ, "PATH": path}, check=False)
    if done.returncode:
        raise CannotMeasure(f"npm could not install the peers (exit {done.returncode}). Without them: --servers fourhands,crelay")
    _mark_current(workshop.peers, files)


def _digest(sources: list[Path]) -> str:
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def _stamp(made: Path) -> Path:
    return made.with_name(made.name + ".made-from")


def _is_current(made: Path, sources: list[Path]) -> bool:
    stamp = _stamp(made)
    return made.exists() and stamp.exists() and stamp.read_text() == _digest(sources)


def _mark_current(made: Path, sources: list[Path]) -> None:
    _stamp(made).write_text(_digest(sources))
