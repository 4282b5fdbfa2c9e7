"""DATABASE_URL in libpq's forms, and what may be shown of it."""

import pytest

from fourhands.errors import InvalidRequest
from fourhands.store.sql.postgres_url import names_postgres, read_url, without_password


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql://ada@db.example/fourhands", "at db.example:5432"),
        ("postgres://ada:p%40ss@db.example:6432/fourhands?sslmode=verify-full&sslrootcert=/dev/null", "at db.example:6432"),
        ("postgresql:///fourhands?host=/run/postgresql", "at /run/postgresql"),
        ("postgresql://a,b:5433/fourhands?target_session_attrs=read-write", "at a,b:5433"),
        ("postgresql:///fourhands", "at localhost:5432"),
    ],
)
def test_the_forms_of_libpq_are_read(url: str, where: str) -> None:
    assert names_postgres(url)
    assert read_url(url).where == where


def test_what_the_driver_does_not_know_is_left_out_and_the_rest_reaches_it() -> None:
    read = read_url("postgresql://ada:x@h/n?sslmode=require&channel_binding=require&connect_timeout=3")
    assert (read.dsn, read.connect_seconds) == ("postgresql://ada:x@h/n?sslmode=require&application_name=fourhands", 3)


@pytest.mark.parametrize("url", ["postgresql://ada:secret@h", "postgresql://ada:secret@h:port/n", "postgresql://ada:secret@h/n?connect_timeout=soon"])
def test_what_makes_no_sense_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_url(url)
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(read_url("postgresql://ada:secret@h/n"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:secret@h:1/n?sslmode=require", "postgresql://ada:***@h:1/n?sslmode=require"),
        ("postgresql://ada@h/n?password=secret", "postgresql://ada:***@h/n"),
        ("postgresql://ada@h/n", "postgresql://ada@h/n"),
        ("sqlite:////var/rooms.db", "sqlite:////var/rooms.db"),
        ("postgresql://ada:secret@[h/n", "(set)"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
