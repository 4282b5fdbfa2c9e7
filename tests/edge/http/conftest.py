"""The application in this process, started as it is, and a browser of httpx in front of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fourhands.app import create_app
from fourhands.settings import Settings

OWN = "http://fourhands.test"


@pytest.fixture
async def browser(quick_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Keeps cookies, as a browser does."""
    app = create_app(Settings(data_dir=quick_dir))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
        yield client
