"""The house that tests of actions are in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import House, open_house


@pytest.fixture
async def house(quick_dir: Path) -> AsyncIterator[House]:
    async with open_house(quick_dir) as opened:
        yield opened
