"""What accounts need while the server runs: hashing that cannot be flooded, and who is who at the moment."""
