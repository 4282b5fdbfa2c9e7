"""`/api/login/{provider}`: log in by an OpenID Connect provider. A page asks where to go; the provider sends the browser back to the callback.

The callback is the one route that redirects: to a page of ours, by a path that is one of a few.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from fourhands.actions.log_in_elsewhere import Answer, begin_elsewhere, come_back
from fourhands.actions.place import Place
from fourhands.edge.http.address import address_of
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, base_url, require_own
from fourhands.edge.http.headers import API_HEADERS
from fourhands.edge.http.identity import cookie, identity, is_secure, set_account_cookies

ATTEMPT_COOKIE = "fourhands_attempt"
PATH = "/api/login"


class StartElsewhere(Body):
    next: str | None = Field(None, max_length=1000, description="The page to go on to; for anything but a page of ours: the list of one's rooms.")
    invite: str | None = Field(None, max_length=256, description="The key of an invitation to register.")
    link: bool = Field(False, description="Who is logged in here wants that provider to log them in from now on.")
    password: str | None = Field(None, max_length=1000, description="Theirs, to link; not needed by an account that has none.")


class GoElsewhere(BaseModel):
    url: str = Field(description="Where to send the browser.")


def oidc_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix=PATH, tags=["accounts"])
    path = outside.root_path + PATH

    @router.post("/{provider}/start", summary="Begin to log in by a provider")
    async def start(request: Request, response: Response, provider: str, body: StartElsewhere) -> GoElsewhere:
        require_own(request, outside)
        who = await identity(request, place, outside, writes=True) if body.link else None
        url, held = await begin_elsewhere(
            place,
            provider,
            redirect_uri=f"{base_url(request, outside)}{PATH}/{provider}/callback",
            next_page=body.next,
            invite=body.invite,
            address=address_of(request),
            link=None if who is None else (who, body.password),
        )
        response.headers["Cache-Control"] = "no-store"
        seconds = int(place.accounts.elsewhere.attempts.valid_seconds) if place.accounts.elsewhere else 0
        response.set_cookie(ATTEMPT_COOKIE, held, max_age=seconds, path=path, secure=is_secure(request, outside), httponly=True, samesite="lax")
        return GoElsewhere(url=url)

    @router.get("/{provider}/callback", status_code=303, response_class=RedirectResponse, summary="Where the provider sends the browser back to")
    async def callback(request: Request, provider: str, *, state: str = "", code: str = "", error: str = "", iss: str | None = None) -> RedirectResponse:
        before = await identity(request, place, outside, writes=False)
        answer, held = Answer(state, code, error, iss), cookie(request, ATTEMPT_COOKIE)
        done = await come_back(place, provider, answer, held=held, address=address_of(request), before=before)
        response = RedirectResponse(f"{outside.root_path}{done.page}{f'?problem={done.problem}' if done.problem else ''}", 303, headers=API_HEADERS)
        response.delete_cookie(ATTEMPT_COOKIE, path=path, secure=is_secure(request, outside), httponly=True, samesite="lax")
        if done.logged_in is not None:
            gained = done.logged_in
            set_account_cookies(response, request, outside, access=gained.access, refresh=gained.refresh, seconds=gained.login_seconds)
        return response

    return router
