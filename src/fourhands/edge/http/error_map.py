"""Failures as RFC 9457 problem details with a stable `code`."""

import math
from http import HTTPStatus
from typing import cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from fourhands import errors
from fourhands.edge.http.headers import API_HEADERS
from fourhands.edge.http.notice import not_found
from fourhands.model.rate import Standing

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.http")

PROBLEMS = "fourhands.problems"
"""In a request's scope: what hears the code of the problem that is answered."""

STATUS: dict[type[errors.FourhandsError], HTTPStatus] = {
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Gone: HTTPStatus.GONE,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.LimitExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ProtocolViolation: HTTPStatus.BAD_REQUEST,
}
"""How each failure leaves as an HTTP status."""


class Problem(JSONResponse):
    """Problem details; counted by their code where somebody counts (`observed.py`)."""

    media_type = "application/problem+json"

    def __init__(self, content: dict[str, object], status_code: int, headers: dict[str, str], *, code: str) -> None:
        super().__init__(content, status_code, headers)
        self._code = code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (count := scope.get(PROBLEMS)) is not None:
            count(self._code)
        await super().__call__(scope, receive, send)


def problem(status: HTTPStatus, code: str, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem details answer; `detail` is a sentence for people."""
    body: dict[str, object] = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, "code": code}
    return Problem(body, status.value, {**API_HEADERS, **(headers or {})}, code=code)


def rate_headers(standing: Standing) -> dict[str, str]:
    """How somebody stands with a rate, as draft-ietf-httpapi-ratelimit-headers-10 has it."""
    rate = standing.rate
    return {
        "RateLimit-Policy": f'"{rate.name}";q={rate.most};w={rate.seconds}',
        "RateLimit": f'"{rate.name}";r={standing.remaining};t={math.ceil(standing.reset_seconds)}',
    }


def answer_of(error: errors.FourhandsError) -> JSONResponse:
    """The answer that a failure is."""
    headers = {"Retry-After": "5"} if isinstance(error, errors.Unavailable) else {}
    if isinstance(error, errors.LimitExceeded):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_seconds)))
        if isinstance(error.standing, Standing):
            headers.update(rate_headers(error.standing))
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 11.6.1: a 401 names a way
    return problem(STATUS[type(error)], error.code, str(error), headers)


def route_of(scope: Scope) -> str:
    """The route that a request was for, as a template: an address may hold what nobody else is to read. "none" where there is none."""
    return getattr(scope.get("route"), "path", "none")


async def _ours(request: Request, error: Exception) -> JSONResponse:
    error = cast("errors.FourhandsError", error)
    if isinstance(error, errors.Unavailable):
        log.warning("request.unavailable", route=route_of(request.scope), dependency=error.dependency, reason=str(error))
    return answer_of(error)


async def _schema(request: Request, error: Exception) -> JSONResponse:
    error = cast("RequestValidationError", error)
    wrong = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:]) or 'body'}: {one['msg']}" for one in error.errors())
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, errors.InvalidRequest.code, f"This request is not as described in /openapi.json: {wrong}.")


async def _starlette(request: Request, error: Exception) -> Response:
    error = cast("HTTPException", error)
    status = HTTPStatus(error.status_code)
    if status == HTTPStatus.NOT_FOUND and "text/html" in request.headers.get("accept", ""):
        return not_found(request.app.state.root_path)
    codes = {404: errors.NotFound.code, 405: "method_not_allowed", 413: errors.TooLarge.code}
    return problem(status, codes.get(status, errors.InvalidRequest.code), str(error.detail), dict(error.headers or {}))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request.failed", route=route_of(request.scope), exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something broke on the server; it was logged. What you have written in rooms is safe.")


def install(app: FastAPI, root_path: str) -> None:
    """Let every failure leave as problem details; somebody who opens an address that is none gets a page."""
    app.state.root_path = root_path
    app.add_exception_handler(errors.FourhandsError, _ours)
    app.add_exception_handler(RequestValidationError, _schema)
    app.add_exception_handler(HTTPException, _starlette)
    app.add_exception_handler(Exception, _unexpected)
