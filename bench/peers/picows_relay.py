"""picows_relay.py PORT: what carries our server, without our server. A relay for y-websocket clients on picows and uvloop, as bare as
`crelay.c`: no document, no checks, no journal. An update or a cursor is framed once and written to the others in its room; what one
read brings leaves in one write. The distance to `crelay` is the price of Python, picows and uvloop; that to ours, of what ours does.
"""

import sys

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from fourhands.protocol.sync import AWARENESS, UPDATE
from fourhands.protocol.websocket import frame as framed

STEP1, STEP2, ASKS = framed(b"\x00\x00\x01\x00"), framed(b"\x00\x01\x02\x00\x00"), b"\x00\x00"
BINARY = WSMsgType.BINARY

rooms: dict[bytes, list["Person"]] = {}


class Person(WSListener):
    def __init__(self, room: list["Person"]) -> None:
        self._room = room
        self._held: list[bytes] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.write = transport.underlying_transport.write
        self._room.append(self)
        self.write(STEP1)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self in self._room:
            self._room.remove(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind is not BINARY:
            if kind is WSMsgType.CLOSE:
                transport.disconnect()
            return
        message = frame.get_payload_as_bytes()
        if message[:2] == ASKS:
            self.write(STEP2)
        elif message[:2] == UPDATE or message[:1] == AWARENESS:
            self._held.append(framed(message))
        if frame.last_in_buffer and self._held:
            owed = self._held[0] if len(self._held) == 1 else b"".join(self._held)
            self._held.clear()
            for other in self._room:
                if other is not self:
                    write = other.write
                    write(owed)


async def main(port: int) -> None:
    def enter(request: WSUpgradeRequest) -> Person:
        return Person(rooms.setdefault(request.path, []))

    server = await ws_create_server(enter, "127.0.0.1", port, enable_auto_ping=False, backlog=4096)
    await server.serve_forever()


uvloop.run(main(int(sys.argv[1])))
