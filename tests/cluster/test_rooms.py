"""A room's people at three real instances, over real PostgreSQL and Redis: what one does all hear, and a kill or a Redis that is away costs nothing."""

from tests.cluster.topology import Backends, Cluster, running_cluster
from tests.wire.client import Client, Room, clients


def at(cluster: Cluster, number: int) -> str:
    return cluster.instances[number].url


def name_at(client: Client, shown: int) -> str | None:
    """Whose cursor somebody sees there."""
    _, state = client.states.get(shown, (0, None))
    return None if state is None else state["user"]["name"]


async def test_three_write_speak_and_see_each_other(cluster: Cluster) -> None:
    room = Room.open(at(cluster, 0))
    ada = Client(at(cluster, 0), room.id, room.host)
    lin = Client(at(cluster, 1), room.id, room.join("Lin"))
    kim = Client(at(cluster, 2), room.id, room.join("Kim"))
    async with clients(ada, lin, kim):
        await ada.insert(0, "a")
        await lin.until_text("a")
        await lin.insert(1, "b")
        await kim.until_text("ab")
        await kim.insert(2, "c")
        for one in (ada, lin, kim):
            await one.until_text("abc")
            await one.until_saved()
        await ada.say("chat", text="hello")
        for one in (lin, kim):
            await one.event("chat")
        await lin.present(5, 1, {"cursor": 3})
        for one in (ada, kim):
            await one.until(lambda one=one: name_at(one, 5) == "Lin")
        late = Client(at(cluster, 1), room.id, room.join("Late"))
        async with late:
            welcome = await late.event("welcome")
            assert {member["name"] for member in welcome["members"]} >= {"Lin", "Kim", "Late"}
            await late.until_text("abc")


async def test_what_was_shown_elsewhere_outlives_a_kill_and_a_redis_that_forgets(backends: Backends) -> None:
    with running_cluster(backends, instances=2, env={"FOURHANDS_COMMIT_MILLISECONDS": "5000", "FOURHANDS_INSTANCE_LEASE_SECONDS": "2"}) as cluster:
        room = Room.open(at(cluster, 0))
        lin = Client(at(cluster, 1), room.id, room.join("Lin"))
        ada = Client(at(cluster, 0), room.id, room.host)
        async with lin:
            await ada.connect()
            await ada.insert(0, "not committed")
            await lin.until_text("not committed")
            cluster.instances[0].kill()  # its commit is seconds away
            again = Client(at(cluster, 1), room.id, room.host)
            async with again:
                await again.until_text("not committed")
                await again.until_saved()
            backends.redis.kill()
            await lin.event("room.reach", ok=False)
            await lin.insert(0, "still ")
            backends.redis.start()
            await lin.event("room.reach", ok=True)
            await lin.until_saved()
        cluster.instances[0].start()
        kim = Client(at(cluster, 0), room.id, room.join("Kim"))
        async with kim:
            await kim.until_text("still not committed")
