"""Tokens of accounts against forgers: other keys, other kinds, other algorithms, other times."""

import base64
import hashlib
import json

import jwt
import pytest

from fourhands.access.account_tokens import PERSONAL, AccountClaims, AccountTokens, digest_of, new_invite_key, new_personal_token
from fourhands.access.tokens import RoomTokens
from fourhands.errors import Unauthenticated

NOW = 1_700_000_000_000
CLAIMS = AccountClaims("ada", "login", 3, NOW + 900_000)
TOKENS = AccountTokens("a secret of sixteen")


def test_a_token_says_what_was_put_in() -> None:
    assert TOKENS.read_access(TOKENS.access(CLAIMS, NOW), NOW) == CLAIMS
    assert TOKENS.read_refresh(TOKENS.refresh(CLAIMS, NOW), NOW) == CLAIMS


def test_one_kind_is_never_taken_for_another() -> None:
    room = RoomTokens("a secret of sixteen", 900)
    for token in (TOKENS.refresh(CLAIMS, NOW), room.issue("room", "ada", NOW), new_personal_token()):
        with pytest.raises(Unauthenticated):
            TOKENS.read_access(token, NOW)
    with pytest.raises(Unauthenticated):
        TOKENS.read_refresh(TOKENS.access(CLAIMS, NOW), NOW)
    with pytest.raises(Unauthenticated):
        room.read(TOKENS.access(CLAIMS, NOW), "room", NOW)


def test_a_token_ends() -> None:
    token = TOKENS.access(CLAIMS, NOW)
    assert TOKENS.read_access(token, NOW + 899_999) == CLAIMS
    with pytest.raises(Unauthenticated):
        TOKENS.read_access(token, NOW + 900_000)


def forged(claims: dict[str, object], *, key: bytes | None = None, algorithm: str = "HS256") -> str:
    right = hashlib.sha256(b"fourhands-account\0a secret of sixteen").digest()
    return jwt.encode(claims, right if key is None else key, algorithm=algorithm)


GOOD: dict[str, object] = {"aud": "fourhands-account", "sub": "ada", "login": "login", "n": 3, "iat": NOW // 1000, "exp": NOW // 1000 + 900}


def test_the_forger_of_these_tests_knows_how_it_is_done() -> None:
    assert TOKENS.read_access(forged(GOOD), NOW) == CLAIMS


@pytest.mark.parametrize("lacking", sorted(GOOD))
def test_every_claim_is_needed(lacking: str) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read_access(forged({name: value for name, value in GOOD.items() if name != lacking}), NOW)


@pytest.mark.parametrize(
    "wrong", [{"exp": "9999999999"}, {"exp": 1e308}, {"n": "3"}, {"aud": "fourhands-room"}, {"aud": []}, {"exp": None}, {"iat": "soon"}, {"n": True, "exp": 1}]
)
def test_claims_of_another_form_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read_access(forged({**GOOD, **wrong}), NOW)


def test_other_keys_and_algorithms_are_refused() -> None:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    head, body, signature = forged(GOOD).split(".")
    none = f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}."
    for token in (
        none,
        f"{part({'alg': 'None'})}.{body}.{signature}",
        forged(GOOD, key=b"another secret of thirty-two b.."),
        forged(GOOD, key=b"a secret of sixteen"),
        forged(GOOD, algorithm="HS512"),
        f"{head}.{part({**GOOD, 'sub': 'admin'})}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        "",
        "a.b.c",
        "é.ü.\ud800",
    ):
        with pytest.raises(Unauthenticated):
            TOKENS.read_access(token, NOW)


def test_random_tokens_are_long_and_told_apart() -> None:
    tokens = {new_personal_token() for _ in range(50)}
    assert len(tokens) == 50
    assert all(token.startswith(PERSONAL) and len(token) == 43 for token in tokens)
    assert len(new_invite_key()) == 26
    assert len({digest_of(token) for token in tokens}) == 50
