"""Requests to another server, whose answers are bounded in time and size: it may be slow, away, or somebody else than we think."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from fourhands.errors import Unavailable

AT_ONCE = 20
"""Requests under way; others wait, as long as an answer may take."""


class BoundedHttp:
    """`seconds`: for a whole answer. `most_bytes`: of a body. Redirects are not followed."""

    def __init__(self, *, seconds: float, most_bytes: int, dependency: str) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._dependency = dependency
        self._kept: httpx.AsyncClient | None = None

    async def ask(self, method: str, url: str, *, headers: Mapping[str, str], body: str | None = None) -> tuple[int, dict[str, Any]]:
        """The status and the JSON object of an answer. Raises `Unavailable` for every other answer, and for none."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._ask(method, url, {"Accept": "application/json", "Accept-Encoding": "identity", **headers}, body)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, TimeoutError) as error:
            raise self._away(f"{type(error).__name__} {error}".strip()) from error

    async def close(self) -> None:
        """End its connections."""
        if self._kept is not None:
            await self._kept.aclose()

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> tuple[int, dict[str, Any]]:
        got = bytearray()
        async with self._client().stream(method, url, headers=headers, content=body) as answer:
            async for part in answer.aiter_raw():
                got += part
                if len(got) > self._most_bytes:
                    raise self._away(f"an answer has more than {self._most_bytes:,} bytes")
        try:
            found: object = json.loads(got)
        except (ValueError, RecursionError) as error:
            raise self._away(f"status {answer.status_code} without JSON") from error
        if not isinstance(found, dict):
            raise self._away(f"status {answer.status_code} without a JSON object")
        return answer.status_code, found  # pyright: ignore[reportUnknownVariableType] - its keys are text: it is JSON

    def _client(self) -> httpx.AsyncClient:
        """Made when it is first needed: reading the certificates of the machine takes a moment."""
        if self._kept is None:
            limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=2, keepalive_expiry=30)
            self._kept = httpx.AsyncClient(timeout=self._seconds, limits=limits, follow_redirects=False)
        return self._kept

    def _away(self, reason: str) -> Unavailable:
        return Unavailable(reason, self._dependency)
