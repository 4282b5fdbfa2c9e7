"""Chat and runs: said by the server, within limits, and kept."""

from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients
from tests.wire.conftest import StartServer


async def test_a_message_is_heard_by_all_and_kept_as_it_was_written(start_server: StartServer) -> None:
    server = start_server()
    room = Room.open(server.url)
    text = "<img src=x onerror=alert(1)> & https://example.org\nsecond line"
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        await lin.say("chat", text=text, ref="r1")
        mine = await lin.event("chat", ref="r1")
        heard = await ada.event("chat")
        assert heard["message"] == mine["message"]
        assert (heard["message"]["text"], heard["message"]["name"]) == (text, "Lin")
        assert heard["ref"] is None
    server.kill()
    server.start()
    async with Client(server.url, room.id, room.host) as ada:
        assert [message["text"] for message in (await ada.event("welcome"))["chat"]] == [text]


async def test_a_message_has_2000_characters_at_most(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.say("chat", text="x" * 2000, ref="fits")
        await ada.event("chat", ref="fits")
        await ada.say("chat", text="x" * 2001, ref="long")
        assert (await ada.event("error", ref="long"))["code"] == "invalid_request"
        await ada.say("chat", text=" \n ", ref="empty")
        assert (await ada.event("error", ref="empty"))["code"] == "invalid_request"
        assert ada.closed is None


async def test_ten_messages_a_minute_a_person(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        for number in range(11):
            await ada.say("chat", text=str(number), ref=str(number))
        error = await ada.event("error", ref="10")
        assert error["code"] == "limit_exceeded"
        assert 0 < error["retry_after"] <= 60
        await lin.say("chat", text="I may still")
        await lin.event("chat", ref=None)
        await lin.until(lambda: sum(event["type"] == "chat" for event in lin.events) == 11)


async def test_an_event_that_makes_no_sense_is_answered_and_the_connection_stays(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.say("nonsense")
        await ada.event("error", code="invalid_request")
        await ada.say("chat")
        await ada.until(lambda: sum(event["type"] == "error" for event in ada.events) == 2)
        assert ada.closed is None


async def test_everybody_sees_a_run_and_it_is_kept(start_server: StartServer) -> None:
    server = start_server()
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        await lin.say("run.start", run="run00001", language="python", file="main.py")
        started = (await ada.event("run.started"))["run"]
        assert (started["name"], started["status"], started["where"]) == ("Lin", "running", "browser")
        await lin.say("run.output", run="run00001", stream="stdout", text="4\n")
        await lin.say("run.output", run="run00001", stream="stderr", text="oh\n")
        await ada.event("run.output", text="oh\n")
        late = Client(server.url, room.id, room.join("Kim"))
        await late.connect()
        assert (await late.event("welcome"))["runs"][0]["output"] == [["stdout", "4\n"], ["stderr", "oh\n"]]
        await late.leave()
        await lin.say("run.end", run="run00001", status="error", code=1, ms=41)
        ended = await ada.event("run.ended")
        assert (ended["status"], ended["code"], ended["ms"]) == ("error", 1, 41)
        await lin.insert(0, "x")
        await lin.until_saved()
    server.kill()
    server.start()
    async with Client(server.url, room.id, room.host) as ada:
        (kept,) = (await ada.event("welcome"))["runs"]
        assert (kept["status"], kept["output"]) == ("error", [["stdout", "4\n"], ["stderr", "oh\n"]])


async def test_output_past_the_limit_is_cut(start_server: StartServer) -> None:
    server = start_server(output_bytes=1024)
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        await lin.say("run.start", run="run00001", language="python", file="main.py")
        for _ in range(3):
            await lin.say("run.output", run="run00001", stream="stdout", text="x" * 500)
        await lin.say("run.end", run="run00001", status="output_limit", code=None)
        assert (await ada.event("run.ended"))["truncated"]
        assert sum(len(event["text"]) for event in ada.events if event["type"] == "run.output") == 1024


async def test_a_run_is_lost_with_the_page_that_ran_it(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        lin = Client(server.url, room.id, room.join("Lin"))
        await lin.connect()
        await lin.say("run.start", run="run00001", language="python", file="main.py")
        await ada.event("run.started")
        await lin.drop()
        assert (await ada.event("run.ended"))["status"] == "lost"


async def test_anybody_who_may_run_can_ask_for_a_stop_and_only_the_runner_speaks_for_it(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        await lin.say("run.start", run="run00001", language="python", file="main.py")
        await ada.event("run.started")
        await ada.say("run.output", run="run00001", stream="stdout", text="forged")
        assert (await ada.event("error", ref="run00001"))["code"] == "not_found"
        await ada.say("run.stop", run="run00001")
        asked = await lin.event("run.stop", run="run00001")
        assert asked["by"] == room.opened["member"]
        assert not [event for event in lin.events if event["type"] == "run.output"]


async def test_who_says_something_and_is_gone_before_it_is_kept_is_heard(start_server: StartServer) -> None:
    server = start_server(commit_milliseconds=400)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join()) as lin:
        ada = Client(server.url, room.id, room.host)
        await ada.connect()
        await ada.say("chat", text="Bye", ref="1")
        ada.socket.transport.close()  # no close frame: the connection just ends
        await lin.event("member.left")
        assert not [event for event in lin.events if event["type"] == "chat"]
        await lin.event("chat")
    assert "Traceback" not in server.log
