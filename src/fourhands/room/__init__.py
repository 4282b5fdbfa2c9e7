"""The live room: its document, the people in it, and the journal. Knows no HTTP and no WebSocket."""
