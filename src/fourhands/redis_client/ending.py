"""How whatever talks to Redis for ever is ended."""

import asyncio


def require_wanted() -> None:
    """Raises `CancelledError` in a task that was told to end: at times Redis's client answers with something else when it is."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
