"""What every store must do about a room's doors: settings, people who wait or were removed, invitations."""

import asyncio

import pytest

from fourhands.errors import Conflict, NotFound
from fourhands.model.role import GuestRole, Role, RunRole
from fourhands.model.room import Invite, Member, MemberState, Room
from fourhands.store.port import Store

A, B = "aaaa-aaaa-aaaa", "bbbb-bbbb-bbbb"


def a_room(room_id: str = A) -> Room:
    return Room(room_id, "Two sum", "python", GuestRole.EDITOR, False, "e1", 1_000, 1_000)


def person(name: str, role: Role = Role.EDITOR, *, at_ms: int = 1_000, state: MemberState = MemberState.IN) -> Member:
    return Member(name, A, name.title(), "#c2410c", role, at_ms, state)


class TestSettings:
    async def test_each_is_kept_and_can_be_taken_back(self, store: Store) -> None:
        await store.create_room(a_room(), None, [], [])
        changed = await store.change_room(A, password_hash="$argon2id$x", lobby=True, locked=True, read_only=True, run_role=RunRole.NONE, expires_at_ms=9_000)
        assert (changed.password_hash, changed.lobby, changed.locked, changed.read_only) == ("$argon2id$x", True, True, True)
        assert (changed.run_role, changed.expires_at_ms) == (RunRole.NONE, 9_000)
        assert await store.change_room(A, title="Two sum") == changed == await store.room(A)
        await store.change_room(A, password_hash="", lobby=False, locked=False, read_only=False, run_role=RunRole.EDITOR, expires_at_ms=0)
        assert await store.room(A) == a_room()

    async def test_a_room_may_begin_with_them(self, store: Store) -> None:
        room = Room(A, "", "python", GuestRole.NONE, False, "e1", 1, 1, None, None, "$hash", True, True, True, RunRole.HOST, 5_000)
        await store.create_room(room, None, [], [])
        assert await store.room(A) == room

    async def test_rooms_that_are_due_come_first_due_first(self, store: Store) -> None:
        for room_id in (A, B, "cccc-cccc-cccc"):
            await store.create_room(a_room(room_id), None, [], [])
        assert await store.expired_rooms(10**15, 10) == []
        await store.change_room(A, expires_at_ms=9_000)
        await store.change_room(B, expires_at_ms=8_000)
        assert await store.expired_rooms(7_999, 10) == []
        assert await store.expired_rooms(8_000, 10) == [B]
        assert await store.expired_rooms(9_000, 10) == [B, A]
        assert await store.expired_rooms(9_000, 1) == [B]
        await store.end_room(B, 9_001)
        assert await store.expired_rooms(9_002, 10) == [A]

    async def test_an_ended_room_keeps_no_password(self, store: Store) -> None:
        await store.create_room(a_room(), None, [], [])
        await store.change_room(A, password_hash="$argon2id$x")
        await store.end_room(A, 9_001)
        room = await store.room(A)
        assert room is not None
        assert room.password_hash is None


class TestPeople:
    async def test_who_waits_and_who_was_removed_is_kept(self, store: Store) -> None:
        await store.create_room(a_room(), person("ada", Role.HOST), [], [])
        await store.add_member(person("lin", at_ms=1_001, state=MemberState.WAITING))
        await store.add_member(person("eve", at_ms=1_002))
        assert (await store.change_member(A, "eve", state=MemberState.REMOVED)).state is MemberState.REMOVED
        assert [one.id for one in await store.members(A)] == ["ada", "lin", "eve"]
        assert [one.id for one in await store.members(A, MemberState.WAITING)] == ["lin"]
        assert [one.id for one in await store.members(A, None, 2)] == ["lin", "eve"]
        assert await store.members(B) == []

    async def test_a_role_that_a_host_chose_is_marked(self, store: Store) -> None:
        await store.create_room(a_room(), person("ada"), [], [])
        assert (await store.change_member(A, "ada", role=Role.VIEWER, role_fixed=True)).role_fixed
        assert (await store.change_member(A, "ada", name="Ada L.")).role_fixed

    @pytest.mark.parametrize("change", [{"role": Role.EDITOR}, {"state": MemberState.REMOVED}])
    async def test_the_last_host_stays_one(self, store: Store, change: dict[str, object]) -> None:
        await store.create_room(a_room(), person("ada", Role.HOST), [], [])
        await store.add_member(person("lin"))
        with pytest.raises(Conflict, match="needs a host"):
            await store.change_member(A, "ada", **change)  # pyright: ignore[reportArgumentType]
        assert await store.member(A, "ada") == person("ada", Role.HOST)
        await store.change_member(A, "lin", role=Role.HOST)
        await store.change_member(A, "ada", **change)  # pyright: ignore[reportArgumentType]
        assert await store.member(A, "ada") != person("ada", Role.HOST)

    async def test_of_two_hosts_who_go_at_the_same_time_one_stays(self, store: Store) -> None:
        await store.create_room(a_room(), person("ada", Role.HOST), [], [])
        await store.add_member(person("lin", Role.HOST))
        going = [store.change_member(A, name, role=Role.VIEWER) for name in ("ada", "lin")]
        done = await asyncio.gather(*going, return_exceptions=True)
        assert sorted(type(one).__name__ for one in done) == ["Conflict", "Member"]

    async def test_a_host_who_was_removed_counts_as_none(self, store: Store) -> None:
        await store.create_room(a_room(), person("ada", Role.HOST), [], [])
        await store.add_member(person("lin", Role.HOST, state=MemberState.REMOVED))
        with pytest.raises(Conflict):
            await store.change_member(A, "ada", role=Role.VIEWER)


