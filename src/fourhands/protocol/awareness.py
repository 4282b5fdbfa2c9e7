"""Awareness updates of y-protocols: who is where, as JSON states with a clock per Yjs client id.

An update is varUint count, then for each: varUint client id, varUint clock, varString JSON (`null`: gone).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fourhands.errors import InvalidRequest
from fourhands.protocol.varint import read_bytes, read_varuint, write_varuint

GONE = b"null"


class Entry(NamedTuple):
    """One client's state; `state` is its JSON text, `GONE` when it left."""

    client: int
    clock: int
    state: bytes


def decode(data: bytes, most: int) -> Sequence[Entry]:
    """Read an awareness update of at most `most` entries. Raises `InvalidRequest`."""
    count, position = read_varuint(data, 0)
    if count > most:
        raise InvalidRequest(f"An awareness message may hold {most} states, this one says {count}.")
    entries: list[Entry] = []
    for _ in range(count):
        client, position = read_varuint(data, position)
        clock, position = read_varuint(data, position)
        state, position = read_bytes(data, position)
        entries.append(Entry(client, clock, state))
    if position != len(data):
        raise InvalidRequest("This awareness message has bytes left over.")
    return entries


def encode(entries: Iterable[Entry]) -> bytes:
    """The awareness update that holds these entries."""
    return join(map(encode_entry, entries))


def encode_entry(entry: Entry) -> bytes:
    """A part of an awareness update."""
    client, clock, state = entry
    return b"".join((write_varuint(client), write_varuint(clock), write_varuint(len(state)), state))


def join(parts: Iterable[bytes]) -> bytes:
    """The awareness update of these parts."""
    parts = list(parts)
    return b"".join((write_varuint(len(parts)), *parts))
