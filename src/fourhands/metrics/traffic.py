"""What connections carried: asked of the kernel, which counts it anyway, so that messages are not counted as they pass.

Source: tcp(7), `struct tcp_info` of linux/tcp.h; the fields up to `tcpi_bytes_retrans` are there since Linux 4.19.
"""

import socket
import struct
from dataclasses import dataclass, replace
from typing import Any

_RECEIVED, _SEGMENTS, _SENT = struct.Struct("=Q"), struct.Struct("=II"), struct.Struct("=QQ")
_RECEIVED_AT, _SEGMENTS_AT, _SENT_AT = 128, 152, 200
_INFO_BYTES = 216
_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None)


@dataclass(slots=True)
class Traffic:
    """Sums over connections. `edits`: sync messages that they brought."""

    edits: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    received_segments: int = 0
    sent_segments: int = 0

    def copy(self) -> "Traffic":
        return replace(self)

    def add(self, edits: int, wire: Any) -> None:
        """What a connection has carried so far. `wire`: its socket, None where there is none any more; what is no TCP counts its edits alone."""
        self.edits += edits
        if _TCP_INFO is None or wire is None or wire.fileno() < 0 or wire.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        try:
            info: bytes = wire.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _INFO_BYTES)
        except OSError:
            return
        if len(info) < _INFO_BYTES:
            return
        received_segments, sent_segments = _SEGMENTS.unpack_from(info, _SEGMENTS_AT)
        sent, again = _SENT.unpack_from(info, _SENT_AT)
        self.received_bytes += _RECEIVED.unpack_from(info, _RECEIVED_AT)[0]
        self.sent_bytes += sent - again
        self.received_segments += received_segments
        self.sent_segments += sent_segments
