"""Who is refused for a time: addresses, networks and accounts everywhere, members without an account in their room.
All are held in memory; `app` loads them at start, and has `run` read them anew when another instance has changed them.

Asked at each request to the API, at joining, logging in, and opening a WebSocket; who is connected is told by `on_added`.
"""

import asyncio
import ipaddress
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NoReturn, Protocol

import structlog

from fourhands.errors import Forbidden, Unavailable
from fourhands.model.addresses import UNKNOWN, read_network
from fourhands.model.ban import Ban, BanKind
from fourhands.model.clock import Clock
from fourhands.model.ids import new_run_id
from fourhands.shared_state.words import Words
from fourhands.store.protection import BanStore

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.bans")

BANNED = "You are banned from this {where}{until}. If that is a mistake, write to whoever runs this server."
REASON_CHARACTERS = 200
WORD = "bans"
"""What instances say to each other when they have changed: the newest change's name."""
AWAY_SECONDS = 5.0
"""While nobody can say so the database is asked so often."""
AGAIN_SECONDS = 0.5


class IsFor(Protocol):
    def __call__(self, address: str, account_id: str | None, member: str = "") -> bool:
        """Whether a ban is for somebody there, with that account, who is that member (`model.ban.member_subject`)."""
        ...


class Bans:
    """Invariant: `_accounts`, `_members` and `_networks` are made of `_all`, and hold bans that are over until somebody they were for comes by."""

    def __init__(self, store: BanStore, clock: Clock, words: Words | None = None) -> None:
        self._store = store
        self._clock = clock
        self._words = words or Words(clock)
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._read_at = clock.monotonic()
        self._words.hear(WORD, self._change_said)
        self._words.while_away.append(self._nobody_says)
        self._all: dict[str, Ban] = {}
        self._accounts: dict[str, list[Ban]] = {}
        self._members: dict[str, list[Ban]] = {}
        self._networks: dict[tuple[int, int], dict[int, list[Ban]]] = {}  # IP version and length of prefix -> prefix -> bans
        self.on_added: list[Callable[[Ban], None]] = []

    async def load(self) -> None:
        """Read what is in force. Raises `Unavailable`."""
        await self._store.forget(self._clock.now_ms())
        await self.reload()

    async def reload(self) -> None:
        """Read again what is in force; who is banned since then is told. Raises `Unavailable`."""
        async with self._turn:
            self._read_at = self._clock.monotonic()
            before, self._all = self._all, {ban.id: ban for ban in await self._store.all()}
            self._sort()
        for ban in [ban for ban in self._all.values() if ban.id not in before]:
            for told in self.on_added:
                told(ban)

    async def run(self) -> NoReturn:
        """Follow what other instances change, for ever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.reload()
            except Unavailable as error:
                log.warning("bans.unavailable", reason=str(error))
                self._changed.set()
                await asyncio.sleep(AGAIN_SECONDS)

    async def _change_said(self, value: bytes) -> None:
        del value
        self._changed.set()

    def _nobody_says(self) -> None:
        if self._clock.monotonic() - self._read_at >= AWAY_SECONDS:
            self._changed.set()

    def require(self, *, address: str = "", account_id: str | None = None, member: str = "") -> None:
        """Raises `Forbidden` for somebody who is banned. `address` as `edge/http/address.py`, `member` as `member_subject` gives it."""
        ban = self.of(address=address, account_id=account_id, member=member)
        if ban is not None:
            raise Forbidden(BANNED.format(where="room" if ban.kind == "member" else "server", until=_until(ban)))

    def of(self, *, address: str = "", account_id: str | None = None, member: str = "") -> Ban | None:
        """The ban that holds for this address, account or member now; of several the longest."""
        now_ms = self._clock.now_ms()
        found = [*self._accounts.get(account_id or "", ()), *self._members.get(member, ()), *self._of_address(address)]
        return max((ban for ban in found if ban.holds(now_ms)), key=lambda ban: float("inf") if ban.until_ms is None else ban.until_ms, default=None)

    def _of_address(self, address: str) -> Sequence[Ban]:
        if not self._networks or address in {"", UNKNOWN}:
            return ()
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return ()
        number, bits = int(parsed), parsed.max_prefixlen
        found: list[Ban] = []
        for (version, length), prefixes in self._networks.items():
            if version == parsed.version:
                found += prefixes.get(number >> (bits - length), ())
        return found

    async def add(self, kind: BanKind, subject: str, *, until_ms: int | None = None, reason: str = "", by: str = "") -> Ban:
        """Ban an address or network (`192.0.2.7`, `2001:db8::/64`) an account's id or a member, until then or for good; live connections end.

        Raises `InvalidRequest` for an address that is none, `Unavailable` by the store: nobody is banned then.
        """
        if kind == "address":
            subject = str(read_network(subject))
        ban = Ban(new_run_id(), kind, subject, reason[:REASON_CHARACTERS], by, self._clock.now_ms(), until_ms)
        async with self._turn:
            await self._store.add(ban)
            self._all[ban.id] = ban
            self._sort()
        for told in self.on_added:
            told(ban)
        await self._words.say(WORD, ban.id.encode())
        log.info("ban.added", kind=kind, subject=subject, until_ms=until_ms)
        return ban

    async def remove(self, ban_id: str) -> Ban:
        """Raises `NotFound`, or `Unavailable`."""
        async with self._turn:
            ban = await self._store.remove(ban_id)
            self._all.pop(ban_id, None)
            self._sort()
        await self._words.say(WORD, f"without {ban_id}".encode())
        log.info("ban.removed", kind=ban.kind, subject=ban.subject)
        return ban

    def all(self) -> Sequence[Ban]:
        """Those in force, oldest first."""
        now_ms = self._clock.now_ms()
        return [ban for ban in self._all.values() if ban.holds(now_ms)]

    def _sort(self) -> None:
        self._all = {ban.id: ban for ban in self._all.values() if ban.holds(self._clock.now_ms())}
        accounts: defaultdict[str, list[Ban]] = defaultdict(list)
        members: defaultdict[str, list[Ban]] = defaultdict(list)
        networks: defaultdict[tuple[int, int], dict[int, list[Ban]]] = defaultdict(dict)
        for ban in self._all.values():
            if ban.kind == "account":
                accounts[ban.subject].append(ban)
            elif ban.kind == "member":
                members[ban.subject].append(ban)
            else:
                network = read_network(ban.subject)
                prefix = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
                networks[network.version, network.prefixlen].setdefault(prefix, []).append(ban)
        self._accounts, self._members, self._networks = dict(accounts), dict(members), dict(networks)


def matcher(ban: Ban) -> IsFor:
    """Asks of address, account and member whether the ban is for them; made once for many questions."""
    if ban.kind == "account":
        return lambda address, account_id, member="": ban.subject == account_id
    if ban.kind == "member":
        return lambda address, account_id, member="": ban.subject == member
    network = read_network(ban.subject)

    def is_in(address: str, account_id: str | None, member: str = "") -> bool:
        try:
            return ipaddress.ip_address(address) in network
        except ValueError:
            return False

    return is_in


def _until(ban: Ban) -> str:
    return "" if ban.until_ms is None else f" until {datetime.fromtimestamp(ban.until_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
