"""What `settings` asks of values that belong together: insecure combinations refuse to start. Knows no other module."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

ORIGIN = re.compile(r"https?://[A-Za-z0-9._\[\]:-]+/?")
SECRET_CHARACTERS = 16


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_origins(origins: Iterable[str]) -> None:
    """Raises `ValueError` for one that is no origin."""
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(f"FOURHANDS_ALLOWED_ORIGINS: {origin} is no origin. Write each as https://example.org, without a path; * is not possible.")


def require_secrets(host: str, secret_key: str, api_tokens: Iterable[str]) -> None:
    """Raises `ValueError` for a server that others reach and that has no secret, and for secrets that are guessed."""
    if not is_loopback(host) and not secret_key:
        raise ValueError(
            f"Listening on {host} lets other machines in, so SECRET_KEY must be set: a long random text, the same at every start. "
            "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    if secret_key and len(secret_key) < SECRET_CHARACTERS:
        raise ValueError(f"SECRET_KEY is too short: use at least {SECRET_CHARACTERS} characters.")
    if any(len(token) < SECRET_CHARACTERS for token in api_tokens):
        raise ValueError(f"A token in FOURHANDS_API_TOKENS is too short: use at least {SECRET_CHARACTERS} characters.")


def require_cluster(workers: int, redis_url: str, database_url: str) -> None:
    """Raises `ValueError` for several workers that could not be one server."""
    if workers < 2:
        return
    if not redis_url:
        raise ValueError(
            f"{workers} workers need REDIS_URL: people of one room are in several processes then, and meet by Redis. "
            "Set REDIS_URL, such as redis://127.0.0.1:6379/0, or start one worker."
        )
    if not database_url or database_url.startswith("sqlite"):
        raise ValueError(
            f"{workers} workers need PostgreSQL: SQLite belongs to one process. "
            "Set DATABASE_URL, such as postgresql://fourhands@127.0.0.1/fourhands, or start one worker."
        )


def require_issuer(issuer: str, client_id: str) -> None:
    """Raises `ValueError` for a provider of logins that could be listened to, or that does not know us. An empty one is none."""
    if not issuer:
        if client_id:
            raise ValueError("FOURHANDS_OIDC_CLIENT_ID needs FOURHANDS_OIDC_ISSUER: which provider knows us by it?")
        return
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or parts.query or parts.fragment or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise ValueError("FOURHANDS_OIDC_ISSUER is an address such as https://accounts.example.org; http is for providers on this machine alone.")
    if not client_id:
        raise ValueError("FOURHANDS_OIDC_ISSUER needs FOURHANDS_OIDC_CLIENT_ID: what the provider calls this server.")


def require_runner(runner: str, redis_url: str) -> None:
    """Raises `ValueError` where runners are to be found by a Redis that was not named."""
    if runner == "redis" and not redis_url:
        raise ValueError("FOURHANDS_RUNNER=redis needs REDIS_URL, such as redis://HOST:6379/0")
