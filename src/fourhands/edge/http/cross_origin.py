"""Which other sites' pages may read our API (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol): those that are configured, and no others.

Pages that are not listed can send what any page can send, without reading the answer; what that does is `access/origin.py`'s.
"""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SENT = ("Authorization", "Content-Type")
READ = ("Location", "Retry-After", "RateLimit", "RateLimit-Policy")
PREFLIGHT_SECONDS = 600


class CrossOrigin:
    """Wraps the application; `origins`: as `scheme://host[:port]`. Credentials are for them too, so the answer always names the one that asks."""

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        self._app = app
        self._listed = CORSMiddleware(
            app,
            allow_origins=[origin.lower().rstrip("/") for origin in origins],
            allow_methods=METHODS,
            allow_headers=SENT,
            allow_credentials=True,
            expose_headers=READ,
            max_age=PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_api = scope["type"] == "http" and scope["path"].startswith("/api/")
        await (self._listed if is_api else self._app)(scope, receive, send)
