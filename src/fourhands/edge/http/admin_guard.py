"""Who may ask below `/api/admin`: administrators, by their login or a personal token that was made for it. 401 without, 403 for others."""

from typing import Any

from fastapi import Depends, Request

from fourhands.access.identity import Identity
from fourhands.actions.place import Place
from fourhands.edge.http.caller import Outside
from fourhands.edge.http.identity import require_admin
from fourhands.model.audit import Who

REFUSED: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is logged in"},
    403: {"description": "Whoever is logged in is no administrator"},
    503: {"description": "The database is away: nothing was done"},
}


def admins(place: Place, outside: Outside) -> Any:
    """A dependency of a router: lets administrators through, and leaves who it is in `request.state.admin`."""

    async def require(request: Request) -> None:
        request.state.admin = await require_admin(request, place, outside, writes=request.method not in {"GET", "HEAD"})

    return Depends(require)


def who(request: Request) -> Who:
    """The administrator, as the audit log names them."""
    admin: Identity = request.state.admin
    return Who("account", admin.account_id or "", admin.name, admin.address)
