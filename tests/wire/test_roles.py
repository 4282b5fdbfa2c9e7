"""Roles are enforced by the server, and a change of role reaches live connections at once."""

import httpx

from fourhands.protocol import sync
from fourhands.protocol.sync import Kind
from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer, clients
from tests.wire.conftest import StartServer


def denials(client: Client) -> int:
    return sum(message.kind is Kind.AUTH for message in client.messages)


async def test_a_viewers_edit_is_refused_and_nobody_sees_it(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join(role="viewer"))) as (ada, lin):
        await ada.insert(0, "mine")
        await lin.until_text("mine")
        await lin.insert(0, "not ")
        error = await lin.event("error", code="forbidden", sync=lin.sent)
        assert "viewer" in error["message"]
        assert denials(lin) == 1
        await lin.until_saved()  # answered, so counted
        await ada.insert(4, "!")
        await lin.until(lambda: "mine!" in str(lin.text))
        assert lin.closed is None
        assert str(ada.text) == "mine!"
    async with Client(server.url, room.id, room.host) as again:
        assert str(again.text) == "mine!"


async def test_a_viewers_step_2_that_brings_nothing_is_fine(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "some text")
        del ada.text[2:5]
        await ada.flush()
        await ada.until_saved()
    lin = Client(server.url, room.id, room.join(role="viewer"))
    async with lin:
        await lin.until_saved()
    async with lin:  # comes back with everything, its step 2 holds the whole delete set
        await lin.until_saved()
        lin.sent += 1
        await lin.socket.send(sync.step2(lin.doc.get_update()))
        await lin.until_saved()
        assert denials(lin) == 0


async def test_a_plain_viewer_is_denied_and_stays(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join(role="viewer"), plain=True)) as (ada, lin):
        await lin.insert(0, "no")
        await lin.until(lambda: denials(lin) == 1)
        await ada.answered()
        assert str(ada.text) == ""
        assert lin.closed is None


async def test_a_viewer_who_takes_the_editors_link_can_send_what_was_refused(server: ServerProcess) -> None:
    room = Room.open(server.url)
    token = room.join(role="viewer")
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, token)) as (ada, lin):
        await lin.insert(0, "first ")
        await lin.event("error", code="forbidden")
        room.join(key=room.key("editor"), token=token)
        assert (await lin.event("member.changed"))["member"]["role"] == "editor"
        await ada.until_text("first ")  # the server asked again, by step 1
        await lin.insert(6, "second")
        await ada.until_text("first second")


async def test_viewers_may_chat_but_not_run(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join(role="viewer"))) as (ada, lin):
        await lin.say("chat", text="hello")
        await ada.event("chat")
        await lin.say("run.start", run="run00001", language="python", file="main.py")
        assert (await lin.event("error", ref="run00001"))["code"] == "forbidden"
        assert not [event for event in ada.events if event["type"] == "run.started"]


async def test_a_host_who_opens_a_viewers_link_stays_host(server: ServerProcess) -> None:
    room = Room.open(server.url)
    answer = room.ask_to_join("Ada", key=room.key("viewer"), token=room.host)
    assert answer.json()["role"] == "host"
    assert answer.json()["member"] == room.opened["member"]


async def test_without_a_key_one_is_what_the_room_says(server: ServerProcess) -> None:
    for guest_role, status, role in (("editor", 200, "editor"), ("viewer", 200, "viewer"), ("none", 403, None)):
        room = Room.open(server.url, guest_role=guest_role)
        answer = room.ask_to_join("Lin")
        assert answer.status_code == status
        assert answer.json().get("role") == role
        assert room.ask_to_join("Lin", key=room.key("editor")).json()["role"] == "editor"
        assert room.ask_to_join("Lin", key="wrong").status_code == 403


async def test_only_hosts_change_and_end_a_room(server: ServerProcess) -> None:
    room = Room.open(server.url)
    address = f"{server.url}/api/rooms/{room.id}"
    editor = room.join()
    assert httpx.patch(address, json={"title": "No"}, headers=bearer(editor)).status_code == 403
    assert httpx.delete(address, headers=bearer(editor)).status_code == 403
    assert httpx.get(address, headers=bearer(editor)).json()["links"] is None
    async with Client(server.url, room.id, editor) as lin:
        shown = httpx.patch(address, json={"title": "Yes", "guest_role": "viewer"}, headers=bearer(room.host)).json()
        assert (shown["title"], shown["guest_role"]) == ("Yes", "viewer")
        assert shown["links"]["host"].endswith("#" + room.key("host"))
        assert (await lin.event("room.changed"))["room"]["title"] == "Yes"
        assert httpx.delete(address, headers=bearer(room.host)).status_code == 204
        await lin.event("room.ended", by=room.opened["member"])
        assert await lin.until_closed() == 4410
    gone = httpx.get(address)
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    late = Client(server.url, room.id, editor)
    await late.connect()
    assert late.closed == 4410


async def test_a_language_chosen_in_the_document_is_said_to_all_with_who_chose(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join(), plain=True)) as (ada, lin):
        await lin.choose_language("rust")
        event = await ada.event("room.language", file="main", language="rust")
        welcome = await ada.event("welcome")
        assert event["by"] != welcome["me"]["id"]
        assert httpx.get(f"{server.url}/api/rooms/{room.id}").json()["language"] == "rust"


async def test_the_language_of_a_room_that_nobody_is_in_is_known(start_server: StartServer) -> None:
    server = start_server(idle_seconds=0.1)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.choose_language("rust")
        await ada.event("room.language", language="rust")
    server.stop()
    server.start()
    assert httpx.get(f"{server.url}/api/rooms/{room.id}").json()["language"] == "rust"


async def test_a_new_title_leaves_the_language_as_it_is(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.choose_language("rust")
        await ada.event("room.language", language="rust")
        shown = httpx.patch(f"{server.url}/api/rooms/{room.id}", json={"title": "New"}, headers=bearer(room.host)).json()
        assert shown["language"] == "rust"
        assert (await ada.event("room.changed"))["room"]["language"] == "rust"
