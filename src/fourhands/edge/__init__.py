"""The edges: bytes from outside are decoded and authenticated here, and failures get their outward form."""
