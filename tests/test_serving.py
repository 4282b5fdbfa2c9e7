"""Starting either works or says why."""

import socket
from pathlib import Path

import pytest

from fourhands.edge.server import listen
from fourhands.errors import FourhandsError
from fourhands.serving import serve
from fourhands.settings import Settings


def test_a_taken_port_is_an_error_at_once() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", taken.getsockname()[1])
    with listen("::1", 0) as six:
        assert six.family is socket.AF_INET6


def test_whoever_goes_without_a_word_is_noticed_within_45_seconds() -> None:
    with listen("127.0.0.1", 0) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            idle, between, count = (accepted.getsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{name}")) for name in ("IDLE", "INTVL", "CNT"))
            assert idle + between * count <= 45


def test_a_start_that_fails_raises_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "fourhands.db").write_text("This is no database, whatever its name says. " * 20)
    with pytest.raises(FourhandsError):
        serve(Settings(data_dir=tmp_path, port=0), started=lambda address: pytest.fail(f"it serves on {address}"))
