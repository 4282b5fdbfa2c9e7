"""People of one room at different instances: what they write, say, change and are told is the same everywhere, and goes on when an instance does not."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.cluster.topology import Cluster, moved
from tests.soak.cable import Cable
from tests.wire.client import Client, Room, bearer, clients


def at(cluster: Cluster, number: int, room: Room, token: str) -> Client:
    """Somebody at one of the instances."""
    return Client(cluster.instances[number].url, room.id, token)


def spread(cluster: Cluster, room: Room) -> list[Client]:
    """The host and two editors, each at another instance."""
    return [at(cluster, 0, room, room.host), at(cluster, 1, room, room.join("Lin", role="editor")), at(cluster, 2, room, room.join("Grace", role="editor"))]


async def same_text(people: tuple[Client, ...], *words: str) -> str:
    """Wait until everybody has one text with all these words."""
    for person in people:
        await person.until(lambda person=person: all(word in str(person.text) for word in words))
    assert len({str(person.text) for person in people}) == 1
    return str(people[0].text)


async def test_what_three_write_at_three_instances_is_one_text_and_kept(cluster: Cluster) -> None:
    room = Room.open(cluster.instances[0].url)
    async with clients(*spread(cluster, room)) as people:
        for person, word in zip(people, ("ada ", "lin ", "grace "), strict=True):
            await person.insert(0, word)
        text = await same_text(people, "ada ", "lin ", "grace ")
        for person in people:
            await person.until_saved()
        async with Client(cluster.url, room.id, room.join("Kurt")) as late:
            await late.until_text(text)
    for url in cluster.urls:
        assert httpx.get(f"{url}/api/rooms/{room.id}/files/main", headers=bearer(room.host)).text == text


async def test_who_joins_and_leaves_elsewhere_is_known_everywhere(cluster: Cluster) -> None:
    room = Room.open(cluster.instances[0].url)
    async with clients(*spread(cluster, room)) as (ada, lin, grace):
        await lin.present(7, 1, {"cursor": 3})
        for other in (ada, grace):
            await other.until(lambda other=other: other.states.get(7, (0, None))[1] is not None)
        await lin.drop()
        for other in (ada, grace):
            await other.until(lambda other=other: other.states[7][1] is None)


async def test_chat_reaches_everybody_in_one_order_and_once(cluster: Cluster) -> None:
    room = Room.open(cluster.instances[0].url)
    async with clients(*spread(cluster, room)) as people:
        for number in range(3):
            for person in people:
                await person.say("chat", text=f"{number}")

        def said(person: Client) -> list[str]:
            return [event["message"]["text"] for event in person.events if event["type"] == "chat"]

        for person in people:
            await person.until(lambda person=person: len(said(person)) >= 9)
        assert all(sorted(said(person)) == sorted("012" * 3) for person in people)
        async with Client(cluster.url, room.id, room.host) as late:
            welcome = await late.event("welcome")
            assert len(welcome["chat"]) == 9


async def test_a_role_that_is_taken_counts_at_once_at_another_instance(cluster: Cluster) -> None:
    room = Room.open(cluster.instances[0].url)
    async with clients(*spread(cluster, room)) as (ada, lin, grace):
        me = (await lin.event("welcome"))["me"]["id"]
        answer = httpx.patch(f"{cluster.instances[0].url}/api/rooms/{room.id}/members/{me}", headers=bearer(room.host), json={"role": "viewer"})
        assert answer.is_success, answer.text
        await lin.until(lambda: any(event.get("role") == "viewer" or event.get("member", {}).get("role") == "viewer" for event in lin.events[1:]))
        await lin.insert(0, "refused")
        await lin.event("error")
        await ada.insert(0, "kept")
        await same_text((ada, grace), "kept")
        assert "refused" not in str(grace.text)


async def test_a_room_that_is_ended_at_one_instance_ends_at_all(cluster: Cluster) -> None:
    room = Room.open(cluster.instances[0].url)
    async with clients(*spread(cluster, room)) as people:
        assert httpx.delete(f"{cluster.instances[2].url}/api/rooms/{room.id}", headers=bearer(room.host)).is_success
        for person in people:
            assert await person.until_closed() == 4410


@pytest.fixture
def mended(cluster: Cluster) -> Iterator[Cluster]:
    """The same, of which a test may end parts; they are started again."""
    yield cluster
    cluster.mend()


async def test_what_an_instance_was_told_before_it_was_killed_is_at_the_others(mended: Cluster) -> None:
    room = Room.open(mended.instances[0].url)
    ada, lin = at(mended, 0, room, room.host), at(mended, 1, room, room.join("Lin", role="editor"))
    async with ada, lin:
        await ada.insert(0, "seen elsewhere")
        await lin.until_text("seen elsewhere")
        await asyncio.to_thread(mended.instances[0].kill)
        await ada.until_closed()
        await lin.insert(0, "and on: ")
        await lin.until_saved()
    async with Client(mended.instances[2].url, room.id, room.host) as again:
        await again.until_text("and on: seen elsewhere")


async def test_whose_instance_stops_is_told_to_come_back_and_finds_all_at_another(mended: Cluster) -> None:
    room = Room.open(mended.instances[0].url)
    async with at(mended, 0, room, room.host) as ada:
        await ada.insert(0, "before the restart")
        stopping = asyncio.create_task(asyncio.to_thread(mended.instances[0].stop))
        assert await ada.until_closed() == 1012
        assert await stopping == 0
    async with Client(mended.instances[1].url, room.id, room.host) as again:
        await again.until_text("before the restart")


@pytest.mark.parametrize("away", ["redis", "postgres"])
async def test_what_is_away_costs_no_edit_and_all_is_kept_when_it_is_back(mended: Cluster, away: str) -> None:
    room = Room.open(mended.instances[0].url)
    part = mended.backends.redis if away == "redis" else mended.backends.postgres
    async with clients(*spread(mended, room)) as people:
        await people[0].insert(0, "first ")
        await same_text(people, "first ")
        await asyncio.to_thread(part.kill)
        for person, word in zip(people, ("ada ", "lin ", "grace "), strict=True):
            await person.insert(0, word)
        await asyncio.to_thread(part.start)
        text = await same_text(people, "ada ", "lin ", "grace ", "first ")
        for person in people:
            await person.until_saved()
    async with Client(mended.url, room.id, room.host) as late:
        await late.until_text(text)


async def test_what_an_instance_kept_while_it_could_tell_nobody_is_shown_by_the_others_once_it_is_lost(mended: Cluster) -> None:
    cut_off = mended.instances[0]
    straight = cut_off.env["REDIS_URL"]
    with Cable(mended.backends.redis.port) as cable:
        await asyncio.to_thread(cut_off.kill)
        cut_off.env["REDIS_URL"] = moved(straight, cable.port)
        await asyncio.to_thread(cut_off.start)
        room = Room.open(cut_off.url)
        ada, lin = at(mended, 0, room, room.host), at(mended, 1, room, room.join("Lin", role="editor"))
        async with ada, lin:
            await ada.insert(0, "together")
            await lin.until_text("together")
            cable.cut()
            await ada.until(lambda: any(event["type"] == "room.reach" and not event["ok"] for event in ada.events))
            await ada.say("chat", text="heard by nobody else")
            await ada.event("chat")
            await ada.insert(0, "and alone, ")
            await ada.until_saved()
            await asyncio.to_thread(cut_off.kill)
            chat = await lin.event("chat", seconds=60)
            assert chat["message"]["text"] == "heard by nobody else"
            await lin.until_text("and alone, together")
    cut_off.env["REDIS_URL"] = straight
