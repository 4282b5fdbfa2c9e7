"""Who ended a connection, and with what."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from picows import WSTransport

from fourhands.edge.ws.goodbyes import goodbye

SERVER, CLIENT = SimpleNamespace(code=4508), SimpleNamespace(code=1001)


def shook(sent: Any = None, recv: Any = None, *, recv_then_sent: bool = False) -> WSTransport:
    return cast("WSTransport", SimpleNamespace(close_handshake=SimpleNamespace(sent=sent, recv=recv, recv_then_sent=recv_then_sent)))


@pytest.mark.parametrize(
    ("transport", "said"),
    [
        (shook(sent=SERVER), ("server", "4508")),
        (shook(sent=SERVER, recv=SERVER), ("server", "4508")),
        (shook(sent=CLIENT, recv=CLIENT, recv_then_sent=True), ("client", "1001")),
        (shook(recv=CLIENT, recv_then_sent=True), ("client", "1001")),
        (shook(recv=SimpleNamespace(code=3999), recv_then_sent=True), ("client", "other")),
        (shook(), ("none", "1006")),
        (cast("WSTransport", SimpleNamespace(close_handshake=None)), ("none", "1006")),
    ],
)
def test_who_closed_first_and_why(transport: WSTransport, said: tuple[str, str]) -> None:
    assert goodbye(transport) == said
