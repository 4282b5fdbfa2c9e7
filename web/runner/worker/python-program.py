"""The Python side of the Python worker: input that waits, and each program in a fresh `__main__`.

Run once as the module `<runner>` while the worker boots; python.ts then calls `run_program`.
"""

import atexit
import asyncio
import io
import linecache
import os
import sys
import traceback
import types

import runner_io
from pyodide.code import eval_code_async
from pyodide.ffi import can_run_sync, run_sync


class PanelInput(io.TextIOBase):
    """`sys.stdin`: lines that the person gives in the output panel.

    Waiting needs a stack that the browser can suspend (JSPI). Where it cannot, all input is given beforehand and `readline`
    never waits.
    """

    encoding = "utf-8"
    errors = "strict"
    name = "<stdin>"
    mode = "r"

    def readable(self):
        return True

    def isatty(self):
        return True

    def readline(self, size=-1):
        sys.stdout.flush()
        line = runner_io.lineNow()
        if not isinstance(line, str) and not runner_io.ended():
            if not can_run_sync():
                raise OSError("input() cannot wait for a line in this place: it was called back by the browser")
            line = run_sync(runner_io.line())
        return line + "\n" if isinstance(line, str) else ""

    def read(self, size=-1):
        return "".join(iter(self.readline, ""))

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line


def only_own_frames(report, names):
    """Drop the frames that are not the program's from a traceback and from those of its causes."""
    own = [frame for frame in report.stack if frame.filename in names]
    report.stack = traceback.StackSummary.from_list(own)
    for other in (report.__cause__, report.__context__, *(report.exceptions or ())):
        if other is not None:
            only_own_frames(other, names)


def print_error(error, names):
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] not in sys.stdlib_module_names:
        error.add_note("Python in the browser has its standard library and nothing else.")
    report = traceback.TracebackException.from_exception(error)
    only_own_frames(report, names)
    if not report.stack and not isinstance(error, SyntaxError):
        report = traceback.TracebackException.from_exception(error)
    print("".join(report.format()), end="", file=sys.stderr)


def exit_code(exit):
    if exit.code is None or isinstance(exit.code, int):
        return (exit.code or 0) & 0xFF
    print(exit.code, file=sys.stderr)
    return 1


async def run_program(files, entry):
    """Run `files[entry]` as `python entry` would; gives back the exit code."""
    source = files[entry]
    module = types.ModuleType("__main__")
    module.__file__ = entry
    sys.modules["__main__"] = module
    sys.argv = [entry]
    sys.path.insert(0, "")
    for name, text in files.items():
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    code = 0
    try:
        await eval_code_async(source, module.__dict__, filename=entry)
        if not runner_io.canSuspend:
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    except SystemExit as exit:
        code = exit_code(exit)
    except BaseException as error:
        print_error(error, set(files))
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def leave(status):
    """`os._exit`: ending the interpreter itself would leave the worker waiting for ever."""
    runner_io.leave(status & 0xFF)
    raise SystemExit(status)


def start_only(main, *, debug=None, loop_factory=None):
    """`asyncio.run` where the browser cannot suspend a program: the program goes on, and its end waits for `main`."""
    return asyncio.ensure_future(main)


sys.stdin = PanelInput()
os._exit = leave
if not runner_io.canSuspend:
    asyncio.run = start_only
