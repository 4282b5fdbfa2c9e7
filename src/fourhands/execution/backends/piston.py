"""A Piston server somewhere else as what runs programs (https://github.com/engineer-man/piston): nothing runs on this machine.

It lives in the server's process: it only talks HTTP, and its token is nothing for a runner. A program is one request, told
when it has ended; one whose input stays open talks by Piston's WebSocket. Piston has no terminals.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import httpx
import structlog

from fourhands.errors import InvalidRequest, NotFound, Unavailable
from fourhands.execution.backends.piston_run import Ceilings, ConnectRun, ExecuteRun, PistonRun, Remote
from fourhands.execution.port import Health, Job, Runtime

ASK_SECONDS = 10.0
AGAIN_SECONDS = 15.0
"""After it did not answer it is asked again so often."""
TESTING = Health(False, "The Piston server is being asked what it runs; programs run in a moment.")

_NUMBERS = re.compile(r"\d+")

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.execution")


class PistonBackend:
    """See `port.Backend`. `names`: our languages' ids by the names that Piston has for them, where those differ.

    ::

        asked first ──answers──> there ──does not answer──> away, asked again until it does
    """

    name = "piston"

    def __init__(self, url: str, token: str, names: Mapping[str, str], *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = api_url(url)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._names = names
        self._client = httpx.AsyncClient(base_url=self._url + "/", headers=self._headers, timeout=ASK_SECONDS, transport=transport)
        self._health: Health | None = None
        self._runtimes: dict[str, Runtime] = {}
        self._theirs: dict[str, str] = {}
        self._ceilings = Ceilings()
        self._runs: set[PistonRun] = set()
        self._doubt = asyncio.Event()

    @property
    def health(self) -> Health:
        return self._health or TESTING

    @property
    def is_pending(self) -> bool:
        return self._health is None

    async def check(self) -> Health:
        """Ask what it runs."""
        try:
            answer = await self._client.get("runtimes")
            answer.raise_for_status()
            self._learn(answer.json())
            self._health = Health(True, f"Programs run on the Piston server at {self._url}.")
        except httpx.HTTPStatusError as error:
            self._health = self._refused(error.response.status_code)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            self._health = Health(False, f"The Piston server at {self._url} does not answer ({reason}).", "See that it runs and can be reached from here.")
        return self._health

    async def keep_checking(self, every_seconds: float, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled: check, wait, and sooner when it did not answer."""
        while True:
            before, health = self._health, await self.check()
            if before is None or before.ok != health.ok:
                log.info("piston.asked", ok=health.ok, sentence=health.sentence, languages=len(self._runtimes))
            self._doubt.clear()
            pause = asyncio.ensure_future(sleep(every_seconds if health.ok else min(every_seconds, AGAIN_SECONDS)))
            doubt = asyncio.ensure_future(self._doubt.wait())
            try:
                await asyncio.wait({pause, doubt}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                pause.cancel()
                doubt.cancel()

    def runtimes(self) -> tuple[Runtime, ...]:
        return tuple(self._runtimes.values()) if self.health.ok else ()

    async def back(self, seconds: float) -> None:
        """See `executor.Source`: it is asked again by and by; nobody waits for that."""

    async def start(self, job: Job) -> PistonRun:
        if not self.health.ok:
            raise Unavailable(f"{self.health.sentence} {self.health.mend}".strip(), "piston")
        runtime = self._runtimes.get(job.language)
        if runtime is None:
            raise NotFound(f"The Piston server has no {job.language}.")
        if job.terminal is not None or job.repl:
            raise InvalidRequest("A Piston server has no terminals: run the program without one.")
        make = ConnectRun if job.open_input else ExecuteRun
        run = make(Remote(self._client, self._theirs[job.language], runtime.version, self._ceilings, self._run_failed), job)
        self._runs.add(run)
        run.begin(self._runs.discard)
        return run

    async def close(self) -> None:
        for run in list(self._runs):
            run.stop()
        await asyncio.gather(*(run.ended() for run in list(self._runs)))
        await self._client.aclose()

    def _run_failed(self, status_code: int | None) -> None:
        """A run got no answer, or a refusal of ours as a whole: ask at once what is the matter."""
        self._health = self._refused(status_code) if status_code is not None else Health(False, f"The Piston server at {self._url} does not answer.")
        self._doubt.set()

    def _refused(self, status_code: int) -> Health:
        if status_code in {401, 403}:
            return Health(False, f"The Piston server at {self._url} does not take our token.", "Set FOURHANDS_PISTON_TOKEN to one that it takes.")
        if status_code == 404:
            return Health(False, f"There is no Piston API at {self._url}.", "Set FOURHANDS_PISTON_URL to the server's address.")
        return Health(False, f"The Piston server at {self._url} answers with status {status_code}.", "Look at its log.")

    def _learn(self, listed: object) -> None:
        """The newest version of each language. Raises `KeyError`, `TypeError` or `ValueError` for what is no list of runtimes."""
        runtimes, theirs = dict[str, Runtime](), dict[str, str]()
        for entry in sorted(cast("list[dict[str, Any]]", listed), key=lambda entry: _numbers(str(entry["version"]))):
            theirs_name = str(entry["language"])
            ours = self._names.get(theirs_name, theirs_name)
            aliases = tuple(dict.fromkeys([theirs_name, *(str(alias) for alias in entry["aliases"])]))
            runtimes[ours] = Runtime(language=ours, version=str(entry["version"]), aliases=aliases, runtime=str(entry.get("runtime") or ""))
            theirs[ours] = theirs_name
        self._runtimes, self._theirs = runtimes, theirs


def api_url(url: str) -> str:
    """The address of the API: of a server alone, its usual path is added."""
    url = url.rstrip("/")
    return url if "/api/" in url else f"{url}/api/v2"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBERS.findall(version))
