"""Room tokens: what is forged, old or another room's does not open a door."""

import base64
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.access.tokens import VERSION, Claims, RoomTokens
from fourhands.errors import Unauthenticated

ROOM, NOW_MS, HOUR_MS = "k7f3-9q2m-x4tz", 1_700_000_000_000, 3_600_000
tokens = RoomTokens("a secret of ours", 24 * 3600)


def test_a_token_names_room_and_member_and_nothing_of_a_role() -> None:
    token = tokens.issue(ROOM, "ada", NOW_MS)
    assert tokens.read(token, ROOM, NOW_MS) == Claims(ROOM, "ada", NOW_MS // 1000)
    assert set(jwt.decode(token, options={"verify_signature": False})) == {"aud", "room", "sub", "v", "iat", "exp"}


def test_it_is_valid_for_a_day_to_the_second() -> None:
    token = tokens.issue(ROOM, "ada", NOW_MS)
    assert tokens.read(token, ROOM, NOW_MS + 24 * HOUR_MS - 1)
    with pytest.raises(Unauthenticated):
        tokens.read(token, ROOM, NOW_MS + 24 * HOUR_MS)


def test_it_opens_no_other_room() -> None:
    with pytest.raises(Unauthenticated, match="another room"):
        tokens.read(tokens.issue(ROOM, "ada", NOW_MS), "aaaa-aaaa-aaaa", NOW_MS)


def test_another_secret_signs_nothing_here() -> None:
    with pytest.raises(Unauthenticated):
        tokens.read(RoomTokens("another secret", 3600).issue(ROOM, "ada", NOW_MS), ROOM, NOW_MS)


def forged(**changes: object) -> str:
    claims = {"aud": "fourhands-room", "room": ROOM, "sub": "ada", "v": VERSION, "iat": NOW_MS // 1000, "exp": NOW_MS // 1000 + 60}
    return jwt.encode({name: value for name, value in {**claims, **changes}.items() if value is not None}, tokens._key, algorithm="HS256")


@pytest.mark.parametrize(
    "changes", [{"aud": "other"}, {"aud": None}, {"room": None}, {"sub": None}, {"v": None}, {"v": VERSION + 1}, {"exp": None}, {"iat": None}, {"room": [ROOM]}]
)
def test_a_token_of_ours_for_another_use_does_not_count(changes: dict[str, object]) -> None:
    assert tokens.read(forged(), ROOM, NOW_MS).member_id == "ada"
    with pytest.raises(Unauthenticated):
        tokens.read(forged(**changes), ROOM, NOW_MS)


def test_a_token_without_a_signature_does_not_count() -> None:
    claims = jwt.decode(tokens.issue(ROOM, "ada", NOW_MS), options={"verify_signature": False})
    plain = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none", "typ": "JWT"}, claims)) + "."
    for token in (plain, jwt.encode(claims, "", algorithm="none"), jwt.encode(claims, bytes(64), algorithm="HS512")):
        with pytest.raises(Unauthenticated):
            tokens.read(token, ROOM, NOW_MS)


@given(st.text(max_size=80))
def test_any_text_is_refused_with_a_sentence(token: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.read(token, ROOM, NOW_MS)


def test_a_fresh_one_is_due_after_two_hours() -> None:
    claims = tokens.read(tokens.issue(ROOM, "ada", NOW_MS), ROOM, NOW_MS)
    assert not tokens.is_ageing(claims, NOW_MS + 2 * HOUR_MS)
    assert tokens.is_ageing(claims, NOW_MS + 2 * HOUR_MS + 1000)