class TestInvites:
    async def test_all_of_it_is_kept(self, store: Store) -> None:
        await store.create_room(a_room(), None, [], [])
        invite = Invite(A, Role.EDITOR, "key", label="for Grace", made_at_ms=5, expires_at_ms=9, single_use=True)
        await store.put_invite(invite)
        assert await store.invites(A) == [invite]
        assert await store.invites(B) == []

    async def test_one_of_the_same_id_takes_its_place(self, store: Store) -> None:
        await store.create_room(a_room(), None, [Invite(A, Role.HOST, "old", id="host")], [])
        await store.put_invite(Invite(A, Role.HOST, "new", id="host"))
        assert [invite.key for invite in await store.invites(A)] == ["new"]

    async def test_there_is_none_for_a_room_that_is_not_there(self, store: Store) -> None:
        await store.create_room(a_room(B), None, [], [])
        await store.end_room(B, 5)
        for room_id in (A, B):
            with pytest.raises(NotFound):
                await store.put_invite(Invite(room_id, Role.HOST, "k"))
            with pytest.raises(NotFound):
                await store.revoke_invite(room_id, "k", 5)

    async def test_a_revoked_one_lets_nobody_in_and_stays_revoked_since_then(self, store: Store) -> None:
        await store.create_room(a_room(), None, [], [])
        await store.put_invite(Invite(A, Role.EDITOR, "key", id="i"))
        assert (await store.revoke_invite(A, "i", 50)).revoked_at_ms == 50
        assert (await store.revoke_invite(A, "i", 60)).revoked_at_ms == 50
        with pytest.raises(Conflict):
            await store.add_member(person("lin"), "i")
        assert await store.members(A) == []

    async def test_one_for_a_single_use_lets_one_in_of_many_who_come_at_once(self, store: Store) -> None:
        await store.create_room(a_room(), None, [], [])
        await store.put_invite(Invite(A, Role.EDITOR, "key", id="i", single_use=True))
        await store.add_member(person("known", Role.VIEWER))
        coming = [store.add_member(person(f"lin{number}"), "i") for number in range(8)]
        done = await asyncio.gather(*coming, store.change_member(A, "known", used=("i", 7), role=Role.EDITOR), return_exceptions=True)
        assert sum(not isinstance(one, Conflict) for one in done) == 1
        assert len(await store.members(A)) + sum(one.id == "known" and one.role is Role.EDITOR for one in await store.members(A)) == 2

    async def test_a_dated_one_is_good_before_its_time(self, store: Store) -> None:
        await store.create_room(a_room(), None, [], [])
        await store.put_invite(Invite(A, Role.EDITOR, "key", id="i", expires_at_ms=2_000))
        await store.add_member(person("lin", at_ms=1_999), "i")
        with pytest.raises(Conflict):
            await store.add_member(person("eve", at_ms=2_000), "i")
        assert [invite.used_at_ms for invite in await store.invites(A)] == [1_999]
        assert [one.id for one in await store.members(A)] == ["lin"]

    async def test_it_is_not_used_up_by_somebody_who_cannot_come_in(self, store: Store) -> None:
        await store.create_room(a_room(), None, [], [])
        await store.put_invite(Invite(A, Role.EDITOR, "key", id="i", single_use=True))
        await store.add_member(person("lin"))
        with pytest.raises(Conflict, match="already"):
            await store.add_member(person("lin"), "i")
        assert [invite.used_at_ms for invite in await store.invites(A)] == [None]
