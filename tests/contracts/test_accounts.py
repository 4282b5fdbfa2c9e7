"""What every store must do with accounts and teams, as `store/accounts.py` says it."""

import asyncio
from dataclasses import replace

import pytest

from fourhands.errors import Conflict, NotFound
from fourhands.model.account import Account, AccountInvite, Login, OwnTeam, PersonalToken, Scope, Team, TeamInvitation, TeamRole
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Member, MemberState, Room
from fourhands.store.port import Store

ADA = Account("ada-id", "ada", "Ada", "#c2410c", admin=False, created_at_ms=10)
LIN = Account("lin-id", "lin", "Lin 林", "#1d4ed8", admin=True, created_at_ms=20)
TEAM = Team("team-id", "Compilers", 30)
TEN = 10


def a_login(login_id: str = "l1", *, account: Account = ADA) -> Login:
    return Login(login_id, account.id, 1, 100, 100, 1_000)


def a_token(token_id: str = "t1", *, at_ms: int = 5) -> PersonalToken:
    return PersonalToken(token_id, ADA.id, "CI", frozenset({Scope.PISTON, Scope.ROOMS_READ}), at_ms, None)


async def add_room(store: Store, room_id: str, *, used_at_ms: int, title: str = "", host: Account | None = None) -> None:
    room = Room(room_id, title, "python", GuestRole.EDITOR, False, "e", 1, used_at_ms)
    member = None if host is None else Member(f"m-{host.login}", room_id, host.name, host.color, Role.HOST, 1, account_id=host.id)
    await store.create_room(room, member, [], [])


async def rooms(store: Store, account: Account = ADA, *, archived: bool = False, team_id: str | None = None, limit: int = TEN) -> list[str]:
    found = await store.accounts.rooms(account.id, archived=archived, team_id=team_id, before=None, limit=limit)
    return [room.id for room in found]


