"""What `/openapi.json` says of failures: every route of the API may answer them, as RFC 9457 problem details (Piston's as Piston does).

FastAPI describes what a route returns and, wrongly for us, its own validation errors; `tests/fuzz/test_api.py` holds every answer to this.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

API, PISTON = "/api/", "/api/v2/"
FAILURES = {
    HTTPStatus.BAD_REQUEST: "What was sent makes no sense",
    HTTPStatus.UNAUTHORIZED: "Nobody knows who asks, or the token is not valid (any more)",
    HTTPStatus.FORBIDDEN: "Who asks may not do this, or is banned",
    HTTPStatus.NOT_FOUND: "There is no such room, or nothing of that name in it",
    HTTPStatus.CONFLICT: "It clashes with what is there",
    HTTPStatus.GONE: "The room has ended",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Past a size limit",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Not as described here",
    HTTPStatus.TOO_MANY_REQUESTS: "Past a rate limit; `Retry-After` says when again",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something that is needed is away; try again in a moment",
}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "A word for programs, which does not change."},
    },
}
MESSAGE = {"type": "object", "title": "Message", "required": ["message"], "properties": {"message": {"type": "string"}}}
_UNSUPPORTED = {HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Not JSON"}
_BEARER = {"type": "http", "scheme": "bearer", "description": "A room's token, an account's access token, or a personal token; pages bring cookies instead."}


def describe(app: FastAPI) -> None:
    """Let the application's description say it."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _add(plain())
        return plain()

    app.openapi = openapi


def _add(described: dict[str, Any]) -> None:
    """To a description as FastAPI made it; it keeps that, so this is done once."""
    components = described.setdefault("components", {})
    components.setdefault("schemas", {}).update({"Problem": PROBLEM, "Message": MESSAGE})
    components.setdefault("securitySchemes", {})["bearer"] = _BEARER
    for path, operations in described["paths"].items():
        if not path.startswith(API):
            continue
        for operation in operations.values():
            operation["security"] = [{}, {"bearer": []}]
            for status, sentence in (FAILURES | (_UNSUPPORTED if path.startswith(PISTON) else {})).items():
                answer = operation["responses"].setdefault(str(status.value), {"description": sentence})
                answer["content"] = _content(path, status)


def _content(path: str, status: HTTPStatus) -> dict[str, Any]:
    """Bodies that are too large are refused before anything knows whose they are."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if path.startswith(PISTON):
        message = {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
        return {**message, **problem} if status in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.SERVICE_UNAVAILABLE} else message
    return problem
