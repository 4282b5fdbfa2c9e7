"""What PostgreSQL's failures mean, in sentences that say how to mend them; real ones where they can be had."""

import ssl

import pytest
from sqlalchemy.exc import DBAPIError

from fourhands.errors import Conflict, FourhandsError, InvalidRequest, NotFound, Unavailable
from fourhands.store.sql.postgres_failures import breaks_connection, meaning, state_of, translated
from fourhands.store.sql.postgres_store import PostgresStore
from tests.postgres_server import MISSING, PostgresServer, free_port


class Said(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("what the server said")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("23505", Conflict, "taken"),
        ("23503", NotFound, "gone"),
        ("22021", InvalidRequest, "NUL"),
        ("53100", Unavailable, "disk .* is full"),
        ("53300", Unavailable, "max_connections"),
        ("57P01", Unavailable, "stops or starts"),
        ("25006", Unavailable, "only lets read"),
        ("40P01", Unavailable, "same rows"),
        ("XX001", Unavailable, "damaged"),
    ],
)
def test_each_state_has_its_sentence(state: str, kind: type[FourhandsError], words: str) -> None:
    wrapped = DBAPIError("SELECT 1", {}, Said(state))
    with pytest.raises(kind, match=words), translated("at h:1", clash="taken", missing="gone"):
        raise wrapped
    assert state_of(wrapped) == state


def test_a_mistake_of_ours_stays_one() -> None:
    assert meaning(DBAPIError("SELECT", {}, Said("42601")), "at h:1", "", "") is None
    with pytest.raises(ZeroDivisionError), translated("at h:1"):
        raise ZeroDivisionError


def test_an_unsafe_connection_says_where_to_look() -> None:
    with pytest.raises(Unavailable, match=r"sslmode and sslrootcert"), translated("at h:1"):
        raise ssl.SSLError("certificate verify failed")


def test_which_failures_leave_no_connection() -> None:
    assert breaks_connection(Said("57P01"))
    assert not breaks_connection(Said("23505"))


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
async def test_what_is_wrong_with_the_address_is_said_without_the_password(postgres: PostgresServer) -> None:
    for url, words in (
        (postgres.url(password="se cret"), "refuses the user or the password"),
        (postgres.url(user="nobody-there", password="se cret"), "refuses the user or the password"),
        (postgres.url("missing"), "has no such database"),
        (f"postgresql://ada:secret@127.0.0.1:{free_port()}/n", "does not answer"),
        ("postgresql://ada:secret@no-such-host.invalid/n", "does not answer"),
        (postgres.url() + "?nonsense=1", "does not know an option"),
        (postgres.url() + "?sslmode=require", "could not be made safe"),
    ):
        with pytest.raises(Unavailable, match=words) as refused:
            await PostgresStore(url, timeout_seconds=20).start()
        assert "secret" not in str(refused.value)
        assert postgres.password not in str(refused.value)
