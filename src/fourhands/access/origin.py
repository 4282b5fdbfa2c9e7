"""Where a request comes from: whether the page that sent it is ours (RFC 6454, Fetch Metadata)."""

from collections.abc import Collection

from fourhands.errors import Forbidden

ELSEWHERE = "This request comes from another site's page, so the cookie does not count."


def is_own_origin(origin: str, own: str, allowed: Collection[str]) -> bool:
    """`origin` and `own` as `scheme://host[:port]`; compared without regard to case."""
    return origin.lower() in {own.lower(), *(other.lower().rstrip("/") for other in allowed)}


def require_own_page(*, fetch_site: str | None, origin: str | None, own: str, allowed: Collection[str]) -> None:
    """What a write that is borne by a cookie must show. Raises `Forbidden`.

    `Sec-Fetch-Site`, where present, must be same-origin (a listed origin counts as ours); otherwise `Origin` must be
    our own; with neither, only a bearer token counts.
    """
    listed = origin is not None and is_own_origin(origin, "", allowed)
    same = origin is not None and is_own_origin(origin, own, ())
    if not (listed or (same if fetch_site is None else fetch_site == "same-origin")):
        raise Forbidden(ELSEWHERE)
