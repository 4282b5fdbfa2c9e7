"""Runs the languages' own samples in the sandbox, as rooms do. `python -m tests.execution.languages.samples [NAME...]` runs all that
this machine has and prints a table with seconds; it ends with 1 if one does not print what its file says."""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.options import SandboxOptions
from fourhands.execution.languages import Language, load_languages
from fourhands.execution.languages.detect import Missing, detect, prepare_toolchains
from fourhands.execution.languages.packages import named
from fourhands.execution.languages.prepare import cache_folder
from fourhands.execution.port import Data, Error, Exit, Job, Limits, Picture, SourceFile, Toolchain

LANGUAGES = load_languages()
TIMES = 3


@dataclass
class Told:
    """What a run came to: what the program wrote, what its compiler said, how it ended, its pictures."""

    output: bytes = b""
    errors: bytes = b""
    compiler: bytes = b""
    end: Exit | Error | None = None
    pictures: list[bytes] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def lines(self) -> list[str]:
        """Output without blanks at the ends of lines and of the whole; standard error where a language prints there (Zig)."""
        text = (self.output or self.errors).decode("utf-8", "replace")
        return [line.rstrip() for line in text.rstrip().splitlines()]

    @property
    def is_ok(self) -> bool:
        return isinstance(self.end, Exit) and self.end.stage == "run" and self.end.status == "ok"


@contextlib.asynccontextmanager
async def sandbox(toolchains: tuple[Toolchain, ...]) -> AsyncIterator[SandboxBackend]:
    """A backend that has passed its self-test."""
    backend = SandboxBackend(toolchains, SandboxOptions(warm=0))
    try:
        health = await backend.check()
        if not health.ok:
            sys.exit(f"{health.sentence} {health.mend}")
        yield backend
    finally:
        await backend.close()


async def run_program(
    backend: SandboxBackend,
    toolchain: Toolchain,
    files: dict[str, str],
    *,
    args: tuple[str, ...] = (),
    stdin: bytes = b"",
    limits: Limits | None = None,
) -> Told:
    """Run these files; the first is the main one."""
    sources = tuple(SourceFile(name, text.encode()) for name, text in files.items())
    wanted = (limits or Limits(wall_seconds=60, cpu_seconds=60, compile_wall_seconds=60, compile_cpu_seconds=60)).at_least(toolchain.needs)
    told, started, compiling = Told(), time.monotonic(), bool(toolchain.compile)
    async with asyncio.timeout(150):
        async for event in await backend.start(Job(id="sample", language=toolchain.language, files=sources, args=args, stdin=stdin, limits=wanted)):
            match event:
                case Data(_, data) if compiling:
                    told.compiler += data
                case Data("stdout", data):
                    told.output += data
                case Data(_, data):
                    told.errors += data
                case Picture(data):
                    told.pictures.append(data)
                case Exit(stage=stage):
                    compiling = compiling and stage != "compile"
                    told.end = event
                case Error():
                    told.end = event
                case _:
                    pass
    told.seconds = time.monotonic() - started
    return told


async def run_sample(backend: SandboxBackend, language: Language, toolchain: Toolchain) -> Told:
    return await run_program(backend, toolchain, {f"main.{language.extension}": language.sample})


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, nobody too: those of pytest are its user's alone, and are made so again whenever a pytest starts."""
    with tempfile.TemporaryDirectory(prefix="fourhands-open-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def fault_of(language: Language, told: Told) -> str:
    """What is wrong with a sample's run, or nothing."""
    if told.is_ok and told.lines == (language.output or "").splitlines():
        return ""
    return "\n".join(part.decode("utf-8", "replace") for part in (str(told.end).encode(), told.compiler, told.errors, told.output) if part)


async def main(names: list[str]) -> int:
    wanted = named(LANGUAGES, names) if names else [language for language in LANGUAGES if language.recipes]
    prepare_toolchains(tuple(wanted), cache_folder())
    found = detect(tuple(wanted), cache=cache_folder())
    here = {one.language: one for one in found if isinstance(one, Toolchain)}
    wrong = 0
    print("| language | what runs it | seconds |\n|---|---|---|")
    async with sandbox(tuple(here.values())) as backend:
        for language in wanted:
            if (toolchain := here.get(language.id)) is None:
                continue
            runs = [await run_sample(backend, language, toolchain) for _ in range(TIMES)]
            fault = next((fault for told in runs if (fault := fault_of(language, told))), "")
            wrong += bool(fault)
            print(f"| {language.name} | {toolchain.runtime} {toolchain.version} | {sorted(told.seconds for told in runs)[TIMES // 2]:.2f} |", flush=True)
            if fault:
                print(f"FAILED: {language.id}\n{fault}\n", flush=True)
    lacking = [one for one in found if isinstance(one, Missing)]
    print(f"\n{len(here)} ran, {wrong} of them wrongly. Not here: {', '.join(one.language for one in lacking) or 'none'}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    if not Path("/usr/bin/bwrap").exists():
        sys.exit("bubblewrap is not installed: apt-get install bubblewrap")
    sys.exit(asyncio.run(main(sys.argv[1:])))
