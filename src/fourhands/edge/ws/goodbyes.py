"""How a connection ended, in few enough words to be counted by."""

from typing import TYPE_CHECKING, Literal, cast

from picows import WSTransport

from fourhands.protocol.close import CloseCode

if TYPE_CHECKING:
    from picows.picows import WSCloseHandshake

By = Literal["server", "client", "none"]

NO_CODE, NOBODY = 1005, 1006
KNOWN = {code.value for code in CloseCode} | {1001, NO_CODE}
"""Our codes, and those that browsers send; clients may send thousands of others."""


def goodbye(transport: WSTransport) -> tuple[By, str]:
    """Who closed first, and with which code."""
    shook = cast("WSCloseHandshake | None", transport.close_handshake)  # its stub promises one
    if shook is None or (shook.sent is None and shook.recv is None):
        return "none", str(NOBODY)
    by, said = ("client", shook.recv) if shook.recv_then_sent or shook.sent is None else ("server", shook.sent)
    code = NO_CODE if said is None else cast("int", said.code)
    return by, str(code) if code in KNOWN else "other"
