"""The hand-over from uvicorn; the upgraded connection is tested over the wire (tests/wire)."""

import pytest

from fourhands.edge.ws.upgrade import plain_connection_header


@pytest.mark.parametrize("value", [b"keep-alive, Upgrade", b"Upgrade", b"upgrade,keep-alive", b" keep-alive ,  UPGRADE "])
def test_a_connection_header_with_upgrade_in_it_becomes_upgrade(value: bytes) -> None:
    head = b"GET /sync/a HTTP/1.1\r\nhost: a\r\nconnection: " + value + b"\r\nx-connection: keep-alive, Upgrade\r\n\r\n"
    assert plain_connection_header(head) == b"GET /sync/a HTTP/1.1\r\nhost: a\r\nConnection: Upgrade\r\nx-connection: keep-alive, Upgrade\r\n\r\n"


def test_one_without_it_stays() -> None:
    head = b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n"
    assert plain_connection_header(head) == head
