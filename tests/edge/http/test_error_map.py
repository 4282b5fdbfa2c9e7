"""Every failure has its status, and leaves as problem details."""

import httpx
import pytest
from fastapi import FastAPI

from fourhands import errors
from fourhands.edge.http.error_map import STATUS, install
from fourhands.model.rate import Rate, Standing


def app_that_raises(error: Exception) -> FastAPI:
    app = FastAPI()
    install(app, "")

    @app.get("/")
    async def fail() -> None:
        raise error

    return app


async def ask(app: FastAPI, path: str = "/", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize("kind", list(STATUS))
async def test_each_class_has_its_status_and_code(kind: type[errors.FourhandsError]) -> None:
    more: dict[type[errors.FourhandsError], tuple[object, ...]] = {errors.LimitExceeded: (2.6,), errors.Unavailable: ("database",)}
    answer = await ask(app_that_raises(kind("What to do.", *more.get(kind, ()))))
    assert answer.status_code == STATUS[kind]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": STATUS[kind].phrase, "status": int(STATUS[kind]), "detail": "What to do.", "code": kind.code}
    assert ("retry-after" in answer.headers) is (kind in more)


async def test_a_limit_says_when_to_come_back() -> None:
    assert (await ask(app_that_raises(errors.LimitExceeded("Slow.", 2.6)))).headers["retry-after"] == "3"


async def test_a_limit_that_clients_are_told_of_says_how_they_stand() -> None:
    standing = Standing(Rate("login", 5, 60, "attempts"), 0, 12.3)
    answer = await ask(app_that_raises(errors.LimitExceeded("Wait.", 12.3, standing)))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "13")
    assert (answer.headers["ratelimit-policy"], answer.headers["ratelimit"]) == ('"login";q=5;w=60', '"login";r=0;t=13')


async def test_somebody_unknown_is_told_how_to_say_who_they_are() -> None:
    assert (await ask(app_that_raises(errors.Unauthenticated("Who?")))).headers["www-authenticate"] == "Bearer"


async def test_what_nobody_expected_says_nothing_of_the_inside() -> None:
    answer = await ask(app_that_raises(RuntimeError("secret inside")))
    assert answer.status_code == 500
    assert "secret" not in answer.text


async def test_an_address_that_is_none_is_a_page_for_people_and_a_problem_for_programs() -> None:
    app = app_that_raises(errors.NotFound("x"))
    assert (await ask(app, "/nowhere")).json()["code"] == "not_found"
    page = await ask(app, "/nowhere", accept="text/html,*/*")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
