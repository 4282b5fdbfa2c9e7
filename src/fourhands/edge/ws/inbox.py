"""From WebSocket frames to whole messages: the rules of RFC 6455 that picows leaves to its user.

Reserved bits, fragmentation, sizes over all fragments, close codes; a text frame is refused, our wire is binary.
"""

from picows import WSFrame, WSMsgType

from fourhands.protocol.close import CloseCode


class WireError(Exception):
    """The frames break the WebSocket protocol; the connection is closed with `close` (a code of RFC 6455)."""

    def __init__(self, close: CloseCode, message: str) -> None:
        super().__init__(message)
        self.close = close


class Inbox:
    """Puts fragments together.

        between messages ──BINARY, not final──> inside one ──CONTINUATION, final──> between messages

    Invariant: `_size` is the length of `_parts`, and never over the limit.
    """

    __slots__ = ("_inside", "_most_bytes", "_most_fragments", "_parts", "_size")

    def __init__(self, most_bytes: int, most_fragments: int) -> None:
        self._most_bytes, self._most_fragments = most_bytes, most_fragments
        self._parts: list[bytes] = []
        self._size = 0
        self._inside = False

    def take(self, frame: WSFrame) -> bytes | None:
        """A data frame; the message if it is whole now. Raises `WireError`."""
        if frame.msg_type is WSMsgType.TEXT:
            raise WireError(CloseCode.UNSUPPORTED_DATA, "This connection speaks binary frames.")
        goes_on = frame.msg_type is WSMsgType.CONTINUATION
        if goes_on is not self._inside:
            raise WireError(CloseCode.PROTOCOL_ERROR, "A continuation without a start." if goes_on else "A new message inside a message.")
        if self._size + frame.payload_size > self._most_bytes:
            raise WireError(CloseCode.TOO_BIG, f"A message may have {self._most_bytes:,} bytes.")
        payload = frame.get_payload_as_bytes()
        if frame.fin and not goes_on:
            return payload
        if len(self._parts) >= self._most_fragments:
            raise WireError(CloseCode.TOO_BIG, f"A message may have {self._most_fragments} fragments.")
        self._parts.append(payload)
        self._size += len(payload)
        self._inside = not frame.fin
        if self._inside:
            return None
        whole = b"".join(self._parts)
        self._parts, self._size = [], 0
        return whole


def check_reserved_bits(frame: WSFrame) -> None:
    """No extension is negotiated, so all three are zero (RFC 6455, section 5.2). Raises `WireError`."""
    if frame.rsv1 or frame.rsv2 or frame.rsv3:
        raise WireError(CloseCode.PROTOCOL_ERROR, "A reserved bit is set.")
