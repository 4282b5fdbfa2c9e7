"""Teams over HTTP: the whole table of who may, and how a team's people come into its rooms."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fourhands.access.in_team import TeamVerb, may_in_team
from fourhands.model.account import TeamRole
from tests.edge.http.test_accounts import ADA, PASSWORD, as_bearer, browser_of, register, serving

PEOPLE = ("ada", "lin", "eve")


class Cast:
    """A team of ada (owner) and lin (member); eve has an account, and is not in it."""

    def __init__(self, page: httpx.AsyncClient) -> None:
        self.page = page
        self.tokens: dict[str, str] = {}
        self.team = ""

    async def ask(self, who: str | None, method: str, path: str, **body: Any) -> httpx.Response:
        headers = as_bearer(self.tokens[who]) if who else {}
        return await self.page.request(method, path, headers=headers, json=body if method != "GET" and body else None)

    async def status(self, who: str | None, method: str, path: str, **body: Any) -> int:
        return (await self.ask(who, method, path, **body)).status_code

    async def bring_in(self, who: str, role: str = "member") -> None:
        """Asked by the owner, and they say yes."""
        assert await self.status("ada", "POST", f"/api/teams/{self.team}/invitations", login=who, role=role) == 204
        assert await self.status(who, "POST", f"/api/teams/{self.team}/invitation") == 204

    async def open(self, who: str = "ada", **body: Any) -> str:
        answer = await self.ask(who, "POST", "/api/rooms", team=self.team, **body)
        assert answer.status_code == 201, answer.text
        self.page.cookies.clear()
        return answer.json()["id"]

    async def join(self, who: str, room_id: str, **body: Any) -> tuple[int, str | None, str | None]:
        answer = await self.ask(who, "POST", f"/api/rooms/{room_id}/join", name=who, **body)
        self.page.cookies.clear()
        return answer.status_code, answer.json().get("role"), answer.json().get("state")


@pytest.fixture
async def cast(quick_dir: Path) -> AsyncIterator[Cast]:
    async with serving(quick_dir) as page:
        made = Cast(page)
        for login in PEOPLE:
            made.tokens[login] = (await register(page, tokens="body", login=login))["access_token"]
        made.team = (await made.ask("ada", "POST", "/api/teams", name="Compilers")).json()["id"]
        await made.bring_in("lin")
        yield made


async def test_a_team_is_made_shown_renamed_and_deleted(cast: Cast) -> None:
    path = f"/api/teams/{cast.team}"
    await cast.open()
    assert (await cast.ask("lin", "GET", "/api/teams")).json()["teams"] == [{"id": cast.team, "name": "Compilers", "role": "member", "members": 2, "rooms": 1}]
    shown = (await cast.ask("lin", "GET", path)).json()
    assert (shown["name"], shown["role"]) == ("Compilers", "member")
    assert [(one["login"], one["role"], one["name"]) for one in shown["members"]] == [("ada", "owner", ADA["name"]), ("lin", "member", ADA["name"])]
    assert await cast.status("ada", "PATCH", path, name="Parsers") == 204
    assert (await cast.ask("ada", "GET", path)).json()["name"] == "Parsers"
    assert await cast.status("ada", "DELETE", path) == 204
    assert (await cast.ask("ada", "GET", "/api/teams")).json()["teams"] == []


async def test_everybody_may_with_a_team_what_the_table_says(cast: Cast) -> None:
    room = await cast.open()
    for who, role in (("lin", TeamRole.MEMBER), ("ada", TeamRole.OWNER), ("eve", None)):
        mine = (await cast.ask(who, "POST", "/api/rooms", title="mine")).json()["id"]
        cast.page.cookies.clear()
        did = {
            TeamVerb.SEE: await cast.status(who, "GET", f"/api/teams/{cast.team}") == 200,
            TeamVerb.ADD_ROOM: {
                await cast.status(who, "POST", "/api/rooms", team=cast.team),
                await cast.status(who, "PATCH", f"/api/rooms/{mine}", team=cast.team),
            }
            == {201, 200},
            TeamVerb.RENAME: await cast.status(who, "PATCH", f"/api/teams/{cast.team}", name="New") == 204,
            TeamVerb.CHANGE_PEOPLE: {
                await cast.status(who, "PUT", f"/api/teams/{cast.team}/members/lin", role="member"),
                await cast.status(who, "POST", f"/api/teams/{cast.team}/invitations", login="nobody"),
                await cast.status(who, "DELETE", f"/api/teams/{cast.team}/invitations/nobody"),
            }
            == {200, 204},
        }
        cast.page.cookies.clear()
        assert did == {verb: may_in_team(role, verb) for verb in did}, who
    assert await cast.join("lin", room) == (200, "editor", "in")
    assert (
        await cast.status("ada", "PATCH", f"/api/rooms/{room}/members/{(await cast.ask('lin', 'GET', f'/api/rooms/{room}')).json()['me']['id']}", role="host")
        == 200
    )
    assert await cast.status("lin", "PATCH", f"/api/rooms/{room}", team="") == 403, "a host of the room, and no owner of the team"
    assert await cast.status("ada", "PATCH", f"/api/rooms/{room}", team="") == 200
    assert await cast.status("eve", "DELETE", f"/api/teams/{cast.team}/members/eve") == 404
    assert await cast.status("eve", "DELETE", f"/api/teams/{cast.team}") == 404
    assert await cast.status("lin", "DELETE", f"/api/teams/{cast.team}") == 403
    assert await cast.status("lin", "DELETE", f"/api/teams/{cast.team}/members/ada") == 403
    assert await cast.status("lin", "DELETE", f"/api/teams/{cast.team}/members/lin") == 204, "leave"
    assert await cast.status("ada", "DELETE", f"/api/teams/{cast.team}") == 204


async def test_strangers_and_tokens_for_something_else_get_nowhere(cast: Cast) -> None:
    made = {
        scope: (await cast.ask("ada", "POST", "/api/me/tokens", name=scope, scopes=[scope])).json()["token"] for scope in ("teams", "rooms:read", "rooms:write")
    }
    cast.tokens.update(made)
    for method, path, body in (("GET", "/api/teams", {}), ("POST", "/api/teams", {"name": "More"}), ("GET", f"/api/teams/{cast.team}", {})):
        answered = [await cast.status(who, method, path, **body) for who in (None, "rooms:read", "rooms:write", "teams")]
        assert answered[:3] == [401, 403, 403] and answered[3] < 300, path
    assert await cast.status(None, "POST", "/api/rooms", team=cast.team) == 401


async def test_what_makes_no_sense_is_refused(cast: Cast) -> None:
    people = f"/api/teams/{cast.team}/members"
    assert await cast.status("ada", "PUT", f"{people}/nobody", role="member") == 404
    assert await cast.status("ada", "PUT", f"{people}/lin", role="king") == 422
    assert await cast.status("ada", "PUT", f"{people}/ada", role="member") == 409, "a team needs an owner"
    assert await cast.status("ada", "POST", "/api/teams", name=" ") == 400
    assert await cast.status("ada", "POST", "/api/rooms", team="nothing") == await cast.status("eve", "POST", "/api/rooms", team=cast.team) == 404


async def test_a_teams_people_come_into_its_rooms_as_what_they_are_in_it(cast: Cast) -> None:
    room = await cast.open("lin", guest_role="none")
    assert await cast.status("lin", "PATCH", f"/api/rooms/{room}", password="a word of theirs", lobby=True) == 200
    assert (await cast.join("eve", room))[0] == 403
    assert await cast.join("ada", room) == (200, "host", "in")
    assert (await cast.ask("ada", "GET", f"/api/rooms/{room}")).json()["team"] == {"id": cast.team, "name": "Compilers"}
    async with browser_of(cast.page.app) as stranger:  # type: ignore[attr-defined]
        assert (await stranger.get(f"/api/rooms/{room}")).json()["team"] is None
    other = await cast.open("ada")
    assert await cast.status("ada", "PATCH", f"/api/rooms/{other}", locked=True) == 200
    assert (await cast.join("lin", other))[0] == 403, "nobody new comes into a locked room"
    assert await cast.status("ada", "PATCH", f"/api/rooms/{other}", locked=False, password="a word of theirs", lobby=True) == 200
    assert await cast.join("lin", other) == (200, "editor", "in")
    assert (await cast.ask("ada", "GET", f"/api/me/rooms?team={cast.team}")).json()["rooms"][0]["team"] == "Compilers"


async def test_whoever_comes_into_a_team_later_is_raised_and_nobody_is_lowered(cast: Cast) -> None:
    room = await cast.open("ada", guest_role="viewer")
    assert await cast.join("eve", room) == (200, "viewer", "in")
    await cast.bring_in("eve", "owner")
    assert await cast.join("eve", room) == (200, "host", "in")
    assert await cast.status("ada", "PUT", f"/api/teams/{cast.team}/members/eve", role="member") == 200
    assert await cast.join("eve", room) == (200, "host", "in"), "what they were in the room they stay, until a host says otherwise"


async def test_whoever_is_in_a_team_no_more_is_in_its_rooms_no_more(cast: Cast) -> None:
    room, own = await cast.open("ada", guest_role="none"), await cast.open("lin")
    assert await cast.join("lin", room) == (200, "editor", "in")
    token = (await cast.ask("lin", "POST", f"/api/rooms/{room}/join", name="lin")).json()["token"]
    cast.tokens["old"] = token
    assert await cast.status("old", "GET", f"/api/rooms/{room}/files/main") == 200
    assert await cast.status("ada", "DELETE", f"/api/teams/{cast.team}/members/lin") == 204
    assert {await cast.status(who, "GET", f"/api/rooms/{room}/files/main") for who in ("old", "lin")} <= {401, 403}
    assert (await cast.join("lin", room))[0] == 403
    assert [one["id"] for one in (await cast.ask("lin", "GET", "/api/me/rooms")).json()["rooms"]] == [own], "a room keeps its only host"
    await cast.bring_in("lin")
    assert await cast.join("lin", room) == (200, "editor", "in"), "and with the team they come back"


async def test_a_browser_that_still_holds_the_room_comes_back_with_the_team(cast: Cast) -> None:
    room = await cast.open("ada", guest_role="none")
    async with browser_of(cast.page.app) as lin:  # type: ignore[attr-defined]
        await lin.post("/api/login", json={"login": "lin", "password": PASSWORD})
        first = await lin.post(f"/api/rooms/{room}/join", json={"name": "Lin"})
        assert await cast.status("ada", "DELETE", f"/api/teams/{cast.team}/members/lin") == 204
        assert (await lin.get(f"/api/rooms/{room}/files/main")).status_code == 403
        assert (await lin.post(f"/api/rooms/{room}/join", json={"name": "Lin"})).status_code == 403
        await cast.bring_in("lin")
        again = await lin.post(f"/api/rooms/{room}/join", json={"name": "Lin"})
        assert (again.status_code, again.json()["role"]) == (200, "editor")
        assert again.json()["member"] != first.json()["member"]
        assert (await lin.get(f"/api/rooms/{room}/files/main")).status_code == 200


async def test_the_last_to_leave_a_team_keeps_the_rooms(cast: Cast) -> None:
    room = await cast.open("ada")
    assert await cast.status("ada", "DELETE", f"/api/teams/{cast.team}/members/lin") == 204
    assert await cast.status("ada", "DELETE", f"/api/teams/{cast.team}/members/ada") == 204
    assert await cast.status("ada", "GET", f"/api/teams/{cast.team}") == 404
    assert [(one["id"], one["role"], one["team"]) for one in (await cast.ask("ada", "GET", "/api/me/rooms")).json()["rooms"]] == [(room, "host", None)]


async def test_whom_a_host_removed_the_team_does_not_bring_back(cast: Cast) -> None:
    room = await cast.open("ada")
    await cast.join("lin", room)
    lin = (await cast.ask("lin", "GET", f"/api/rooms/{room}")).json()["me"]["id"]
    assert await cast.status("ada", "PATCH", f"/api/rooms/{room}/members/{lin}", state="removed") == 200
    assert (await cast.join("lin", room))[0] == 403


async def test_nobody_is_in_a_team_before_they_have_said_yes(cast: Cast) -> None:
    room, path = await cast.open(), f"/api/teams/{cast.team}"
    assert await cast.status("eve", "POST", f"{path}/invitation") == 404, "nobody asked"
    assert await cast.status("ada", "POST", f"{path}/invitations", login="EVE", role="owner") == 204
    assert await cast.status("ada", "POST", f"{path}/invitations", login="eve") == 204, "asked again, for less"
    asked = (await cast.ask("eve", "GET", "/api/teams")).json()
    assert asked["teams"] == []
    assert [{**one, "at": 0} for one in asked["invitations"]] == [{"team": cast.team, "name": "Compilers", "role": "member", "by": ADA["name"], "at": 0}]
    assert await cast.status("eve", "GET", path) == 404
    assert [one["login"] for one in (await cast.ask("ada", "GET", path)).json()["members"]] == ["ada", "lin"]
    assert await cast.status("lin", "POST", f"{path}/invitation") == 404, "it is another's"
    assert await cast.status("eve", "DELETE", f"{path}/invitation") == 204
    assert (await cast.ask("eve", "GET", "/api/teams")).json() == {"teams": [], "invitations": []}
    assert await cast.status("eve", "POST", f"{path}/invitation") == 404
    await cast.bring_in("eve")
    assert (await cast.join("eve", room))[:2] == (200, "editor")


async def test_an_invitation_is_taken_back(cast: Cast) -> None:
    path = f"/api/teams/{cast.team}"
    assert await cast.status("ada", "POST", f"{path}/invitations", login="eve") == 204
    assert await cast.status("ada", "DELETE", f"{path}/invitations/eve") == 204
    assert await cast.status("eve", "POST", f"{path}/invitation") == 404


async def test_who_asks_people_in_learns_no_login_names(cast: Cast) -> None:
    path = f"/api/teams/{cast.team}"
    before = (await cast.ask("ada", "GET", path)).json()
    told: list[set[tuple[int, bytes]]] = []
    for method, where in (("POST", "/invitations"), ("DELETE", "/invitations/{}"), ("PUT", "/members/{}"), ("DELETE", "/members/{}")):
        body = {"POST": {"role": "member"}, "PUT": {"role": "owner"}, "DELETE": {}}[method]
        answers = [
            await cast.ask("ada", method, path + where.format(login), **body, **({"login": login} if method == "POST" else {})) for login in ("eve", "nobody")
        ]
        told.append({(answer.status_code, answer.content.replace(login, b"")) for answer, login in zip(answers, (b"eve", b"nobody"), strict=True)})
    assert [len(one) for one in told] == [1] * 4, told
    assert (await cast.ask("ada", "GET", path)).json() == before
