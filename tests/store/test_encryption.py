"""Keys of rooms, and what they seal: it opens in its own place, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest, Unavailable
from fourhands.store.encryption import KEY_BYTES, MAGIC, NONCE_BYTES, Encryption, RoomBox
from fourhands.store.sealing import Box

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES
ROOM = "k7f3-9q2m-x4tz"


def box(since: int = 0) -> Box:
    sealer = Encryption([NEW])
    return sealer.box(ROOM, sealer.new_key(ROOM, since))


@given(st.binary(max_size=200), st.sampled_from(["log", "edits", "snapshot", "title", "name/ada"]), st.integers(0, 2**53))
def test_what_is_sealed_opens_in_its_place(plain: bytes, kind: str, position: int) -> None:
    room = box()
    sealed = room.seal(kind, position, plain)
    assert room.open(kind, position, sealed) == plain
    assert len(sealed) == len(MAGIC) + NONCE_BYTES + len(plain) + 16


@given(st.data())
def test_a_changed_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    room = box()
    sealed = bytearray(room.seal("edits", 7, b"def solve():"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unavailable):
        room.open("edits", 7, bytes(sealed))


@pytest.mark.parametrize(("kind", "position"), [("edits", 8), ("snapshot", 7), ("edits", 0), ("edits\x007", 7)])
def test_what_was_moved_does_not_open(kind: str, position: int) -> None:
    room = box()
    with pytest.raises(Unavailable, match="tampered"):
        room.open(kind, position, room.seal("edits", 7, b"x"))


def test_another_rooms_bytes_do_not_open() -> None:
    sealer = Encryption([NEW])
    key = sealer.new_key("here")
    with pytest.raises(Unavailable):
        sealer.box("there", key)
    with pytest.raises(Unavailable):
        sealer.box("there", sealer.new_key("there")).open("log", 1, sealer.box("here", key).seal("log", 1, b"x"))


def test_a_rooms_id_counts_also_where_keys_are_the_same() -> None:
    sealed = RoomBox("one", b"k" * 32, 0).seal("edits", 7, b"text")
    assert RoomBox("one", b"k" * 32, 0).open("edits", 7, sealed) == b"text"
    with pytest.raises(Unavailable):
        RoomBox("two", b"k" * 32, 0).open("edits", 7, sealed)


@pytest.mark.parametrize("cut", range(len(MAGIC) + NONCE_BYTES + 17))
def test_what_was_cut_does_not_open(cut: int) -> None:
    room = box()
    with pytest.raises(Unavailable):
        room.open("log", 1, room.seal("log", 1, b"x")[:cut])


def test_plain_bytes_count_only_where_they_were_before_encryption() -> None:
    room = box(since=5)
    assert room.open("chat", 5, b'{"text": "old"}') == b'{"text": "old"}'
    for kind, position in (("chat", 6), ("title", 0), ("name/ada", 0)):
        with pytest.raises(Unavailable, match="plain"):
            room.open(kind, position, b'{"text": "forged"}')


def test_nonces_never_repeat_here() -> None:
    room = box()
    assert len({room.seal("log", 1, b"")[len(MAGIC) :][:NONCE_BYTES] for _ in range(10_000)}) == 10_000


# ---- master keys ---------------------------------------------------------------------------------------------------


def test_a_rotation_wraps_the_same_key_again() -> None:
    before, both, after = Encryption([OLD]), Encryption([NEW, OLD]), Encryption([NEW])
    kept = before.new_key(ROOM, since=3)
    sealed = before.box(ROOM, kept).seal("log", 4, b"text")
    assert (before.knows(kept), both.knows(kept), after.knows(kept)) == (True, True, False)
    with pytest.raises(Unavailable, match="not among FOURHANDS_ENCRYPTION_KEYS"):
        after.box(ROOM, kept)
    renewed = both.renewed(ROOM, kept)
    assert after.box(ROOM, renewed).open("log", 4, sealed) == b"text"
    assert after.box(ROOM, renewed).open("chat", 3, b"old") == b"old"
    assert both.renewed(ROOM, renewed) == renewed, "once is enough"


def test_a_room_without_anything_plain_takes_nothing_plain() -> None:
    sealer = Encryption([NEW])
    kept = sealer.new_key(ROOM, since=3)
    sealed = sealer.box(ROOM, kept).seal("chat", 2, b"text")
    room = sealer.box(ROOM, sealer.renewed(ROOM, kept, all_sealed=True))
    assert room.open("chat", 2, sealed) == b"text"
    with pytest.raises(Unavailable, match="plain"):
        room.open("chat", 3, b"old")


@pytest.mark.parametrize("at", [0, 15, 16, 40, 75])
def test_a_wrapped_key_that_was_tampered_with_does_not_open(at: int) -> None:
    sealer = Encryption([NEW])
    kept = bytearray(sealer.new_key(ROOM))
    assert len(kept) == 76
    kept[at] ^= 1
    for forged in (bytes(kept), bytes(kept[:at])):
        with pytest.raises(Unavailable):
            sealer.box(ROOM, forged)


def test_a_room_that_has_ended_has_no_key_and_holds_nothing() -> None:
    nothing = Encryption([NEW]).box(ROOM, None)
    assert nothing.open("title", 0, b"") == b""
    for refused in (lambda: nothing.open("title", 0, b"forged"), lambda: nothing.seal("title", 0, b"")):
        with pytest.raises(Unavailable):
            refused()


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"x" * 33]])
def test_keys_of_another_length_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(InvalidRequest, match="32 bytes"):
        Encryption(keys)
