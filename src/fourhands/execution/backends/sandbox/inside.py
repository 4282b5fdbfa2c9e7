"""The program that waits in a warm sandbox: Python, started ahead, that becomes whoever's program it is told. Once.

Runs inside, as the payload's user, with the machine's Python: the standard library alone, nothing newer than 3.9. On descriptor 9 it
says "w" once it waits; on descriptor 8 comes uint32 length, big-endian, then marshal of (arguments, [(name, content), ...]); the first
file is the main one. It leaves no trace of itself in `__main__`, `sys.argv`, `sys.path` or a traceback.
"""

# pyright: basic
import marshal
import os
import sys


def _read(size: int) -> bytes:
    parts = []
    while size:
        part = os.read(8, min(size, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _rehearse():
    """Do once what will be done: code and memory that were used are quick to use again."""
    with open("main.py", "wb") as file:
        file.write(b"def f(x):\n    return f'{x}'\nprint(f(1), file=out)\n")
    with open("main.py", "rb") as file, open("/dev/null", "w") as out:
        exec(compile(file.read(), os.path.abspath("main.py"), "exec", dont_inherit=True), {"out": out})
    os.unlink("main.py")
    marshal.loads(marshal.dumps((["a"], [("b", b"c")])))


def _become():
    args, files = marshal.loads(_read(int.from_bytes(_read(4), "big")))
    os.close(8)
    for name, content in files:
        if "/" in name:
            os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as file:
            file.write(content)
    main = files[0][0]
    shown = "./" + main if main[:1] in "-@+" else main
    path = os.path.abspath(main)
    sys.argv[:] = [shown, *args]
    sys.path[0] = os.path.dirname(path)
    sys.orig_argv[-1:] = [shown, *args]
    ours = vars(sys.modules["__main__"])
    theirs = sys.modules["__main__"] = type(sys)("__main__")
    vars(theirs).update({name: value for name, value in ours.items() if name.startswith("__")}, __file__=path, __doc__=None)
    return path, files[0][1], vars(theirs)


def _without_first(trace):
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace


def _run():
    path, source, names = _become()
    hook = sys.excepthook

    def without_us(kind, error, trace):
        sys.excepthook = hook
        trace = _without_first(trace)
        hook(kind, error.with_traceback(trace), trace)

    sys.excepthook = without_us
    try:
        exec(compile(source, path, "exec", dont_inherit=True), names)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        sys.excepthook(type(error), error, _without_first(error.__traceback__))
        sys.exit(1)


_rehearse()
os.write(9, b"w")
os.close(9)
_run()
