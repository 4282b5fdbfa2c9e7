"""The bus on Redis Streams: a stream for each channel, read from where we subscribed; see docs/decisions/0022.

PREFIX:{SHARD}:on:CHANNEL     stream: what is said there, trimmed, gone after ten minutes of silence
PREFIX:{SHARD}:to:INSTANCE    stream: for one instance alone; an empty entry wakes its read of that shard
PREFIX:{SHARD}:held:ROOM      hash: which instances hold the room
PREFIX:{SHARD}:gate:ROOM      who shut the room; goes with its lease
PREFIX:{0}:living             sorted set: instances by the time, of Redis' clock, at which their lease is over
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from zlib import crc32

import structlog

from fourhands.bus.envelope import EVERYBODY, PIECE_BYTES, inbox_of, parcels
from fourhands.bus.lane import LEAST_PACE_SECONDS, Lane
from fourhands.bus.memory import nothing
from fourhands.bus.messages import Message
from fourhands.bus.port import Bus, Hear
from fourhands.bus.stream import Stream, pack
from fourhands.errors import Unavailable

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.bus")

BEATS_A_LEASE = 4
STREAM_SECONDS, HELD_SECONDS = 600, 3600
REFRESH_SECONDS = 60.0
LARGE_KEPT = 64
"""Parcels that stay of a stream into which something large was written: each may have 256 KiB."""

RENEW = """
local now = redis.call('TIME')[1] + 0
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 1)
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""
HOLD = """
if redis.call('EXISTS', KEYS[2]) == 1 then return false end
redis.call('HSET', KEYS[1], ARGV[1], 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('HKEYS', KEYS[1])
"""
LET_GO = """
for i = 2, #ARGV - 1 do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('HLEN', KEYS[1]) > 0 then return 0 end
if ARGV[#ARGV] == '0' then return 1 end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'EX', ARGV[#ARGV]) then return 1 end
return 0
"""
KEEP_SHUT = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('EXPIRE', KEYS[1], ARGV[2]) end return 0"
OPEN = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisBus(Bus):
    """One instance's way to the others over Redis.

    Invariant: `_reached` only while every lane is up and our lease was renewed since. `_said` are the messages that wait for the next write.
    """

    def __init__(
        self,
        url: str,
        instance: str,
        *,
        prefix: str = "fourhands",
        shards: int = 1,
        entries: int = 2000,
        lease_seconds: float = 10.0,
        backlog_bytes: int = 64 << 20,
    ) -> None:
        self._instance = instance
        self._prefix = prefix
        self._entries = entries
        self._lease_seconds = max(1, round(lease_seconds))
        self._reached = False
        self.said = 0
        self._said: dict[str, list[Message]] = {}
        self._next_send = 0.0  # by the loop's clock
        self._numbers: defaultdict[str, int] = defaultdict(int)
        self._touched: dict[bytes, float] = {}
        self._hear: Hear = lambda instance, messages: None
        self._living: frozenset[str] = frozenset()
        self._gates: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._renewed = asyncio.Event()
        self._lanes = [self._lane_of(url, shard, backlog_bytes) for shard in range(shards)]
        self.on_reached: Callable[[bool], None] = nothing
        self.on_missed: Callable[[str], None] = nothing
        self.on_lost: Callable[[str], None] = nothing

    def _lane_of(self, url: str, shard: int, backlog_bytes: int) -> Lane:
        control = Stream(inbox_of(self._instance), f"{self._prefix}:{{{shard}}}:to:{self._instance}".encode(), self._heard)
        return Lane(url, control, backlog_bytes=backlog_bytes, on_up=self._lane_changed, on_missed=self._missed)

    @property
    def instance(self) -> str:
        return self._instance

    @property
    def reached(self) -> bool:
        return self._reached

    async def start(self, hear: Hear) -> None:
        self._hear = hear
        self._tasks = [asyncio.create_task(work) for work in (*(lane.run() for lane in self._lanes), self._keep())]

    async def stop(self) -> None:
        self._send()
        if self._reached:
            try:
                await self._lanes[0].call("ZREM", self._living_key, self._instance)
                for lane in self._lanes:
                    await lane.call("PING")  # behind all that was put: it has been taken
            except Unavailable as error:
                log.warning("bus.stop_unsaid", reason=str(error))
        self._reached = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ---- saying and hearing ----------------------------------------------------------------------------------------

    def publish(self, channel: str, message: Message) -> None:
        if not self._said:
            loop = asyncio.get_running_loop()
            loop.call_at(max(self._next_send, loop.time()), self._send)
        if (said := self._said.get(channel)) is None:
            self._said[channel] = [message]
        else:
            said.append(message)

    def _send(self) -> None:
        said, self._said = self._said, {}
        self._next_send = asyncio.get_running_loop().time() + LEAST_PACE_SECONDS
        now = time.monotonic()
        for channel, messages in said.items():
            self.said += len(messages)
            lane, key = self._lane(channel), self._key(channel)
            made = parcels(self._instance.encode(), self._numbers[channel] + 1, messages)
            self._numbers[channel] += len(made)
            keep = ("~", self._entries) if sum(map(len, made)) < PIECE_BYTES // 4 else ("=", max(LARGE_KEPT, 2 * len(made)))
            for parcel in made:
                lane.put(pack("XADD", key, "MAXLEN", *keep, "*", "m", parcel))
            if now - self._touched.get(key, -REFRESH_SECONDS) >= REFRESH_SECONDS:
                self._touched[key] = now
                lane.put(pack("EXPIRE", key, STREAM_SECONDS))
        for lane in self._lanes:
            lane.flush()

    async def subscribe(self, channel: str, hear: Hear) -> None:
        await self._lane(channel).listen(channel, self._key(channel), hear)

    def unsubscribe(self, channel: str) -> None:
        self._lane(channel).ignore(self._key(channel))

    def _heard(self, sender: str, messages: Sequence[Message]) -> None:
        self._hear(sender, messages)

    def _missed(self, channel: str) -> None:
        self.on_missed(channel)

    # ---- leases ----------------------------------------------------------------------------------------------------

    def _lane_changed(self, up: bool) -> None:
        if not up and self._reached:
            self._reached = False
            log.warning("bus.away")
            self.on_reached(False)
        if up and all(one.up for one in self._lanes):
            self._renewed.set()

    async def _keep(self) -> None:
        """Renew our lease, and notice whose is over; for ever."""
        refreshed = time.monotonic()
        while True:
            try:
                if all(lane.up for lane in self._lanes):
                    await self._beat()
                    if time.monotonic() - refreshed >= REFRESH_SECONDS:
                        refreshed = time.monotonic()
                        self._refresh()
            except Unavailable as error:
                log.info("bus.lease_not_renewed", reason=str(error))
            except Exception:  # without a lease the others would take this instance for dead
                log.exception("bus.keeping_failed")
            self._renewed.clear()
            try:
                async with asyncio.timeout(self._lease_seconds / BEATS_A_LEASE):
                    await self._renewed.wait()
            except TimeoutError:
                continue

    async def _beat(self) -> None:
        living = await self.living()
        for lane in self._lanes[1:]:
            await lane.call("PING")
        if not self._reached:
            if self._key(EVERYBODY) not in self._lanes[0].channels():
                await self._lane(EVERYBODY).listen(EVERYBODY, self._key(EVERYBODY), self._hear)
            self._reached = True
            log.info("bus.reached", instances=len(living))
            self.on_reached(True)
        for room_id in self._gates:
            await self._lane(room_id).call("EVAL", KEEP_SHUT, 1, self._room_key("gate", room_id), self._instance, self._lease_seconds)

    def _refresh(self) -> None:
        """Streams that are read and rooms that are held stay, however quiet they are."""
        self._touched = {key: at for key, at in self._touched.items() if time.monotonic() - at < REFRESH_SECONDS}
        for lane in self._lanes:
            for key in lane.channels():
                lane.put(pack("EXPIRE", key, STREAM_SECONDS))
                if b":on:" in key:
                    lane.put(pack("EXPIRE", key.replace(b":on:", b":held:", 1), HELD_SECONDS))

    async def living(self) -> frozenset[str]:
        found = await self._lanes[0].call("EVAL", RENEW, 1, self._living_key, self._instance, self._lease_seconds)
        before, self._living = self._living, frozenset(one.decode() for one in found)
        for instance in before - self._living - {self._instance}:
            for lane in self._lanes:
                lane.forget(instance)
            log.info("bus.instance_lost", instance=instance)
            self.on_lost(instance)
        return self._living

    # ---- rooms -----------------------------------------------------------------------------------------------------

    async def hold(self, room_id: str) -> Sequence[str] | None:
        self._require()
        keys = self._room_key("held", room_id), self._room_key("gate", room_id)
        held = await self._lane(room_id).call("EVAL", HOLD, 2, *keys, self._instance, HELD_SECONDS)
        return None if held is None else [one.decode() for one in held if one.decode() != self._instance]

    async def let_go(self, room_id: str, *, shut: bool = False) -> bool:
        self._require()
        held = await self._lane(room_id).call("HKEYS", self._room_key("held", room_id))
        living = await self.living()  # asked for after: who held it then and does not live now is dead, not new
        dead = [one for one in held if one.decode() not in living]
        keys = self._room_key("held", room_id), self._room_key("gate", room_id)
        gone = await self._lane(room_id).call("EVAL", LET_GO, 2, *keys, self._instance, *dead, self._lease_seconds if shut else 0)
        if gone and shut:
            self._gates.add(room_id)
        return bool(gone)

    async def holders(self, room_id: str) -> Sequence[str]:
        self._require()
        held = await self._lane(room_id).call("HKEYS", self._room_key("held", room_id))
        living = await self.living()
        return sorted(one.decode() for one in held if one.decode() in living)

    async def shut(self, room_id: str) -> bool:
        self._require()
        answer = await self._lane(room_id).call("SET", self._room_key("gate", room_id), self._instance, "NX", "EX", self._lease_seconds)
        if answer is not None:
            self._gates.add(room_id)
        return answer is not None

    async def open(self, room_id: str) -> None:
        self._gates.discard(room_id)
        await self._lane(room_id).call("EVAL", OPEN, 1, self._room_key("gate", room_id), self._instance)

    # ---- names -----------------------------------------------------------------------------------------------------

    def _shard(self, channel: str) -> int:
        return 0 if channel[:1] in {"@", "*"} else crc32(channel.encode()) % len(self._lanes)

    def _lane(self, channel: str) -> Lane:
        return self._lanes[self._shard(channel)]

    def _key(self, channel: str) -> bytes:
        if channel.startswith("@"):
            return f"{self._prefix}:{{0}}:to:{channel[1:]}".encode()
        return f"{self._prefix}:{{{self._shard(channel)}}}:on:{channel}".encode()

    def _room_key(self, what: str, room_id: str) -> str:
        return f"{self._prefix}:{{{self._shard(room_id)}}}:{what}:{room_id}"

    @property
    def _living_key(self) -> str:
        return f"{self._prefix}:{{0}}:living"

    def _require(self) -> None:
        if not self._reached:
            raise Unavailable("The other servers are not reached at the moment.", "redis")
