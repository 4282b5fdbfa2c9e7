"""The descriptors of a sandbox."""

import fcntl
import gc
import struct
import termios
from pathlib import Path

from fourhands.execution.backends.sandbox.channels import IUTF8, open_channels, read_some, resize
from fourhands.execution.port import Terminal


def test_every_descriptor_is_closed() -> None:
    gc.collect()
    before = set(Path("/proc/self/fd").iterdir())
    for terminal in (None, Terminal()):
        channels = open_channels(terminal, None)
        channels.close_go()
        channels.close_stdin()
        channels.close()
        channels.close()
    assert set(Path("/proc/self/fd").iterdir()) <= before  # what an earlier test left may be closed meanwhile


def test_an_end_is_seen_once_theirs_are_closed() -> None:
    channels = open_channels(None, None)
    assert read_some(channels.outputs["stdout"]) is None
    channels.close_theirs()
    assert read_some(channels.outputs["stdout"]) == b""
    assert read_some(channels.marker) == b""
    channels.close()


def test_a_terminal_has_its_size_edits_characters_and_ends() -> None:
    channels = open_channels(Terminal(90, 30), None)
    slave = channels.theirs[0]
    assert channels.theirs[1] == channels.theirs[2] == slave
    assert termios.tcgetattr(slave)[0] & IUTF8
    resize(channels.stdin, 100, 0)
    assert struct.unpack("HHHH", fcntl.ioctl(slave, termios.TIOCGWINSZ, bytes(8)))[:2] == (1, 100)
    channels.close_theirs()
    assert read_some(channels.outputs["stdout"]) == b""
    channels.close()
