"""Bytes <-> typed messages; pure. `docs/protocol.md` describes the wire, `web/src/protocol` is the TypeScript twin."""
