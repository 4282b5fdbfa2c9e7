"""Keys of rooms, and what they seal: it opens in its own place, and nowhere else."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest, Unavailable
from fourhands.store.seal import KEY_BYTES, MAGIC, NONCE_BYTES, TEXT_MARK, MasterKeys, RoomKey, Wrapped

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES
ROOM = "k7f3-9q2m-x4tz"


def room_key(since: int = 0) -> RoomKey:
    return MasterKeys([NEW]).make(ROOM, since)[0]


@given(st.binary(max_size=200), st.sampled_from(["log", "journal", "snapshot"]), st.integers(0, 2**53))
def test_what_is_sealed_opens_in_its_place(plain: bytes, kind: str, position: int) -> None:
    key = room_key()
    sealed = key.seal(kind, position, plain)
    assert key.open(kind, position, sealed) == plain
    assert len(sealed) == len(MAGIC) + NONCE_BYTES + len(plain) + 16


@given(st.text(max_size=100))
def test_a_name_is_sealed_as_text(name: str) -> None:
    key = room_key()
    sealed = key.seal_text("title", name)
    assert (sealed[0], sealed.isascii()) == (TEXT_MARK, True)
    assert key.open_text("title", sealed) == name


@given(st.data())
def test_a_changed_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    key = room_key()
    sealed = bytearray(key.seal("journal", 7, b"def solve():"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unavailable):
        key.open("journal", 7, bytes(sealed))


@pytest.mark.parametrize(("kind", "position"), [("journal", 8), ("snapshot", 7), ("journal", 0)])
def test_what_was_moved_does_not_open(kind: str, position: int) -> None:
    key = room_key()
    with pytest.raises(Unavailable, match="tampered"):
        key.open(kind, position, key.seal("journal", 7, b"x"))


def test_another_rooms_bytes_do_not_open() -> None:
    masters = MasterKeys([NEW])
    key, kept = masters.make("here")
    with pytest.raises(Unavailable):
        masters.open("there", kept)
    with pytest.raises(Unavailable):
        masters.make("here")[0].open("log", 1, key.seal("log", 1, b"x"))


@pytest.mark.parametrize("cut", range(len(MAGIC) + NONCE_BYTES + 17))
def test_what_was_cut_does_not_open(cut: int) -> None:
    key = room_key()
    with pytest.raises(Unavailable):
        key.open("log", 1, key.seal("log", 1, b"x")[:cut])


def test_plain_bytes_count_only_where_they_were_before_encryption() -> None:
    key = room_key(since=5)
    assert key.open("journal", 5, b'{"text": "old"}') == b'{"text": "old"}'
    with pytest.raises(Unavailable, match="plain"):
        key.open("journal", 6, b'{"text": "forged"}')


@pytest.mark.parametrize("forged", ["Eve", "", TEXT_MARK, f"{TEXT_MARK}Eve", f"{TEXT_MARK}{base64.b64encode(b'Eve').decode()}", f"{TEXT_MARK}äöü"])
def test_a_plain_name_is_never_taken_for_a_sealed_one(forged: str) -> None:
    with pytest.raises(Unavailable, match="not sealed"):
        room_key(since=5).open_text("name ada", forged)


def test_a_name_belongs_to_its_member() -> None:
    key = room_key()
    with pytest.raises(Unavailable):
        key.open_text("name lin", key.seal_text("name ada", "Ada"))


def test_nonces_never_repeat_here() -> None:
    key = room_key()
    assert len({key.seal("log", 1, b"")[len(MAGIC) :][:NONCE_BYTES] for _ in range(10_000)}) == 10_000


# ---- master keys ---------------------------------------------------------------------------------------------------


def test_a_rotation_wraps_the_same_key_again() -> None:
    key, kept = MasterKeys([OLD]).make(ROOM, since=3)
    sealed = key.seal("log", 4, b"text")
    both = MasterKeys([NEW, OLD])
    again = both.rewrap(ROOM, kept)
    assert (kept.master in both, again.master, again.since) == (True, both.newest, 3)
    assert MasterKeys([NEW]).open(ROOM, again).open("log", 4, sealed) == b"text"
    with pytest.raises(Unavailable, match=kept.master):
        MasterKeys([NEW]).open(ROOM, kept)


@pytest.mark.parametrize("forge", [{"since": 9}, {"wrapped": b""}, {"wrapped": b"x" * 60}])
def test_a_wrapped_key_that_was_tampered_with_does_not_open(forge: dict[str, object]) -> None:
    masters = MasterKeys([NEW])
    _, kept = masters.make(ROOM)
    forged: Wrapped = replace(kept, **forge)  # pyright: ignore[reportArgumentType]
    with pytest.raises(Unavailable):
        masters.open(ROOM, forged)


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"x" * 33]])
def test_keys_of_another_length_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(InvalidRequest, match="32 bytes"):
        MasterKeys(keys)
