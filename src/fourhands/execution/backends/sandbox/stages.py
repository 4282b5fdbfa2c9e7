"""What runs inside between bubblewrap and the payload: a shell that compiles, reports, waits for a word, and becomes the program.

It reports on a descriptor that no payload has. The compiler, which runs people's text too, runs as the same user as the
shell; so the shell is made one that its own user may not look into: it is started from a file without the right to read,
which makes the kernel refuse everybody its descriptors and its memory (PR_SET_DUMPABLE 0, `man 5 proc`). Pure.
"""

PICTURES, GO, MARKER = 7, 8, 9
"""Descriptors of the shell; a POSIX shell knows only those of one digit. The program has `PICTURES` alone."""
STARTED, COMPILED, WAITING, DONE = b"s", b"r", b"w", b"\n"
"""What is said on `MARKER`: the shell runs; it has compiled and waits; our program in a warm sandbox waits. What the shell waits for."""
SHELL = "/run/fourhands/sh"
"""Where the shell lies inside."""


def build_script(compile_line: str, run_line: str) -> str:
    """The shell's script; its `"$@"` are the program's arguments."""
    lines = [f"printf s >&{MARKER}"]
    if compile_line:
        lines += [
            f"( exec {PICTURES}>&- {GO}<&- {MARKER}>&- </dev/null",
            compile_line,
            ") || exit",
            f"printf r >&{MARKER}",
            f"read -r go <&{GO} || exit 125",
        ]
    lines += [f"exec {GO}<&- {MARKER}>&-", run_line]
    return "\n".join(lines) + "\n"


def build_warm_script(run_line: str) -> str:
    """The same for a program of ours that waits inside for what it is to do: it reads that from `GO`, and says `WAITING`."""
    return f"printf s >&{MARKER}\n{run_line}\n"
