"""What one message to 299 people costs in writes: by uvloop's transport, and by `os.write` straight to the sockets, alone and while another
thread of the process computes. `python -m bench.fan_out`; decision 17 has what came of it.

`os.write` lets go of Python's lock for each write, and a thread that computes takes it for up to 5 ms every time; uvloop keeps it.
"""

import asyncio
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvloop

PEOPLE, ROUNDS = 299, 15
MESSAGE = b"\x82\x18" + bytes(24)


def main() -> None:
    for busy in (False, True):
        for way, milliseconds in uvloop.run(_measure(busy=busy)).items():
            beside = "beside a thread that computes" if busy else "alone"
            print(f"{way:10} {beside:30} median {statistics.median(milliseconds):8.2f} ms, most {max(milliseconds):8.2f} ms")


async def _measure(*, busy: bool) -> dict[str, list[float]]:
    loop = asyncio.get_running_loop()
    transports: list[asyncio.WriteTransport] = []
    readers: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=PEOPLE) as listening:
        for _ in range(PEOPLE):
            readers.append(socket.create_connection(listening.getsockname()))
            accepted, _ = listening.accept()
            transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, accepted)
            transports.append(transport)
    numbers = [transport.get_extra_info("socket").fileno() for transport in transports]

    def by_transport() -> None:
        for transport in transports:
            transport.write(MESSAGE)

    def by_hand() -> None:
        for number in numbers:
            os.write(number, MESSAGE)

    with _computing() if busy else _nothing():
        measured = {"transport": [await _timed(by_transport) for _ in range(ROUNDS)], "os.write": [await _timed(by_hand) for _ in range(ROUNDS)]}
    for transport, reader in zip(transports, readers, strict=True):
        transport.abort()
        reader.close()
    return measured


async def _timed(send: Callable[[], None]) -> float:
    await asyncio.sleep(0.02)  # so that each is one among others, as a keystroke is
    began = time.perf_counter()
    send()
    return (time.perf_counter() - began) * 1000


@contextmanager
def _computing() -> Iterator[None]:
    over = threading.Event()

    def compute() -> None:
        while not over.is_set():
            pass

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


if __name__ == "__main__":
    main()
