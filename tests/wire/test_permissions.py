"""Every verb by every kind of person, through REST and through a hand-made WebSocket client: what the server allows is what the table says.

Each row has those who may beside those who may not, so that a refusal is never the answer to a request that nobody could make.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from fourhands.access.may import Actor, Verb, may
from fourhands.access.tokens import RoomTokens
from tests.e2e.admins import SECRET, make_admin
from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer
from tests.wire.test_accounts import QUICK, account
from tests.wire.test_hosting import ask, member

REFUSED = {401, 403}


class KnownServer(ServerProcess):
    """A server whose secret the test knows, so that it can make tokens that have run out; with an administrator, people with accounts, and a team."""

    accounts: dict[Actor, str]
    opener: str
    team: str


@pytest.fixture(scope="module")
def known_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnownServer]:
    folder = tmp_path_factory.mktemp("data")
    process = KnownServer(folder, env={"SECRET_KEY": SECRET, **QUICK})
    admin = asyncio.run(make_admin(folder))
    process.start()
    process.opener = account(process.url, "opener")[1]
    process.accounts = {who: account(process.url, who.replace(" ", "-"))[1] for who in (Actor.ACCOUNT, Actor.TEAM_OWNER, Actor.TEAM_MEMBER)}
    process.accounts[Actor.ADMIN] = admin
    headers = bearer(process.opener)
    process.team = httpx.post(f"{process.url}/api/teams", headers=headers, json={"name": "Team"}).json()["id"]
    for role, actor in (("owner", Actor.TEAM_OWNER), ("member", Actor.TEAM_MEMBER)):
        asked = httpx.post(f"{process.url}/api/teams/{process.team}/invitations", headers=headers, json={"login": f"team-{role}", "role": role})
        assert asked.is_success
        assert httpx.post(f"{process.url}/api/teams/{process.team}/invitation", headers=bearer(process.accounts[actor])).is_success
    yield process
    process.stop()


class Cast:
    """A room with one person of each kind. The lobby stays on, so that who waits goes on waiting."""

    def __init__(self, server: KnownServer) -> None:
        self.room = room = Room(server.url, httpx.post(f"{server.url}/api/rooms", headers=bearer(server.opener), json={"team": server.team}).json())
        editor, viewer, removed = member(room, "Editor"), member(room, "Viewer", key=room.key("viewer")), member(room, "Removed")
        self.target = member(room, "Target")["member"]
        ask(room, "PATCH", f"/members/{removed['member']}", state="removed")
        ask(room, "PATCH", "", lobby=True)
        lobby = member(room, "Lobby")
        self.tokens: dict[Actor, str | None] = {
            Actor.HOST: room.host,
            Actor.EDITOR: editor["token"],
            Actor.VIEWER: viewer["token"],
            Actor.LOBBY: lobby["token"],
            Actor.REMOVED: removed["token"],
            Actor.STRANGER: None,
            **server.accounts,
        }
        old_ms = int(time.time() * 1000) - 25 * 3_600_000
        self.invalid = {
            "expired": RoomTokens(SECRET, 24 * 3600).issue(room.id, str(room.opened["member"]), old_ms),
            "of another room": Room.open(server.url).host,
        }

    def asks(self, verb: Verb, token: str | None) -> bool:
        """Whether REST lets somebody do it."""
        requests: dict[Verb, tuple[str, str, dict[str, object]]] = {
            Verb.LOOK: ("GET", "", {}),
            Verb.JOIN: ("POST", "/join", {"name": "Somebody"}),
            Verb.READ: ("GET", "/files/main", {}),
            Verb.RUN: ("POST", "/runs", {"file": "main"}),
            Verb.CHANGE_ROOM: ("PATCH", "", {"title": "Changed"}),
            Verb.SEE_INVITES: ("GET", "/invites", {}),
            Verb.CHANGE_INVITES: ("POST", "/invites", {"role": "viewer"}),
            Verb.SEE_MEMBERS: ("GET", "/members", {}),
            Verb.CHANGE_ROLE: ("PATCH", f"/members/{self.target}", {"role": "editor"}),
            Verb.ADMIT: ("PATCH", f"/members/{self.target}", {"state": "in"}),
            Verb.ERASE: ("POST", "/erasures", {"text": "nothing of the kind", "dry_run": True}),
            Verb.END_ROOM: ("DELETE", "", {}),
        }
        method, path, body = requests[verb]
        return ask_as(self.room, method, path, token, body) not in REFUSED


BY_SOCKET = {Verb.WAIT, Verb.PRESENT, Verb.CHAT, Verb.RENAME_SELF, Verb.EDIT, Verb.STOP_RUN}
BY_REST = tuple(verb for verb in Verb if verb not in BY_SOCKET | {Verb.JOIN, Verb.END_ROOM})


def ask_as(room: Room, method: str, path: str, token: str | None, body: dict[str, object]) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    sent = {"json": body} if body else {}
    return httpx.request(method, f"{room.url}/api/rooms/{room.id}{path}", headers=headers, **sent).status_code  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("actor", list(Actor))
def test_rest_does_what_the_table_says(known_server: KnownServer, actor: Actor) -> None:
    cast = Cast(known_server)
    token = cast.tokens[actor]
    ends = () if may(actor, Verb.END_ROOM) else (Verb.END_ROOM,)
    verbs = (*BY_REST, *ends, Verb.JOIN)  # who has joined is somebody else
    assert {verb: cast.asks(verb, token) for verb in verbs} == {verb: may(actor, verb) for verb in verbs}
    assert cast.asks(Verb.END_ROOM, cast.room.host)


def test_a_token_that_is_none_any_more_or_anothers_is_refused_whatever_is_asked(known_server: KnownServer) -> None:
    cast = Cast(known_server)
    for kind, token in cast.invalid.items():
        assert not [verb for verb in (*BY_REST, Verb.JOIN, Verb.END_ROOM) if cast.asks(verb, token)], kind
    assert cast.asks(Verb.END_ROOM, cast.room.host)


def test_the_desk_is_for_administrators_and_for_tokens_that_they_made_for_it(known_server: KnownServer) -> None:
    room, url = Room.open(known_server.url), known_server.url
    made = {}
    for scope in ("admin", "rooms:write"):
        answer = httpx.post(f"{url}/api/me/tokens", headers=bearer(known_server.accounts[Actor.ADMIN]), json={"name": scope, "scopes": [scope]})
        made[scope] = answer.json()["token"]
    described = httpx.get(f"{url}/openapi.json").json()["paths"]
    asked = [(method, path) for path, methods in described.items() if path.startswith("/api/admin/") for method in methods]
    assert len(asked) > 12
    for method, path in asked:
        address = url + path.replace("{room_id}", room.id).replace("{member_id}", "nobody").replace("{", "").replace("}", "")

        def status(token: str | None, method: str = method, address: str = address) -> int:
            sent: dict[str, Any] = {} if method in {"get", "delete"} else {"json": {}}
            return httpx.request(method, address, headers=bearer(token), **sent).status_code

        refused = {
            "stranger": status(None),
            "host": status(room.host),
            "account": status(known_server.accounts[Actor.ACCOUNT]),
            "other token": status(made["rooms:write"]),
        }
        assert refused == {"stranger": 401, "host": 401, "account": 403, "other token": 403}, (method, path)
        assert not {status(known_server.accounts[Actor.ADMIN]), status(made["admin"])} & REFUSED, (method, path)


@pytest.mark.parametrize("plain", [False, True])
async def test_a_socket_is_for_whom_the_table_says(known_server: KnownServer, plain: bool) -> None:
    cast = Cast(known_server)
    for actor, token in cast.tokens.items():
        client = Client(known_server.url, cast.room.id, token, plain=plain)
        await client.connect_only()
        if may(actor, Verb.READ):
            await client.until(lambda client=client: client.synced)
        elif may(actor, Verb.WAIT):
            async with Client(known_server.url, cast.room.id, cast.room.host) as host:
                waiting = (await host.event("welcome"))["waiting"]
                assert [one["name"] for one in waiting] == ["Lobby"] or await host.event("lobby.knock")
            assert client.closed is None
            assert not client.synced
        else:
            assert await client.until_closed() == (4403 if actor is Actor.REMOVED else 4401), actor
        await client.leave()
    logged_in = {"Cookie": f"fourhands_account={known_server.accounts[Actor.ADMIN]}", "Origin": known_server.url}
    for token, headers in [*((token, None) for token in cast.invalid.values()), (None, logged_in)]:
        client = Client(known_server.url, cast.room.id, token, plain=plain, headers=headers)
        await client.connect_only()
        assert await client.until_closed() == 4401
        await client.leave()


@pytest.mark.parametrize("actor", [Actor.HOST, Actor.EDITOR, Actor.VIEWER])
async def test_messages_do_what_the_table_says(known_server: KnownServer, actor: Actor) -> None:
    cast = Cast(known_server)
    watcher_token = cast.tokens[Actor.EDITOR if actor is not Actor.EDITOR else Actor.HOST]
    async with Client(known_server.url, cast.room.id, watcher_token) as watcher, Client(known_server.url, cast.room.id, cast.tokens[actor]) as client:
        did: dict[Verb, bool] = {}
        await client.present(71, 1, {"cursor": 1})
        await client.say("chat", text="hello", ref="chat1")
        await client.say("member.change", name=f"New {actor}")
        await client.say("run.start", run="run00001", language="python", file="main.py")
        await client.say("run.stop", run="run00001")
        await client.insert(0, "text")
        await client.answered()
        await client.event("member.changed")
        await watcher.answered()
        refused = {event["ref"] for event in client.events if event["type"] == "error" and event["code"] == "forbidden"}
        did[Verb.PRESENT] = 71 in watcher.states
        did[Verb.CHAT] = "chat1" not in refused
        did[Verb.RENAME_SELF] = any(event["member"]["name"] == f"New {actor}" for event in client.events if event["type"] == "member.changed")
        starts = [event for event in watcher.events if event["type"] == "run.started"]
        did[Verb.RUN] = bool(starts)
        stops = [event for event in client.events if event["type"] == "error" and event["ref"] == "run00001" and event["code"] == "forbidden"]
        did[Verb.STOP_RUN] = not stops
        did[Verb.EDIT] = str(watcher.text) == "text"
        assert did == {verb: may(actor, verb) for verb in did}
