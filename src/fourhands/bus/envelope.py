"""Messages as bytes, and back: versioned, signed with who sent them and in which order. Pure.

    1 byte version and kind │ 16 letters of the sending instance │ 8 bytes: the how manieth of its parcels on that channel │ MessagePack

What is larger than `PIECE_BYTES` goes as several parcels, since whoever writes a large one holds up everybody's.
"""

from collections.abc import Iterator, Sequence

import msgspec

from fourhands.bus.messages import Message

WHOLE, PIECE = b"\x01", b"\x02"
"""Version 1 of the codec: a list of messages, and a part of one. An instance that does not know a version drops it, and says so."""
INSTANCE_LETTERS = 16
HEAD_BYTES = 1 + INSTANCE_LETTERS + 8
PIECE_BYTES = 256 * 1024
MOST_BYTES = 128 * 1024 * 1024
"""What is put together of pieces has at most so many: more than any document may have."""

EVERYBODY = "*"
"""The channel of the whole installation; every instance hears it."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Message]).decode
_decode_raw = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_decode_one = msgspec.msgpack.Decoder(Message).decode


def inbox_of(instance: str) -> str:
    """The channel that one instance alone hears."""
    return f"@{instance}"


class BadParcel(Exception):
    """It cannot be read: of another version, or damaged. Nothing of it is used."""


def parcels(instance: bytes, number: int, messages: Sequence[Message]) -> Sequence[bytes]:
    """Messages of one instance for one channel; the first parcel has that number, the others the next ones."""
    body = _encode(messages)
    if len(body) <= PIECE_BYTES:
        return [b"".join((WHOLE, instance, number.to_bytes(8, "big"), body))]
    cut = [body[at : at + PIECE_BYTES] for at in range(0, len(body), PIECE_BYTES)]
    head = [(len(cut) - left).to_bytes(4, "big") + len(cut).to_bytes(4, "big") for left in range(len(cut), 0, -1)]
    return [b"".join((PIECE, instance, (number + at).to_bytes(8, "big"), head[at], part)) for at, part in enumerate(cut)]


def decode(body: bytes) -> Sequence[Message]:
    """The messages of a body; kinds that are not known are passed over. Raises `BadParcel`."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, RecursionError):
        try:
            return list(_known(_decode_raw(body)))
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadParcel("These bytes are no messages.") from error


def _known(raws: Sequence[msgspec.Raw]) -> Iterator[Message]:
    for raw in raws:
        try:
            yield _decode_one(raw)
        except msgspec.ValidationError:  # of a newer instance
            continue


class Inbox:
    """Puts one channel's parcels together, and passes over what came twice: an instance whose connection broke sends again what may not have arrived.

    Invariant: of each sender at most one message is under way, of at most `MOST_BYTES`.
    """

    __slots__ = ("_parts", "_seen", "missed")

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}
        self._parts: dict[bytes, list[bytes]] = {}
        self.missed = False  # whether a sender's number was skipped since that was last looked at

    def take(self, parcel: bytes) -> tuple[str, Sequence[Message]] | None:
        """Who sent it, and what; None while more is to come, or for what came before. Raises `BadParcel`."""
        kind, sender = parcel[:1], parcel[1 : 1 + INSTANCE_LETTERS]
        if kind not in {WHOLE, PIECE} or len(parcel) < HEAD_BYTES or not sender.isascii():
            raise BadParcel("This parcel is of no version that is known here.")
        number, last = int.from_bytes(parcel[1 + INSTANCE_LETTERS : HEAD_BYTES], "big"), self._seen.get(sender)
        if last is not None and number <= last:
            return None
        self.missed |= last is not None and number != last + 1
        self._seen[sender] = number
        body = parcel[HEAD_BYTES:] if kind == WHOLE else self._put_together(sender, parcel)
        return None if body is None else (sender.decode(), decode(body))

    def forget(self, sender: str) -> None:
        """That instance is gone."""
        self._seen.pop(sender.encode(), None)
        self._parts.pop(sender.encode(), None)

    def _put_together(self, sender: bytes, parcel: bytes) -> bytes | None:
        at, of = (int.from_bytes(parcel[start : start + 4], "big") for start in (HEAD_BYTES, HEAD_BYTES + 4))
        parts = self._parts.setdefault(sender, [])
        if at == 0:
            parts.clear()
        if at != len(parts) or of * PIECE_BYTES > MOST_BYTES + PIECE_BYTES:
            self._parts.pop(sender)
            self.missed = True  # its beginning came before we listened, or never
            return None
        parts.append(parcel[HEAD_BYTES + 8 :])
        return b"".join(self._parts.pop(sender)) if at + 1 == of else None
