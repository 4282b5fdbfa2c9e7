"""How logins, tokens and invitations are kept: nothing that would let a reader of the database in."""

from pathlib import Path

from fourhands.access.account_tokens import digest_of, new_invite_key, new_personal_token
from fourhands.model.account import Account, AccountInvite, PersonalToken, Scope
from fourhands.store.sql.store import SqlStore

ADA = Account("ada-id", "ada", "Ada", "#c2410c", admin=False, created_at_ms=10)


async def test_neither_tokens_nor_invitations_stand_in_the_file(store: SqlStore, path: Path) -> None:
    token, key = new_personal_token(), new_invite_key()
    await store.accounts.add(ADA, None)
    await store.accounts.add_token(PersonalToken("t", ADA.id, "CI", frozenset(Scope), 1, None), digest_of(token), most=1)
    await store.accounts.add_invite(AccountInvite("i", None, 1, 9), digest_of(key))
    await store.stop()
    held = path.read_bytes()
    assert b"rooms:write" in held
    assert (token.removeprefix("fh_").encode() in held, key.encode() in held) == (False, False)
    await store.start()
    found = await store.accounts.token(digest_of(token))
    assert found is not None
    assert found[0].scopes == frozenset(Scope)
