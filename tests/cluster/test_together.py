"""Three instances behave as one server: who is let in, what they may, what an administrator does, and how often anybody may try."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.cluster.topology import Backends, Cluster
from tests.e2e.admins import SECRET, make_admin
from tests.server import folder_in_memory
from tests.wire.client import Client, Event, Room

PATIENCE_SECONDS = 60.0
GUESSES = 4
_names = itertools.count(1)


@dataclass(frozen=True)
class Together:
    """`one`, `two` and `three`: addresses of the instances; `admin`: headers of an administrator."""

    one: str
    two: str
    three: str
    admin: dict[str, str]
    cluster: Cluster


@pytest.fixture(scope="module")
def together(backends: Backends) -> Iterator[Together]:
    with folder_in_memory() as folder:
        env = {"SECRET_KEY": SECRET, "FOURHANDS_PASSWORD_GUESSES_PER_15_MINUTES": str(GUESSES), "FOURHANDS_ENDING_SECONDS": "600"}
        cluster = Cluster(backends, folder, env=env)
        try:
            token = asyncio.run(make_admin(cluster))
            cluster.start()
            one, two, three = cluster.urls
            yield Together(one, two, three, {"Authorization": f"Bearer {token}"}, cluster)
        finally:
            cluster.close()


async def until(there: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await asyncio.to_thread(there):  # noqa: ASYNC110 - it is another process that does it
            await asyncio.sleep(0.05)


def at(url: str, room: Room, method: str, path: str, token: str | None = None, **body: object) -> httpx.Response:
    """Ask an instance about a room; as its host, if nobody else is named."""
    headers = {"Authorization": f"Bearer {token or room.host}"}
    return httpx.request(method, f"{url}/api/rooms/{room.id}{path}", headers=headers, json=body or None)


def join(url: str, room: Room, name: str = "Lin", **body: object) -> Event:
    answer = httpx.post(f"{url}/api/rooms/{room.id}/join", json={"name": name, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def administer(url: str, admin: dict[str, str], method: str, path: str, **body: object) -> Any:
    answer = httpx.request(method, f"{url}/api/admin{path}", headers=admin, json=body or None)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def test_what_a_host_at_one_instance_says_of_somebody_at_another_holds_at_once(together: Together) -> None:
    room = Room.open(together.one)
    lin = join(together.three, room)
    async with Client(together.two, room.id, lin["token"]) as there:
        await there.event("welcome")
        assert at(together.one, room, "PATCH", f"/members/{lin['member']}", role="viewer").status_code == 200
        await there.event("member.changed")
        await there.insert(0, "not any more")
        await there.event("error", code="forbidden")
        assert at(together.three, room, "PATCH", f"/members/{lin['member']}", state="removed").status_code == 200
        assert await there.until_closed() == 4403
    async with Client(together.one, room.id, lin["token"]) as again:
        assert await again.until_closed() == 4403


async def test_what_is_set_of_a_room_at_one_instance_holds_at_another(together: Together) -> None:
    room = Room.open(together.one)
    lin = join(together.two, room)
    async with Client(together.two, room.id, lin["token"]) as there:
        await there.event("welcome")
        assert at(together.one, room, "PATCH", "", title="Together", locked=True, read_only=True).status_code == 200
        changed = await there.event("room.changed")
        assert (changed["room"]["title"], changed["room"]["read_only"]) == ("Together", True)
        assert httpx.post(f"{together.two}/api/rooms/{room.id}/join", json={"name": "Max"}).status_code == 403
        assert at(together.three, room, "DELETE", "").status_code == 204
        assert await there.until_closed() == 4410


async def test_a_host_lets_in_who_waits_at_another_instance_by_a_third(together: Together) -> None:
    room = Room.open(together.one)
    assert at(together.one, room, "PATCH", "", lobby=True).status_code == 200
    async with Client(together.one, room.id, room.host) as ada:
        await ada.event("welcome")
        lin, eve = (join(together.two, room, name) for name in ("Lin", "Eve"))
        waiting = [Client(together.two, room.id, one["token"]) for one in (lin, eve)]
        for client in waiting:
            await client.connect_only()
            await client.event("lobby.wait")
        await ada.until(lambda: sum(event["type"] == "lobby.knock" for event in ada.events) == 2)
        assert at(together.three, room, "PATCH", f"/members/{lin['member']}", state="in").status_code == 200
        await waiting[0].event("welcome")
        assert at(together.three, room, "PATCH", f"/members/{eve['member']}", state="removed").status_code == 200
        assert await waiting[1].until_closed() == 4403
        await ada.event("lobby.left", member=lin["member"])
        await ada.event("lobby.left", member=eve["member"])
        for client in waiting:
            await client.leave()


async def test_a_run_in_a_browser_is_followed_and_stopped_from_another_instance(together: Together) -> None:
    room = Room.open(together.one)
    lin = join(together.two, room)
    async with Client(together.one, room.id, room.host) as ada, Client(together.two, room.id, lin["token"]) as there:
        await there.event("welcome")
        await ada.event("member.joined")
        await ada.say("run.start", run="r0000000001", language="python", file="main.py")
        await ada.say("run.output", run="r0000000001", stream="stdout", text="hello\n")
        await there.event("run.output", text="hello\n")
        late = join(together.three, room, "Max")
        async with Client(together.three, room.id, late["token"]) as last:
            await last.event("welcome")
            await there.say("run.stop", run="r0000000001")
            await ada.event("run.stop", by=lin["member"])
            await ada.say("run.end", run="r0000000001", status="stopped", code=None)
            for client in (there, last):
                await client.event("run.ended", status="stopped")
        answers = [at(url, room, "GET", "/runs").json()["runs"] for url in (together.one, together.two, together.three)]
        assert [[(run["id"], run["status"]) for run in runs] for runs in answers] == [[("r0000000001", "stopped")]] * 3


async def test_who_may_do_what_does_not_depend_on_the_instance(together: Together) -> None:
    room = Room.open(together.one)
    viewer = join(together.two, room, "Vic", key=room.key("viewer"))["token"]
    editor = join(together.two, room, "Ed", key=room.key("editor"))["token"]
    other = join(together.three, Room.open(together.three), "Oz")["token"]
    async with Client(together.one, room.id, room.host) as ada:
        await ada.event("welcome")
        asked = [
            ("GET", "/members", {}, 200, 403, 403),
            ("PATCH", "", {"title": "Mine"}, 200, 403, 403),
            ("GET", "/invites", {}, 200, 403, 403),
            ("POST", "/erasures", {"text": "nowhere at all", "dry_run": True}, 200, 403, 403),
            ("GET", "/history", {}, 200, 200, 200),
            ("GET", "/files/main", {}, 200, 200, 200),
        ]
        for url in (together.one, together.two, together.three):
            for method, path, body, *expected in asked:
                got = [at(url, room, method, path, token, **body).status_code for token in (room.host, editor, viewer)]
                assert got == expected, (url, method, path)
                assert at(url, room, method, path, other, **body).status_code in {401, 403}, (url, method, path)


async def test_a_ban_at_one_instance_ends_connections_at_another_and_its_end_lets_in_again(together: Together) -> None:
    room = Room.open(together.one)
    lin = join(together.two, room)
    async with Client(together.two, room.id, lin["token"]) as there:
        await there.event("welcome")
        ban = administer(together.one, together.admin, "POST", "/bans", kind="member", subject=f"{room.id}/{lin['member']}")
        assert await there.until_closed() == 4403
    administer(together.three, together.admin, "DELETE", f"/bans/{ban['id']}")
    await until(lambda: at(together.two, room, "GET", "/history", lin["token"]).status_code == 200)


def both_seen(together: Together, url: str, room: Room) -> bool:
    """Whether that instance's desk shows the room once, and Ada and Lin in it, at two instances."""
    rooms = [row for row in administer(url, together.admin, "GET", "/rooms")["rows"] if row["id"] == room.id]
    people = [row for row in administer(url, together.admin, "GET", "/people")["rows"] if row["room"] == room.id]
    at_two = len({row["instance"] for row in people}) == 2 and {row["name"] for row in people} == {"Ada", "Lin"}
    return at_two and [len(row["instances"]) for row in rooms] == [2]


