"""The program that waits inside; `test_warm.py` compares it with Python as it always is."""

import os
import subprocess
import sys
from pathlib import Path

from fourhands.execution.backends.sandbox import warm
from tests.execution.sandboxes import job

MOVE = "import os, sys; os.dup2(int(sys.argv[1]), 8); os.dup2(os.open('/dev/null', 1), 9); os.execv(sys.argv[2], sys.argv[2:])"
PROGRAM = Path(warm.__file__).with_name("inside.py")


def test_it_becomes_what_it_is_told_and_nothing_when_it_is_told_nothing(tmp_path: Path) -> None:
    for letter, expected in ((warm.letter_of(job("warm", "import sys; print(sys.argv)", args=("a",))), "['main.py', 'a']\n"), (b"", ""), (b"\0\0", "")):
        read, write = os.pipe()
        command = [sys.executable, "-c", MOVE, str(read), sys.executable, str(PROGRAM)]
        waiting = subprocess.Popen(command, cwd=tmp_path, pass_fds=[read], stdout=subprocess.PIPE, text=True)
        os.close(read)
        os.write(write, letter)
        os.close(write)
        assert waiting.communicate(timeout=20) == (expected, None)
        assert waiting.returncode == 0
