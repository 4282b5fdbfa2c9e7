"""The y-protocols frames (https://github.com/yjs/y-protocols), and our own type 16 around them.

0 sync: 0 step 1 (state vector) | 1 step 2 (update) | 2 update      1 awareness update
2 auth: 0 permission denied (reason)                                3 query awareness
16 event: JSON, see `events.py`
"""

from dataclasses import dataclass
from enum import IntEnum

from fourhands.errors import InvalidRequest
from fourhands.protocol.varint import read_bytes, read_varuint, write_bytes, write_varuint


class Kind(IntEnum):
    """What a message is; sync messages are told apart here, not by a second look."""

    STEP1 = 0
    STEP2 = 1
    UPDATE = 2
    AWARENESS = 3
    AUTH = 4
    QUERY_AWARENESS = 5
    EVENT = 6


_SYNC = (Kind.STEP1, Kind.STEP2, Kind.UPDATE)
_OTHERS = {1: Kind.AWARENESS, 16: Kind.EVENT}
_EVENT_PREFIX = write_varuint(16)

EMPTY_UPDATE = b"\x00\x00"
"""A Yjs v1 update that holds no structs and deletes nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded message; `payload` is the state vector, update, awareness update or JSON inside it."""

    kind: Kind
    payload: bytes


QUERY = Message(Kind.QUERY_AWARENESS, b"")


UPDATE, AWARENESS = b"\x00\x02", b"\x01"
"""How messages of these kinds begin, as everybody writes them."""


def decode(data: bytes) -> Message:
    """Read one message. Raises `InvalidRequest` if it is none, is cut short, or has bytes left over."""
    kind, position = read_varuint(data, 0)
    if kind == 3:
        message, end = QUERY, position
    elif kind == 0:
        step, position = read_varuint(data, position)
        if step > 2:
            raise InvalidRequest(f"There is no sync message of kind {step}.")
        payload, end = read_bytes(data, position)
        message = Message(_SYNC[step], payload)
    elif kind == 2:
        _, position = read_varuint(data, position)
        payload, end = read_bytes(data, position)
        message = Message(Kind.AUTH, payload)
    elif kind in _OTHERS:
        payload, end = read_bytes(data, position)
        message = Message(_OTHERS[kind], payload)
    else:
        raise InvalidRequest(f"There is no message of type {kind}.")
    if end != len(data):
        raise InvalidRequest("This message has bytes left over.")
    return message


def step1(state_vector: bytes) -> bytes:
    return b"\x00\x00" + write_bytes(state_vector)


def step2(update: bytes) -> bytes:
    return b"\x00\x01" + write_bytes(update)


def update(data: bytes) -> bytes:
    return UPDATE + write_bytes(data)


def awareness(data: bytes) -> bytes:
    return AWARENESS + write_varuint(len(data)) + data  # for every cursor: one call less than `write_bytes`


def permission_denied(reason: str) -> bytes:
    return b"\x02\x00" + write_bytes(reason.encode())


def event(json: bytes) -> bytes:
    return _EVENT_PREFIX + write_bytes(json)
