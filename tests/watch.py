"""Ends what a process of these tests has started, should that process end without doing so: by kill -9, by a time-out, by a machine that lacks memory.

A lock on a file says that somebody lives: the system lets it go however a process ends, and whoever waits for it then does what there is to be done.
"""

import fcntl
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

PROGRAM = shutil.which("flock")


def when_nobody_holds(file: Path, command: Sequence[str]) -> "subprocess.Popen[bytes] | None":
    """Have the system run a command once nobody holds the lock on that file any more, however long that takes."""
    if PROGRAM is None:
        return None
    nowhere = subprocess.DEVNULL
    return subprocess.Popen([PROGRAM, "--exclusive", str(file), *command], stdin=nowhere, stdout=nowhere, stderr=nowhere, cwd="/", start_new_session=True)


class Watch:
    """Has a command run if this process ends before `end`."""

    def __init__(self, file: Path, command: Sequence[str]) -> None:
        self._file = file.open("a")
        fcntl.flock(self._file, fcntl.LOCK_SH)
        self._waits = when_nobody_holds(file, command)

    def end(self) -> None:
        """It is not needed any more."""
        if self._waits is not None:
            self._waits.kill()
            self._waits.wait()
        self._file.close()
