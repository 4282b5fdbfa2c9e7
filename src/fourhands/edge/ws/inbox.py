"""From WebSocket frames to whole messages: the rules of RFC 6455 that picows leaves to its user.

Reserved bits, fragmentation, sizes over all fragments, UTF-8; text is refused where a door does not speak it.
"""

import codecs

from picows import WSFrame, WSMsgType

from fourhands.protocol.close import CloseCode

_utf8_decoder = codecs.getincrementaldecoder("utf-8")


class WireError(Exception):
    """The frames break the WebSocket protocol; the connection is closed with `close` (a code of RFC 6455)."""

    def __init__(self, close: CloseCode, message: str) -> None:
        super().__init__(message)
        self.close = close


class Inbox:
    """Puts fragments together.

        between messages ──BINARY or TEXT, not final──> inside one ──CONTINUATION, final──> between messages

    Invariant: `_size` is the length of `_parts`, and never over the limit. `is_text` tells of the message begun last.
    """

    __slots__ = ("_accepts_text", "_inside", "_most_bytes", "_most_fragments", "_parts", "_size", "_utf8", "is_text")

    def __init__(self, most_bytes: int, most_fragments: int, *, text: bool = False) -> None:
        self._most_bytes, self._most_fragments = most_bytes, most_fragments
        self._accepts_text = text
        self._parts: list[bytes] = []
        self._size = 0
        self._inside = False
        self._utf8: codecs.IncrementalDecoder | None = None  # of the text message that is under way
        self.is_text = False

    def take(self, frame: WSFrame) -> bytes | None:
        """A data frame; the message if it is whole now. Raises `WireError`."""
        goes_on = frame.msg_type is WSMsgType.CONTINUATION
        if goes_on is not self._inside:
            raise WireError(CloseCode.PROTOCOL_ERROR, "A continuation without a start." if goes_on else "A new message inside a message.")
        if not goes_on:
            self._begin(frame.msg_type is WSMsgType.TEXT)
        if self._size + frame.payload_size > self._most_bytes:
            raise WireError(CloseCode.TOO_BIG, f"A message may have {self._most_bytes:,} bytes.")
        payload = frame.get_payload_as_bytes()
        if self._utf8 is not None:
            _check_text(self._utf8, payload, final=frame.fin)
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

    def _begin(self, is_text: bool) -> None:
        if is_text and not self._accepts_text:
            raise WireError(CloseCode.UNSUPPORTED_DATA, "This connection speaks binary frames.")
        self.is_text = is_text
        self._utf8 = _utf8_decoder() if is_text else None


def _check_text(decoder: codecs.IncrementalDecoder, payload: bytes, *, final: bool) -> None:
    """Text is checked as it comes: a wrong byte ends it before its last fragment (RFC 6455, section 8.1)."""
    try:
        decoder.decode(payload, final)
    except UnicodeDecodeError:
        raise WireError(CloseCode.INVALID_TEXT, "This text is not UTF-8.") from None


def check_reserved_bits(frame: WSFrame) -> None:
    """No extension is negotiated, so all three are zero (RFC 6455, section 5.2). Raises `WireError`."""
    if frame.rsv1 or frame.rsv2 or frame.rsv3:
        raise WireError(CloseCode.PROTOCOL_ERROR, "A reserved bit is set.")
