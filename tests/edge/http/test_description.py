"""What the API's description says of failures."""

from typing import Any

from fastapi import FastAPI

from fourhands.edge.http.description import FAILURES, describe


def described() -> dict[str, Any]:
    app = FastAPI()
    for path in ("/api/rooms", "/api/v2/runtimes", "/healthz"):
        app.add_api_route(path, lambda: {"a": 1}, methods=["GET"])
    describe(app)
    assert app.openapi() == app.openapi()
    return app.openapi()


def test_every_route_of_the_api_has_its_failures_and_no_other_route_has() -> None:
    paths = described()["paths"]
    assert {str(status.value) for status in FAILURES} <= set(paths["/api/rooms"]["get"]["responses"])
    assert set(paths["/api/rooms"]["get"]["responses"]["429"]["content"]) == {"application/problem+json"}
    assert set(paths["/api/v2/runtimes"]["get"]["responses"]["401"]["content"]) == {"application/json"}
    assert set(paths["/healthz"]["get"]["responses"]) == {"200"}
