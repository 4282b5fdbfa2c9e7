"""Python that waits is Python as it always is, and nobody's before."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.sandbox import readable
from fourhands.execution.backends.sandbox.warm import WarmPool, letter_of, warm_line
from fourhands.execution.port import Data, Limits, SourceFile, Terminal
from tests.execution.sandboxes import PYTHON, WARM_PYTHON, checked_backend, job, needs_sandbox, run_job

pytestmark = [needs_sandbox, pytest.mark.asyncio(loop_scope="module")]

PROGRAMS = {
    "names": "print(sorted(globals()), __name__, __file__, __spec__, __builtins__.__name__)",
    "paths": "import sys; print(sys.argv, sys.path, sys.flags, sys.orig_argv[-2:])",
    "traceback": "def f():\n    return 1 / 0\nf()",
    "syntax": "x = (\n",
    "exit": "import sys; sys.exit('bye')",
    "exit code": "raise SystemExit(5)",
    "interrupted": "raise KeyboardInterrupt",
    "chained": "try:\n    1/0\nexcept Exception as e:\n    raise ValueError('x') from e",
    "main module": "import __main__, pickle\nclass A: pass\nprint(pickle.loads(pickle.dumps(A())).__class__, __main__.A is A)",
    "processes": "import multiprocessing as m\ndef f(x): return x * x\nif __name__ == '__main__':\n    with m.Pool(2) as p: print(p.map(f, [1, 2, 3]))",
    "other files": "import file1; print(file1.x, open('file1.py').read())",
    "files": "import os; print(sorted(os.listdir('.')), os.getcwd(), sorted(os.listdir('/proc/self/fd')))",
    "modules": "import sys; print('marshal' in sys.modules, 'asyncio' in sys.modules)",
    "exit hooks": "import atexit; atexit.register(print, 'end'); print('begin')",
    "own hook": "import sys; sys.excepthook = lambda k, e, t: print('mine', k.__name__, t.tb_lineno)\n1/0",
    "encoding": "# -*- coding: latin-1 -*-\nprint(ascii('\xe9'))",
    "annotations": "x: int = 5\nprint(__annotations__)",
    "future": "from __future__ import annotations\ndef f(x: y): pass\nprint(f.__annotations__)",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[SandboxBackend]:
    async with checked_backend(PYTHON, WARM_PYTHON, warm=1) as made:
        yield made


def pool_of(backend: SandboxBackend) -> WarmPool:
    assert backend._warm is not None
    return backend._warm


async def ready(backend: SandboxBackend) -> None:
    async with asyncio.timeout(20):
        while not pool_of(backend)._ready:  # noqa: ASYNC110 - the pool tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_program_cannot_tell(backend: SandboxBackend, name: str) -> None:
    wanted = job("warm", PROGRAMS[name], "x = 5", args=("a", "b c"), stdin=b"in")
    await ready(backend)
    waiting = pool_of(backend)._ready[0]
    warm = await run_job(backend, wanted)
    assert waiting not in pool_of(backend)._ready
    cold = await run_job(backend, msgspec.structs.replace(wanted, language="python"))
    assert (warm.output, warm.errors, warm.last.status, warm.last.code, warm.last.signal) == (
        cold.output,
        cold.errors,
        cold.last.status,
        cold.last.code,
        cold.last.signal,
    )


async def test_limits_are_the_jobs(backend: SandboxBackend) -> None:
    for source, limits, status in (
        ("x = bytearray(100 << 20)", Limits(memory_bytes=64 << 20), "memory_limit"),
        ("while True: pass", Limits(cpu_seconds=0.3), "cpu_time"),
        ("import time; time.sleep(9)", Limits(wall_seconds=0.3), "wall_time"),
    ):
        await ready(backend)
        assert (await run_job(backend, job("warm", source, limits=limits))).status == status


async def test_input_and_large_programs_arrive(backend: SandboxBackend) -> None:
    await ready(backend)
    run = await backend.start(job("warm", "print(len(open('file1.py').read()), input())", "#" * 900_000, open_input=True))
    await run.write(b"typed\n")
    said = b"".join([event.data async for event in run if isinstance(event, Data)])
    assert said == b"900000 typed\n"


@pytest.mark.parametrize("fields", [{"terminal": Terminal()}, {"limits": Limits(disk_bytes=1 << 20)}, {"limits": Limits(open_files=500)}])
async def test_what_does_not_fit_is_run_cold(backend: SandboxBackend, fields: dict[str, Any]) -> None:
    await ready(backend)
    waiting = pool_of(backend)._ready[0]
    assert (await run_job(backend, job("warm", "print(1)", **fields))).output.strip() == "1"
    assert waiting in pool_of(backend)._ready


async def test_one_that_died_is_not_given_out(backend: SandboxBackend) -> None:
    await ready(backend)
    waiting = pool_of(backend)._ready[0]
    waiting.kill()
    await readable(waiting._process.descriptor)
    assert (await run_job(backend, job("warm", "print(2)"))).output == "2\n"


async def test_another_toolchain_is_started_ahead_after_the_next_check(backend: SandboxBackend) -> None:
    await ready(backend)
    backend.use((PYTHON, msgspec.structs.replace(WARM_PYTHON, environment={"NEW": "yes"})))
    wanted = job("warm", "import os; print(os.environ.get('NEW'))")
    assert (await run_job(backend, wanted)).output == "yes\n"
    assert (await backend.check()).ok
    await ready(backend)
    waiting = pool_of(backend)._ready[0]
    assert (await run_job(backend, wanted)).output == "yes\n"
    assert waiting not in pool_of(backend)._ready


async def test_only_a_line_of_the_usual_form_can_be_started_ahead() -> None:
    assert warm_line(WARM_PYTHON) == "exec /usr/bin/python3 -u /opt/fourhands/warm/main.py"
    assert warm_line(msgspec.structs.replace(WARM_PYTHON, run="exec python3 {main} | cat")) == ""
    assert letter_of(job("warm", "x", args=("a",)))[:4] == (len(letter_of(job("warm", "x", args=("a",)))) - 4).to_bytes(4, "big")
    assert SourceFile("main.py", b"x") == job("warm", "x").files[0]
