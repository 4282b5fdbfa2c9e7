"""SIGTERM at any moment, while people type, delete, chat and reconnect: nothing that was acknowledged is lost, it ends in
time, and what it did not say was saved it had saved all the same where the database let it."""

import asyncio
import random
import signal
import time

import pytest

from tests.soak.conftest import StartServer
from tests.soak.crowd import Crowd
from tests.soak.test_kill import ACTIONS, SETTINGS, come_back

STOPS = 6  # a round
SECONDS = 5.0 + 15.0  # what is promised, and what a machine that is busy with other things adds


@pytest.mark.rounds(10)
async def test_stop_at_any_moment(start_server: StartServer, chance: random.Random) -> None:
    server = start_server(commit_milliseconds=chance.choice([0, 50, 400]), **SETTINGS)
    crowds = [Crowd(server, chance) for _ in range(2)]
    for _ in range(STOPS):
        for crowd in crowds:
            crowd.begin(ACTIONS)
        await asyncio.sleep(chance.random() * 0.4)
        began = time.monotonic()
        await asyncio.to_thread(server.stop, chance.choice([signal.SIGTERM, signal.SIGINT]))
        assert time.monotonic() - began < SECONDS, server.log
        for crowd in crowds:
            await crowd.finish()
        await come_back(server, crowds, chance)
    for crowd in crowds:
        await crowd.end()
    assert "stop.out_of_time" not in server.log
    assert "Traceback" not in server.log