class TestAccounts:
    async def test_an_account_is_found_by_id_and_by_login_name(self, store: Store) -> None:
        await store.accounts.add(ADA, "hash")
        assert await store.accounts.account(ADA.id) == ADA
        assert await store.accounts.named("ada") == (ADA, "hash")
        assert await store.accounts.password(ADA.id) == "hash"
        assert (await store.accounts.account("x"), await store.accounts.named("x"), await store.accounts.password("x")) == (None, None, None)

    async def test_a_login_name_is_taken_once(self, store: Store) -> None:
        added = await asyncio.gather(*(store.accounts.add(replace(ADA, id=f"id-{n}"), None) for n in range(3)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in added) == ["Conflict", "Conflict", "NoneType"]

    async def test_only_what_is_given_is_changed(self, store: Store) -> None:
        await store.accounts.add(ADA, None)
        assert await store.accounts.change(ADA.id, name="Ada L.", admin=True) == replace(ADA, name="Ada L.", admin=True)
        assert await store.accounts.change(ADA.id, admin=False, color="#000000") == replace(ADA, name="Ada L.", color="#000000")
        with pytest.raises(NotFound):
            await store.accounts.change("x", name="X")

    async def test_a_new_password_ends_all_logins_but_one(self, store: Store) -> None:
        await store.accounts.add(ADA, "old")
        for login_id in ("l1", "l2", "l3"):
            await store.accounts.add_login(a_login(login_id))
        await store.accounts.set_password(ADA.id, "new", keep_login="l2")
        assert [await store.accounts.login(login_id) is not None for login_id in ("l1", "l2", "l3")] == [False, True, False]
        assert await store.accounts.password(ADA.id) == "new"
        await store.accounts.set_password(ADA.id, "newer", keep_login=None)
        assert await store.accounts.login("l2") is None
        with pytest.raises(NotFound):
            await store.accounts.set_password("x", "new", keep_login=None)

    async def test_a_hash_is_renewed_unless_the_password_has_changed_meanwhile(self, store: Store) -> None:
        await store.accounts.add(ADA, "one")
        await store.accounts.rehash(ADA.id, "one", "two")
        await store.accounts.rehash(ADA.id, "one", "three")
        assert await store.accounts.password(ADA.id) == "two"

    async def test_an_invitation_is_good_for_one_account_in_time(self, store: Store) -> None:
        await store.accounts.add_invite(AccountInvite("i1", None, 1, 100), b"one")
        await store.accounts.add_invite(AccountInvite("i2", ADA.id, 2, 5), b"two")
        assert [await store.accounts.good_invite(digest, 50) for digest in (b"one", b"two", b"other")] == [True, False, False]
        await store.accounts.add(ADA, None)
        with pytest.raises(Conflict):
            await store.accounts.add(replace(LIN, login="ada"), None, invite=b"one")
        assert await store.accounts.good_invite(b"one", 50), "a name that was taken does not use it up"
        await store.accounts.add(LIN, None, invite=b"one")
        for digest in (b"one", b"two", b"other"):
            with pytest.raises(NotFound):
                await store.accounts.add(replace(ADA, id="new", login="new"), None, invite=digest)
        assert await store.accounts.named("new") is None
        assert await store.accounts.invites(TEN) == [AccountInvite("i2", ADA.id, 2, 5), AccountInvite("i1", None, 1, 100, LIN.id)]
        await store.accounts.remove_invite("i2")
        with pytest.raises(NotFound):
            await store.accounts.remove_invite("i2")

    async def test_somebody_known_elsewhere_has_one_account(self, store: Store) -> None:
        await store.accounts.add(ADA, None, identity=("https://id", "s1"))
        await store.accounts.add(LIN, None)
        assert await store.accounts.identified("https://id", "s1") == ADA
        assert await store.accounts.identified("https://other", "s1") is None
        await store.accounts.link(ADA.id, "https://id", "s1")
        await store.accounts.link(ADA.id, "https://other", "s1")
        with pytest.raises(Conflict):
            await store.accounts.link(LIN.id, "https://id", "s1")
        with pytest.raises(NotFound):
            await store.accounts.link("x", "https://id", "s9")
        with pytest.raises(Conflict):
            await store.accounts.add(replace(ADA, id="n", login="n"), None, identity=("https://id", "s1"))

    async def test_somebody_known_elsewhere_may_be_unlinked_unless_it_is_the_only_way_in(self, store: Store) -> None:
        await store.accounts.add(ADA, "hash", identity=("https://id", "s1"))
        await store.accounts.add(LIN, None, identity=("https://id", "s2"))
        assert await store.accounts.identities(ADA.id) == [("https://id", "s1")]
        for account_id, subject in ((ADA.id, "s2"), (LIN.id, "s1"), ("x", "s1")):
            with pytest.raises(NotFound):
                await store.accounts.unlink(account_id, "https://id", subject)
        await store.accounts.unlink(ADA.id, "https://id", "s1")
        assert (await store.accounts.identities(ADA.id), await store.accounts.identified("https://id", "s1")) == ([], None)
        with pytest.raises(Conflict):
            await store.accounts.unlink(LIN.id, "https://id", "s2")
        await store.accounts.link(LIN.id, "https://other", "s3")
        await store.accounts.unlink(LIN.id, "https://id", "s2")
        assert await store.accounts.identities(LIN.id) == [("https://other", "s3")]
        assert await store.accounts.account("n") is None

    async def test_a_deleted_account_leaves_nothing_but_nameless_places_in_rooms(self, store: Store) -> None:
        await store.accounts.add(ADA, "hash", identity=("https://id", "s1"))
        await store.accounts.add_login(a_login())
        await store.accounts.add_token(a_token(), b"digest", most=1)
        await store.accounts.add_team(TEAM, ADA.id, most=1)
        await add_room(store, "r1", used_at_ms=1, host=ADA)
        await store.accounts.give_to_team("r1", TEAM.id)
        await store.accounts.delete(ADA.id)
        assert await store.accounts.account(ADA.id) is None
        assert (await store.accounts.login("l1"), await store.accounts.token(b"digest"), await store.accounts.team(TEAM.id)) == (None, None, None)
        assert (await store.accounts.identified("https://id", "s1"), await store.accounts.member_in(ADA.id, "r1")) == (None, None)
        member = await store.member("r1", "m-ada")
        assert member is not None
        assert (member.role, member.account_id) == (Role.HOST, None)
        await store.accounts.delete(ADA.id)

    async def test_the_only_owner_of_others_team_stays(self, store: Store) -> None:
        await store.accounts.add(ADA, None)
        await store.accounts.add(LIN, None)
        await store.accounts.add_team(TEAM, ADA.id, most=1)
        await store.accounts.put_team_member(TEAM.id, LIN.id, TeamRole.MEMBER, 1, most=9)
        with pytest.raises(Conflict):
            await store.accounts.delete(ADA.id)
        await store.accounts.put_team_member(TEAM.id, LIN.id, TeamRole.OWNER, 1, most=9)
        await store.accounts.delete(ADA.id)
        team = await store.accounts.team(TEAM.id)
        assert team is not None
        assert [person.login for person in team[1]] == ["lin"]


class TestLogins:
    @pytest.fixture(autouse=True)
    async def account(self, store: Store) -> None:
        await store.accounts.add(ADA, None)
        await store.accounts.add_login(a_login())

    async def rotate(self, store: Store, generation: int, now_ms: int) -> str:
        done = await store.accounts.rotate("l1", generation, now_ms, grace_ms=10, valid_ms=500)
        assert (done.login is None) == (done.outcome == "gone")
        return f"{done.outcome} {done.login.generation}" if done.login else done.outcome

    async def test_a_login_says_whose_it_is(self, store: Store) -> None:
        assert await store.accounts.login("l1") == (a_login(), ADA)
        assert await store.accounts.login("l2") is None
        with pytest.raises(NotFound):
            await store.accounts.add_login(a_login("l9", account=LIN))

    async def test_each_refresh_token_is_good_once_and_prolongs_the_login(self, store: Store) -> None:
        assert [await self.rotate(store, 1, 200), await self.rotate(store, 2, 300)] == ["fresh 2", "fresh 3"]
        assert await store.accounts.login("l1") == (replace(a_login(), generation=3, rotated_at_ms=300, expires_at_ms=800), ADA)

    async def test_the_one_before_is_answered_for_a_moment(self, store: Store) -> None:
        assert [await self.rotate(store, 1, 200), await self.rotate(store, 1, 210)] == ["fresh 2", "again 2"]
        assert await self.rotate(store, 2, 211) == "fresh 3"
        assert await self.rotate(store, 1, 212) == "reused 3", "two before is too old, however soon it comes"

    async def test_one_that_was_used_before_ends_the_login(self, store: Store) -> None:
        await self.rotate(store, 1, 200)
        assert [await self.rotate(store, 1, 211), await self.rotate(store, 2, 212)] == ["reused 2", "gone"]
        assert await store.accounts.login("l1") is None

    async def test_one_from_the_future_ends_the_login(self, store: Store) -> None:
        assert [await self.rotate(store, 2, 200), await self.rotate(store, 1, 201)] == ["reused 1", "gone"]

    async def test_many_at_once_make_one_new_token(self, store: Store) -> None:
        done = await asyncio.gather(*(self.rotate(store, 1, 200) for _ in range(5)))
        assert sorted(done) == ["again 2"] * 4 + ["fresh 2"]

    async def test_an_expired_login_is_none(self, store: Store) -> None:
        assert await self.rotate(store, 1, 1_000) == "gone"

    async def test_logins_are_ended_and_forgotten(self, store: Store) -> None:
        for login_id in ("l2", "l3"):
            await store.accounts.add_login(a_login(login_id))
        await store.accounts.end_login("l2")
        assert await store.accounts.login("l2") is None
        assert [await store.accounts.forget_logins(before_ms, 1) for before_ms in (1_000, 1_001, 1_001, 1_001)] == [0, 1, 1, 0]
        await store.accounts.add_login(a_login("l4"))
        await store.accounts.end_logins(ADA.id)
        assert await store.accounts.login("l4") is None

    async def test_personal_tokens_are_found_by_their_digest_alone(self, store: Store) -> None:
        await store.accounts.add_token(a_token("t2", at_ms=6), b"two", most=2)
        await store.accounts.add_token(a_token("t1", at_ms=5), b"one", most=2)
        with pytest.raises(Conflict, match="2 tokens"):
            await store.accounts.add_token(a_token("t3"), b"three", most=2)
        assert [token.id for token in await store.accounts.tokens(ADA.id)] == ["t1", "t2"]
        assert await store.accounts.token(b"one") == (a_token(), ADA)
        await store.accounts.use_token("t1", 70)
        await store.accounts.use_token("t1", 60)
        assert (await store.accounts.tokens(ADA.id))[0].used_at_ms == 70
        with pytest.raises(NotFound):
            await store.accounts.remove_token(LIN.id, "t1")
        await store.accounts.remove_token(ADA.id, "t1")
        assert await store.accounts.token(b"one") is None


class TestRooms:
    @pytest.fixture(autouse=True)
    async def accounts(self, store: Store) -> None:
        await store.accounts.add(ADA, None)
        await store.accounts.add(LIN, None)

    async def test_an_account_is_one_member_of_a_room(self, store: Store) -> None:
        await add_room(store, "r1", used_at_ms=1, host=ADA)
        assert await store.accounts.member_in(ADA.id, "r1") == "m-ada"
        with pytest.raises(Conflict):
            await store.add_member(Member("again", "r1", "Ada", "#c2410c", Role.EDITOR, 2, account_id=ADA.id))
        for guest in ("g1", "g2"):
            await store.add_member(Member(guest, "r1", "Guest", "#c2410c", Role.EDITOR, 2))
        with pytest.raises(Conflict):
            await store.accounts.adopt("r1", "g1", ADA.id)
        await store.accounts.adopt("r1", "g1", LIN.id)
        await store.accounts.adopt("r1", "g1", LIN.id)
        with pytest.raises(Conflict):
            await store.accounts.adopt("r1", "m-ada", LIN.id)
        with pytest.raises(NotFound):
            await store.accounts.adopt("r1", "nobody", LIN.id)
        assert await store.accounts.member_in(LIN.id, "r1") == "g1"

    async def test_rooms_come_by_last_use_in_pages(self, store: Store) -> None:
        for room_id, used_at_ms in (("a", 3), ("b", 9), ("c", 5), ("d", 5), ("e", 5)):
            await add_room(store, room_id, used_at_ms=used_at_ms, title=room_id.upper(), host=ADA)
        await add_room(store, "lins", used_at_ms=7, host=LIN)
        found, mark = [], None
        while page := await store.accounts.rooms(ADA.id, archived=False, team_id=None, before=mark, limit=2):
            found += [(room.id, room.title, room.role) for room in page]
            mark = page[-1].mark
        assert found == [(room_id, room_id.upper(), "host") for room_id in "bcdea"]

    async def test_rooms_that_are_none_of_ones_own_are_not_listed(self, store: Store) -> None:
        for room_id in ("ended", "removed", "left", "kept"):
            await add_room(store, room_id, used_at_ms=1, host=LIN)
            await store.add_member(Member("ada", room_id, "Ada", "#c2410c", Role.EDITOR, 2, account_id=ADA.id))
        await store.end_room("ended", 5)
        await store.change_member("removed", "ada", state=MemberState.REMOVED)
        await store.accounts.leave(ADA.id, "left")
        with pytest.raises(NotFound):
            await store.accounts.leave(ADA.id, "left")
        found = await store.accounts.rooms(ADA.id, archived=False, team_id=None, before=None, limit=TEN)
        assert [(room.id, room.people, room.role) for room in found] == [("kept", 2, "editor")]

    async def test_what_is_put_aside_is_listed_apart_and_by_that_account_alone(self, store: Store) -> None:
        await add_room(store, "r1", used_at_ms=1, host=ADA)
        await store.add_member(Member("lin", "r1", "Lin", "#c2410c", Role.EDITOR, 2, account_id=LIN.id))
        await store.accounts.archive(ADA.id, "r1", 77)
        assert (await rooms(store), await rooms(store, archived=True), await rooms(store, LIN)) == ([], ["r1"], ["r1"])
        await store.accounts.archive(ADA.id, "r1", None)
        assert (await rooms(store), await rooms(store, archived=True)) == (["r1"], [])
        with pytest.raises(NotFound):
            await store.accounts.archive(ADA.id, "r2", 77)

    async def test_a_teams_rooms_are_everybodys_in_it(self, store: Store) -> None:
        await store.accounts.add_team(TEAM, LIN.id, most=1)
        await add_room(store, "ours", used_at_ms=2, host=LIN)
        await add_room(store, "mine", used_at_ms=1, host=ADA)
        await store.accounts.give_to_team("ours", TEAM.id)
        assert (await rooms(store), await store.accounts.team_role_in("ours", ADA.id)) == (["mine"], None)
        assert await rooms(store, team_id=TEAM.id) == []
        await store.accounts.put_team_member(TEAM.id, ADA.id, TeamRole.MEMBER, 1, most=9)
        found = await store.accounts.rooms(ADA.id, archived=False, team_id=None, before=None, limit=TEN)
        assert [(room.id, room.role, room.team) for room in found] == [("ours", None, "Compilers"), ("mine", "host", None)]
        assert await rooms(store, team_id=TEAM.id) == ["ours"]
        assert (await store.accounts.team_role_in("ours", ADA.id), await store.accounts.team_role_in("mine", ADA.id)) == (TeamRole.MEMBER, None)
        await store.accounts.give_to_team("ours", None)
        assert await rooms(store) == ["mine"]
        for room_id, team_id in (("nowhere", TEAM.id), ("ours", "no team")):
            with pytest.raises(NotFound):
                await store.accounts.give_to_team(room_id, team_id)


class TestTeams:
    @pytest.fixture(autouse=True)
    async def accounts(self, store: Store) -> None:
        await store.accounts.add(ADA, None)
        await store.accounts.add(LIN, None)
        await store.accounts.add_team(TEAM, ADA.id, most=1)

    async def test_a_team_has_its_people(self, store: Store) -> None:
        await store.accounts.put_team_member(TEAM.id, LIN.id, TeamRole.MEMBER, 40, most=2)
        found = await store.accounts.team(TEAM.id)
        assert found is not None
        assert (found[0], [(person.login, person.role, person.joined_at_ms) for person in found[1]]) == (TEAM, [("ada", "owner", 30), ("lin", "member", 40)])
        assert await store.accounts.teams(LIN.id) == [OwnTeam(TEAM, TeamRole.MEMBER, 2, 0)]
        assert (await store.accounts.team_role(TEAM.id, ADA.id), await store.accounts.team_role(TEAM.id, "x")) == (TeamRole.OWNER, None)
        await store.accounts.rename_team(TEAM.id, "Parsers")
        assert [own.team.name for own in await store.accounts.teams(ADA.id)] == ["Parsers"]
        with pytest.raises(NotFound):
            await store.accounts.rename_team("x", "X")

    async def test_an_account_is_asked_into_a_team_and_answers(self, store: Store) -> None:
        accounts = store.accounts
        assert await accounts.invite_to_team(TEAM.id, LIN.login, TeamRole.OWNER, 1, by="Ada", most=1) == LIN.id
        assert await accounts.invite_to_team(TEAM.id, LIN.login, TeamRole.MEMBER, 2, by="Ada", most=1) == LIN.id
        assert await accounts.team_invitations(LIN.id) == [TeamInvitation(TEAM.id, TEAM.name, TeamRole.MEMBER, "Ada", 2)]
        with pytest.raises(Conflict):
            await accounts.answer_team(TEAM.id, LIN.id, 3, yes=True, most_people=1, most_teams=9)
        assert await accounts.answer_team(TEAM.id, LIN.id, 3, yes=True, most_people=2, most_teams=9) is TeamRole.MEMBER
        assert (await accounts.team_role(TEAM.id, LIN.id), await accounts.team_invitations(LIN.id)) == (TeamRole.MEMBER, [])
        for login in (LIN.login, ADA.login, "nobody"):
            assert await accounts.invite_to_team(TEAM.id, login, TeamRole.OWNER, 4, by="Ada", most=9) is None
        with pytest.raises(NotFound):
            await accounts.answer_team(TEAM.id, LIN.id, 5, yes=True, most_people=9, most_teams=9)
        await accounts.remove_team_member(TEAM.id, LIN.id)
        for answered in (True, False):
            await accounts.invite_to_team(TEAM.id, LIN.login, TeamRole.MEMBER, 6, by="Ada", most=9)
            if answered:
                await accounts.answer_team(TEAM.id, LIN.id, 7, yes=False, most_people=9, most_teams=9)
            else:
                await accounts.take_back_invitation(TEAM.id, LIN.login)
            assert (await accounts.team_role(TEAM.id, LIN.id), await accounts.team_invitations(LIN.id)) == (None, [])

    async def test_limits_hold_for_teams_and_their_people(self, store: Store) -> None:
        with pytest.raises(Conflict):
            await store.accounts.add_team(Team("t2", "Two", 1), ADA.id, most=1)
        with pytest.raises(Conflict):
            await store.accounts.put_team_member(TEAM.id, LIN.id, TeamRole.MEMBER, 1, most=1)
        for team_id, account_id in (("x", LIN.id), (TEAM.id, "x")):
            with pytest.raises(NotFound):
                await store.accounts.put_team_member(team_id, account_id, TeamRole.MEMBER, 1, most=9)

    async def test_a_team_always_has_an_owner(self, store: Store) -> None:
        await store.accounts.put_team_member(TEAM.id, LIN.id, TeamRole.MEMBER, 1, most=9)
        with pytest.raises(Conflict):
            await store.accounts.put_team_member(TEAM.id, ADA.id, TeamRole.MEMBER, 1, most=9)
        with pytest.raises(Conflict):
            await store.accounts.remove_team_member(TEAM.id, ADA.id)
        await store.accounts.put_team_member(TEAM.id, LIN.id, TeamRole.OWNER, 1, most=9)
        gone = await asyncio.gather(*(store.accounts.remove_team_member(TEAM.id, one.id) for one in (ADA, LIN)), return_exceptions=True)
        assert gone == [None, None], "the last one to go takes the team along"
        assert await store.accounts.team(TEAM.id) is None

    async def test_a_removed_team_leaves_its_rooms(self, store: Store) -> None:
        await add_room(store, "r1", used_at_ms=1, host=LIN)
        await store.accounts.give_to_team("r1", TEAM.id)
        await store.accounts.remove_team(TEAM.id)
        await store.accounts.remove_team(TEAM.id)
        assert (await store.room("r1") is not None, await rooms(store), await rooms(store, LIN)) == (True, [], ["r1"])
        with pytest.raises(NotFound):
            await store.accounts.remove_team_member(TEAM.id, ADA.id)
