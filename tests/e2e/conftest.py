"""The fixtures of tests/e2e."""

from tests.e2e.fixtures import chromium, own_server, people, server

__all__ = ["chromium", "own_server", "people", "server"]
