"""Who may ask for what: strangers, logins, tokens with scopes, admins."""

import pytest

from fourhands.access.identity import Identity, may_use, require_account, require_admin, require_scope, stranger
from fourhands.errors import Forbidden, Unauthenticated
from fourhands.model.account import Scope


def ada(*scopes: Scope, admin: bool = False) -> Identity:
    return Identity("ada", "Ada", admin, frozenset(scopes), "127.0.0.1")


LOGGED_IN = Identity("ada", "Ada", admin=False, scopes=None, address="127.0.0.1", login_id="l")


def test_a_login_is_good_for_everything_a_token_for_its_scopes() -> None:
    for scope in Scope:
        assert may_use(LOGGED_IN, scope)
        assert [may_use(ada(scope), other) for other in Scope] == [other is scope for other in Scope]
        require_scope(ada(scope), scope)
        assert require_account(ada(scope), scope) == "ada"
        assert require_account(LOGGED_IN, scope) == "ada"
        with pytest.raises(Forbidden, match=scope.value):
            require_account(ada(), scope)


def test_without_a_scope_only_a_login_will_do() -> None:
    assert require_account(LOGGED_IN) == "ada"
    with pytest.raises(Forbidden, match="needs a login"):
        require_account(ada(*Scope))


@pytest.mark.parametrize("scope", [None, Scope.ADMIN])
def test_a_stranger_is_asked_to_log_in(scope: Scope | None) -> None:
    with pytest.raises(Unauthenticated):
        require_account(stranger("127.0.0.1"), scope)
    with pytest.raises(Unauthenticated):
        require_admin(stranger())


def test_an_admin_is_one_by_a_login_or_by_a_token_for_it() -> None:
    assert require_admin(Identity("ada", "Ada", admin=True, scopes=None, address="")) == "ada"
    assert require_admin(ada(Scope.ADMIN, admin=True)) == "ada"
    for refused in (LOGGED_IN, ada(Scope.ADMIN), ada(Scope.ROOMS_READ, Scope.ROOMS_WRITE, admin=True)):
        with pytest.raises(Forbidden):
            require_admin(refused)
