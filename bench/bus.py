"""What the bus adds: from when one instance publishes an edit to when another hears it, over a Redis of this machine, and the processor's time for a
message with the sender, its echo and the one reader in it. `REDIS_URL=redis://127.0.0.1:6379/0 python -m bench.bus`; decision 22 has what came of it.
"""

import asyncio
import os
import secrets
import time
from collections.abc import Sequence

import uvloop

from fourhands.bus.messages import Edit, Message
from fourhands.bus.redis import RedisBus

ROUNDS, PAUSE_SECONDS = 2000, 0.002
MANY, A_TURN = 20_000, 5
KEYSTROKE = b"x" * 30


def main() -> None:
    latencies, cpu_microseconds = uvloop.run(_measure(os.environ["REDIS_URL"]))
    told = [latencies[len(latencies) * share // 100] * 1000 for share in (50, 99)]
    print(f"publish to heard: p50 {told[0]:.3f} ms, p99 {told[1]:.3f} ms, most {latencies[-1] * 1000:.3f} ms; {cpu_microseconds:.1f} us of CPU a message")


async def _measure(url: str) -> tuple[Sequence[float], float]:
    prefix = secrets.token_hex(8)
    here, there = RedisBus(url, "a" * 16, prefix=prefix), RedisBus(url, "b" * 16, prefix=prefix)
    heard: list[float] = []
    came = asyncio.Event()

    def hear(_: str, messages: Sequence[Message]) -> None:
        heard.extend([time.perf_counter()] * len(messages))
        came.set()

    def ignore(_: str, messages: Sequence[Message]) -> None:
        del messages

    for bus in (here, there):
        await bus.start(ignore)
    async with asyncio.timeout(30):
        while not (here.reached and there.reached):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await there.subscribe("room", hear)
    await here.subscribe("room", ignore)
    latencies: list[float] = []
    for number in range(ROUNDS):
        came.clear()
        began = time.perf_counter()
        here.publish("room", Edit(number, "ada", 0, KEYSTROKE))
        await came.wait()
        latencies.append(heard[-1] - began)
        await asyncio.sleep(PAUSE_SECONDS)  # so that each is one among others, as a keystroke is
    heard.clear()
    worked = time.process_time()
    for number in range(MANY):
        here.publish("room", Edit(number, "ada", 0, KEYSTROKE))
        if number % A_TURN == 0:
            await asyncio.sleep(PAUSE_SECONDS / 4)
    while len(heard) < MANY:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    spent = time.process_time() - worked
    for bus in (here, there):
        await bus.stop()
    return sorted(latencies), spent / MANY * 1e6


if __name__ == "__main__":
    main()
