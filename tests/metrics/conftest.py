"""Rooms, a journal and a store for tests of what is read from them."""

from tests.actions.conftest import house

__all__ = ["house"]
