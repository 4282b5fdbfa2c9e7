"""The topology for the tests of this folder: PostgreSQL and Redis once, a cluster for each module."""

from collections.abc import Iterator

import pytest

from tests.cluster.topology import MISSING, Backends, Cluster, running_cluster


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    """PostgreSQL and Redis, for all clusters of this process; kill them only in a test that starts them again."""
    if MISSING:
        pytest.skip(MISSING)
    with Backends() as running:
        yield running


@pytest.fixture(scope="module")
def cluster(backends: Backends) -> Iterator[Cluster]:
    """Three instances behind nginx; no runner."""
    with running_cluster(backends) as running:
        yield running
