"""What a stream brings, and the commands that name it."""

from fourhands.bus.envelope import parcels
from fourhands.bus.messages import Durable, Message
from fourhands.bus.stream import Stream, entry_id, pack, read_command

ADA, LIN = b"a" * 16, b"b" * 16


def entries(*said: bytes) -> list[tuple[bytes, list[bytes]]]:
    return [(b"%d-0" % number, [b"m", one]) for number, one in enumerate(said, 1)]


def test_what_others_said_is_heard_and_our_own_and_wakes_are_not() -> None:
    heard: list[tuple[str, list[Message]]] = []
    stream = Stream("room", b"key", lambda sender, messages: heard.append((sender, list(messages))))
    (own,), (other,) = parcels(ADA, 1, [Durable(1)]), parcels(LIN, 1, [Durable(2)])
    assert not stream.take(ADA, entries(own, b"", other, b"\x09nonsense"))
    assert heard == [(LIN.decode(), [Durable(2)])]


def test_that_one_is_missing_is_said_once() -> None:
    stream = Stream("room", b"key", lambda sender, messages: None)
    said = [parcels(LIN, number, [Durable(number)])[0] for number in (1, 3, 4)]
    assert stream.take(ADA, entries(*said[:2]))
    assert not stream.take(ADA, entries(said[2]))


def test_a_mistake_in_one_who_hears_does_not_end_the_reading() -> None:
    heard: list[Message] = []

    def hear(_: str, messages: object) -> None:
        heard.extend(messages)  # pyright: ignore[reportArgumentType]
        if heard == [Durable(1)]:
            raise ValueError

    stream = Stream("room", b"key", hear)
    stream.take(ADA, entries(*(parcels(LIN, number, [Durable(number)])[0] for number in (1, 2))))
    assert heard == [Durable(1), Durable(2)]


def test_a_read_names_keys_then_places() -> None:
    stream = Stream("room", b"key", lambda sender, messages: None)
    stream.seen(b"12-3")
    assert read_command([b"key"]) + stream.place == pack("XREAD", "BLOCK", 2000, "COUNT", 500, "STREAMS", "key", "12-3")


def test_ids_are_compared_by_their_numbers() -> None:
    assert entry_id(b"9-1") < entry_id(b"10-0") < entry_id(b"10-2")
    assert entry_id(b"10") == (10, 0)
