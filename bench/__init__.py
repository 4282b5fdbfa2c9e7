"""Measures the sync server beside its peers. `make bench` runs `bench.compare`; nothing in `src` imports this."""
