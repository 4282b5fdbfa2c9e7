"""`SqlStore` is a `Store`; what it does stands in tests/contracts/test_store.py."""

import inspect

from fourhands.store.port import Store
from fourhands.store.sql.store import SqlStore


def test_it_has_every_method_of_the_port_with_its_parameters() -> None:
    for name, method in inspect.getmembers(Store, inspect.iscoroutinefunction):
        assert inspect.signature(getattr(SqlStore, name)) == inspect.signature(method), name


def test_it_is_taken_where_a_store_is_asked_for() -> None:
    store: Store = SqlStore("sqlite:///rooms.db")
    assert isinstance(store, SqlStore)
