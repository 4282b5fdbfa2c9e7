"""`/sync/{room}`: the WebSocket that y-websocket clients and our own page speak."""
