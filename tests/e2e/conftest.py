"""The fixtures of tests/e2e, and which of its tests are about a server alone."""

import pytest

from tests.e2e.fixtures import TOPOLOGY, chromium, own_server, people, server

__all__ = ["chromium", "own_server", "people", "server"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("one_server")
    if marker is not None and TOPOLOGY != "one":
        pytest.skip(f"with one server alone: {marker.args[0]}")
