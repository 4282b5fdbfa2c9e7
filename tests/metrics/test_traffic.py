"""What connections carried is what the kernel says."""

import socket
from collections.abc import Iterator

import pytest

from fourhands.metrics.traffic import Traffic


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as theirs:
        ours, _ = listening.accept()
        with ours:
            yield ours, theirs


def test_bytes_and_segments_of_a_connection(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(b"x" * 100)
    assert len(ours.recv(1000)) == 100
    ours.sendall(b"y" * 7)
    assert len(theirs.recv(1000)) == 7
    traffic = Traffic()
    traffic.add(3, ours)
    assert traffic == Traffic(3, 100, 7, 1, 1)
    later = traffic.copy()
    later.add(1, ours)
    assert (later.received_bytes, traffic.received_bytes) == (200, 100)


def test_what_is_no_tcp_or_is_closed_counts_its_edits_alone() -> None:
    one, other = socket.socketpair()
    traffic = Traffic()
    with other:
        traffic.add(1, one)
        one.close()
        traffic.add(1, one)
        traffic.add(1, None)
    assert traffic == Traffic(3)
