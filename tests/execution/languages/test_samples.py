"""Languages run in the sandbox: the samples of those that a plain machine has, programs of several files, arguments, input, pictures.

`make languages` runs the samples of all that a machine has (samples.py).
"""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.languages import load_languages
from fourhands.execution.languages.detect import detect_toolchains, prepare_toolchains
from fourhands.execution.languages.prepare import cache_folder
from fourhands.execution.port import Data, Job, Limits, Terminal, Toolchain
from tests.execution.languages.samples import Told, fault_of, run_program, run_sample, sandbox

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None or os.geteuid() != 0, reason="needs bubblewrap and, for control groups, root")

CORE = ("python", "javascript", "bash", "c", "cpp", "perl", "sql", "awk", "java", "rust", "go", "typescript", "ruby", "php", "lua", "tcl")
"""What a plain machine has, or installs in seconds; one that is not here is skipped by name."""
LANGUAGES = {language.id: language for language in load_languages()}
PROGRAMS = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "programs").glob("*.txt"))}
"""Programs of several files that print their arguments, joined by +, and a line that they read. Each text holds all files."""


@pytest.fixture(scope="module")
def toolchains() -> dict[str, Toolchain]:
    prepare_toolchains((LANGUAGES["cpp"], LANGUAGES["python"]), cache_folder())
    return {one.language: one for one in detect_toolchains(cache_folder())}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend(toolchains: dict[str, Toolchain]) -> AsyncIterator[SandboxBackend]:
    async with sandbox(tuple(toolchains.values())) as made:
        yield made


def need(toolchains: dict[str, Toolchain], language: str) -> Toolchain:
    if language not in toolchains:
        pytest.skip(f"{LANGUAGES[language].name} is not installed: fourhands languages install {language}")
    return toolchains[language]


def files_of(text: str) -> dict[str, str]:
    """The files of a text, as `head` prints several."""
    _, *parts = re.split(r"^==> (.+) <==\n", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("language", CORE)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_sample_prints_what_its_file_says(language: str, backend: SandboxBackend, toolchains: dict[str, Toolchain]) -> None:
    told = await run_sample(backend, LANGUAGES[language], need(toolchains, language))
    assert fault_of(LANGUAGES[language], told) == ""
    assert told.compiler + (told.errors if told.output else b"") == b""


@pytest.mark.parametrize("language", PROGRAMS)
@pytest.mark.asyncio(loop_scope="module")
async def test_several_files_arguments_and_input(language: str, backend: SandboxBackend, toolchains: dict[str, Toolchain]) -> None:
    told = await run_program(backend, need(toolchains, language), files_of(PROGRAMS[language]), args=("a b", "$(id)"), stdin=b"line\n")
    assert (told.output.decode().rstrip(), told.is_ok) == ("a b+$(id) line", True), told


@pytest.mark.asyncio(loop_scope="module")
async def test_a_compiler_that_says_no_ends_it(backend: SandboxBackend, toolchains: dict[str, Toolchain]) -> None:
    told = await run_program(backend, need(toolchains, "c"), {"main.c": "int main( {"})
    assert told.end
    assert told.end.status == "compile_error"
    assert b"main.c:1" in told.compiler
    assert told.output == b""


async def plots(backend: SandboxBackend, toolchain: Toolchain, program: str) -> Told:
    if "matplotlib" not in toolchain.libraries:
        pytest.skip("python3-matplotlib is not installed")
    limits = Limits(wall_seconds=60, cpu_seconds=60)
    return await run_program(backend, toolchain, {"main.py": program}, limits=limits)


@pytest.mark.asyncio(loop_scope="module")
async def test_figures_come_as_pictures_and_fonts_are_known(backend: SandboxBackend, toolchains: dict[str, Toolchain]) -> None:
    program = "import matplotlib.pyplot as plt\nplt.plot([1, 4])\nplt.show()\nplt.figure()\nplt.bar([1], [2])\nprint('drawn')"
    told = await plots(backend, need(toolchains, "python"), program)
    assert (told.output, told.errors) == (b"drawn\n", b""), "a list of fonts that has to be made says so"
    assert len(told.pictures) == 2


@pytest.mark.asyncio(loop_scope="module")
async def test_pandas_works_in_the_memory_that_programs_have(backend: SandboxBackend, toolchains: dict[str, Toolchain]) -> None:
    chain = need(toolchains, "python")
    if "pandas" not in chain.libraries:
        pytest.skip("python3-pandas is not installed")
    told = await run_program(backend, chain, {"main.py": "import pandas, numpy\nprint(pandas.DataFrame({'a': [1, 2]}).a.sum(), numpy.arange(3).sum())"})
    assert (told.output, told.errors) == (b"3 3\n", b"")


REPLS = {
    "python": ("print(6 * 7)\n", "42"),
    "javascript": ("6 * 7\n", "42"),
    "bash": ("echo $((6 * 7))\n", "42"),
    "perl": ("p 6 * 7\n", "42"),
    "sql": ("SELECT 6 * 7;\n", "42"),
    "lua": ("6 * 7\n", "42"),
    "tcl": ("puts [expr 6 * 7]\n", "42"),
}


@pytest.mark.parametrize("language", REPLS)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_repl_answers_on_a_terminal(language: str, backend: SandboxBackend, toolchains: dict[str, Toolchain]) -> None:
    chain = need(toolchains, language)
    line, answer = REPLS[language]
    limits = Limits(wall_seconds=60, cpu_seconds=30).at_least(chain.needs)
    run = await backend.start(Job(id="repl", language=language, repl=True, terminal=Terminal(), open_input=True, limits=limits))
    await run.write(line.encode())
    said = ""
    async with asyncio.timeout(60):
        async for event in run:
            if isinstance(event, Data):
                said += event.data.decode("utf-8", "replace")
            if answer in said:
                run.stop()
    assert answer in said