async def test_the_desk_of_each_shows_all_and_reaches_all(together: Together) -> None:
    room = Room.open(together.one)
    lin = join(together.two, room)
    async with Client(together.one, room.id, room.host) as ada, Client(together.two, room.id, lin["token"]) as there:
        await ada.event("welcome")
        await there.event("welcome")
        for url in (together.one, together.two, together.three):
            await until(lambda url=url: len(administer(url, together.admin, "GET", "/stats")["server"]["instances"]) == 3)
            await until(lambda url=url: both_seen(together, url, room))
        administer(together.three, together.admin, "POST", "/messages", text="Tea is ready.", room=room.id)
        for client in (ada, there):
            await client.event("notice", text="Tea is ready.")
        administer(together.one, together.admin, "PUT", f"/rooms/{room.id}/ending", erases=True)
        for client in (ada, there):
            await client.event("room.ending", erases=True)
        await until(lambda: httpx.put(f"{together.three}/api/admin/rooms/{room.id}/ending", headers=together.admin, json={}).status_code == 409)
        administer(together.three, together.admin, "DELETE", f"/rooms/{room.id}/ending")
        for client in (ada, there):
            await client.event("room.ending_cancelled")


def where_is(together: Together, room: Room) -> str:
    """At which instance somebody in the room is, as the first one's desk has it; nothing while it does not know."""
    people = administer(together.one, together.admin, "GET", "/people")["rows"]
    return next((row["instance"] for row in people if row["room"] == room.id), "")


