"""What the backend offers and refuses."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fourhands.errors import InvalidRequest, NotFound, TooLarge
from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.options import SandboxOptions
from fourhands.execution.port import Needs, SourceFile, Terminal
from tests.execution.sandboxes import SHELL, TOOLCHAINS, checked_backend, job, needs_sandbox, outcome_of, run_job

pytestmark = [needs_sandbox, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[SandboxBackend]:
    async with checked_backend() as made:
        yield made


async def test_it_says_what_it_runs(backend: SandboxBackend) -> None:
    offered = {runtime.language: runtime for runtime in backend.runtimes()}
    assert offered.keys() == {toolchain.language for toolchain in TOOLCHAINS}
    assert offered["c"].compiled and not offered["c"].repl and offered["c"].needs == Needs(compile_memory_bytes=1 << 30)
    assert offered["python"].repl and not offered["python"].compiled
    assert backend.name == "sandbox"
    assert backend.health.ok


async def test_a_language_has_more_than_one_name(backend: SandboxBackend) -> None:
    assert (await run_job(backend, job("bash", "echo alias"))).output == "alias\n"


async def test_what_makes_no_sense_is_refused(backend: SandboxBackend) -> None:
    with pytest.raises(NotFound, match="cobol"):
        await backend.start(job("cobol", "x"))
    with pytest.raises(InvalidRequest, match="cannot be called"):
        await backend.start(job("python", files=(SourceFile("../x", b""),)))
    with pytest.raises(TooLarge):
        await backend.start(job("python", "#" * 2_000_000))


async def test_a_repl_needs_no_file(backend: SandboxBackend) -> None:
    run = await backend.start(job("python", repl=True, terminal=Terminal(), stdin=b"21 * 2\nexit()\n"))
    assert "42" in (await outcome_of(run)).output


async def test_files_in_folders_are_where_they_belong(backend: SandboxBackend) -> None:
    files = (SourceFile("main.py", b"import a.b.c; print(a.b.c.x)"), SourceFile("a/b/c.py", b"x = 5"), SourceFile("-rf", b""), SourceFile("größe", b""))
    assert (await run_job(backend, job("python", files=files))).output == "5\n"


async def test_sixty_four_files_are_taken(backend: SandboxBackend) -> None:
    assert (await run_job(backend, job("sh", "ls | wc -l", *["x"] * 63))).output.strip() == "64"


async def test_programs_run_on_the_processors_that_they_are_given() -> None:
    last = max(os.sched_getaffinity(0))
    backend = SandboxBackend(TOOLCHAINS, SandboxOptions(warm=0, forks=1, processors=(last,)))
    try:
        assert (await backend.check()).ok
        said = await run_job(backend, job("python", "import os\nprint(*os.sched_getaffinity(0))"))
        assert said.output == f"{last}\n"
    finally:
        await backend.close()


async def test_what_it_runs_may_change(backend: SandboxBackend) -> None:
    backend.use((SHELL,))
    assert [runtime.language for runtime in backend.runtimes()] == ["sh"]
    with pytest.raises(NotFound):
        await backend.start(job("python", "print(1)"))
    backend.use(TOOLCHAINS)
