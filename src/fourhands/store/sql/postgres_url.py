"""Reads what `DATABASE_URL` says of a PostgreSQL server, in libpq's form (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING)."""

import os
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from fourhands.errors import InvalidRequest

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
_IGNORED = ("channel_binding", "gssencmode", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count")
"""Options of libpq that providers put into their URLs; the driver does without."""
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_HOW = "write DATABASE_URL as postgresql://USER:PASSWORD@HOST/NAME"


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """`dsn`: for the driver, with the password. `where`: "at HOST:PORT", for people. `connect_seconds`: if the URL says one."""

    dsn: str = field(repr=False)
    where: str
    connect_seconds: float | None


def names_postgres(url: str) -> bool:
    """Whether it is a URL of PostgreSQL."""
    return url.partition("://")[0] in SCHEMES


def read_url(url: str) -> PostgresUrl:
    """Raises `InvalidRequest` for what names no database, or a file that cannot be read. The sentence never shows the URL: it holds a password."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        port = None if "," in host else parts.port  # several are for the driver to read
    except ValueError as error:
        raise InvalidRequest(f"DATABASE_URL has no sound address: {_HOW}.") from error
    host = host if "," in host else parts.hostname or ""
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not unquote(parts.path.strip("/")) and "dbname" not in options:
        raise InvalidRequest(f"DATABASE_URL names no database: {_HOW}.")
    connect_seconds = _seconds(options.pop("connect_timeout", ""))
    for name in _IGNORED:
        options.pop(name, None)
    for name in _FILES:
        if name in options and not os.access(options[name], os.R_OK):  # the driver's own error names no file
            raise InvalidRequest(f"{name} in DATABASE_URL names {options[name]}, which is not there or must not be read.")
    if "application_name" not in options:
        options["application_name"] = "fourhands"
    dsn = urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(options, quote_via=quote), ""))
    place = options.get("host") or host or "localhost"
    return PostgresUrl(dsn, f"at {place}" if place.startswith("/") or "," in place else f"at {place}:{port or options.get('port') or 5432}", connect_seconds)


def without_password(url: str) -> str:
    """The URL as it may be shown: to people, in logs. What cannot be read is not shown at all."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(set)"
    if parts.password is None and "password" not in parts.query:
        return url
    user, _, address = parts.netloc.rpartition("@")
    options = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name != "password"], quote_via=quote)
    return urlunsplit((parts.scheme, f"{user.partition(':')[0]}:***@{address}", parts.path, options, ""))


def _seconds(text: str) -> float | None:
    try:
        return float(text) or None if text else None
    except ValueError as error:
        raise InvalidRequest("connect_timeout in DATABASE_URL is a number of seconds.") from error