async def test_maintenance_holds_everywhere_and_one_instance_alone_is_drained(together: Together) -> None:
    urls = (together.one, together.two, together.three)
    administer(together.one, together.admin, "PUT", "/mode", mode="maintenance")
    try:
        await until(lambda: {httpx.post(f"{url}/api/rooms", json={"name": "Ada"}).status_code for url in urls} == {503})
    finally:
        administer(together.two, together.admin, "PUT", "/mode", mode="open")
    await until(lambda: {httpx.post(f"{url}/api/rooms", json={"name": "Ada"}).status_code for url in urls} == {201})
    room = Room.open(together.one)
    async with Client(together.three, room.id, room.host) as ada:
        await ada.event("welcome")
        await until(lambda: len(administer(together.one, together.admin, "GET", "/stats")["server"]["instances"]) == 3)
        await until(lambda: where_is(together, room))
        third = where_is(together, room)
        administer(together.one, together.admin, "PUT", "/mode", mode="drain", instance=third)
        assert await ada.until_closed() == 1012
    try:
        assert [httpx.get(f"{url}/readyz").status_code for url in urls] == [200, 200, 503]
    finally:
        administer(together.one, together.admin, "PUT", "/mode", mode="open", instance=third)
    await until(lambda: httpx.get(f"{together.three}/readyz").status_code == 200)


async def test_wrong_passwords_are_counted_wherever_they_are_tried(together: Together) -> None:
    room = Room.open(together.one, password="correct horse battery")
    urls = itertools.cycle((together.one, together.two, together.three))
    tried = [httpx.post(f"{next(urls)}/api/rooms/{room.id}/join", json={"name": "Eve", "password": "wrong"}).status_code for _ in range(GUESSES + 3)]
    assert tried == [403] * GUESSES + [429] * 3


async def test_a_login_is_known_and_ended_and_refreshed_at_any_instance(together: Together) -> None:
    login, password = f"person-{next(_names)}", "correct horse battery"
    registered = httpx.post(f"{together.one}/api/accounts", json={"login": login, "password": password, "name": "Pat"})
    assert registered.status_code == 201, registered.text
    cookies = dict(registered.cookies)
    own = {"Origin": together.cluster.url}
    refresh = {name: value for name, value in cookies.items() if "refresh" in name}
    first = httpx.post(f"{together.two}/api/refresh", cookies=refresh, headers={"Sec-Fetch-Site": "same-origin", **own})
    second = httpx.post(f"{together.three}/api/refresh", cookies=refresh, headers={"Sec-Fetch-Site": "same-origin", **own})
    assert (first.status_code, second.status_code) == (200, 200), "two tabs at once"
    access = dict(first.cookies)
    for url in (together.one, together.two, together.three):
        assert httpx.get(f"{url}/api/me", cookies=access).json()["login"] == login
    assert httpx.post(f"{together.two}/api/logout", cookies=access, headers={"Sec-Fetch-Site": "same-origin", **own}).is_success
    for url in (together.one, together.three):
        await until(lambda url=url: httpx.get(f"{url}/api/me", cookies=access).status_code == 401)


async def test_what_an_instance_had_that_is_killed_is_told_as_lost_and_called_off(together: Together) -> None:
    """The last one: it takes the third away, and brings it back."""
    room = Room.open(together.one)
    lin = join(together.three, room)
    async with Client(together.one, room.id, room.host) as ada, Client(together.three, room.id, lin["token"]) as there:
        await ada.event("welcome")
        await there.event("welcome")
        await there.say("run.start", run="r0000000009", language="python", file="main.py")
        await ada.event("run.started")
        administer(together.three, together.admin, "PUT", f"/rooms/{room.id}/ending", erases=True)
        await ada.event("room.ending")
        await until(lambda: len(administer(together.one, together.admin, "GET", "/stats")["server"]["instances"]) == 3)
        together.cluster.instances[2].kill()
        try:
            await ada.event("run.ended", seconds=PATIENCE_SECONDS, status="lost")
            await ada.event("room.ending_cancelled", seconds=PATIENCE_SECONDS)
            await until(lambda: len(administer(together.one, together.admin, "GET", "/stats")["server"]["instances"]) == 2)
            await until(lambda: [run["status"] for run in at(together.two, room, "GET", "/runs").json()["runs"]] == ["lost"])
        finally:
            together.cluster.start()
