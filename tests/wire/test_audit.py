"""What people do that others may ask about later stands in the audit log: by whom, from where, on what; never what they wrote."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.wire.client import Room, bearer
from tests.wire.test_accounts import PASSWORD, account, administered, ask
from tests.wire.test_hosting import member


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server's address, and an administrator's token."""
    with administered(tmp_path_factory.mktemp("data")) as (process, root):
        yield process.url, root


def lines(url: str, root: str, **wanted: str) -> list[dict[str, Any]]:
    """Oldest first."""
    return httpx.get(f"{url}/api/admin/audit", headers=bearer(root), params=wanted).json()["lines"][::-1]


def test_what_hosts_and_their_guests_do_is_written_down(watched: tuple[str, str]) -> None:
    url, root = watched
    room = Room.open(url, title="A secret title")
    path, host = f"/api/rooms/{room.id}", room.opened["member"]
    lin = member(room, "Lin")
    change = {"title": "Another secret", "password": "a secret password", "locked": True, "guest_role": "viewer"}
    assert ask(url, "PATCH", path, room.host, change).status_code == 200
    invite = ask(url, "POST", f"{path}/invites", room.host, {"role": "viewer", "label": "a secret label"}).json()["id"]
    assert ask(url, "DELETE", f"{path}/invites/{invite}", room.host).status_code == 200
    assert ask(url, "PATCH", path, room.host, {"locked": False, "password": ""}).status_code == 200
    assert room.ask_to_join("Lin", key=room.key("host"), token=lin["token"]).json()["role"] == "host"
    eve = room.ask_to_join("Eve", key=room.key("host")).json()["member"]
    assert ask(url, "PATCH", f"{path}/members/{eve}", room.host, {"state": "removed"}).status_code == 200
    assert ask(url, "GET", f"{path}/me/export", lin["token"]).status_code == 200
    assert ask(url, "DELETE", path, room.host).status_code == 204
    told = lines(url, root, room=room.id)
    assert [(line["what"], line["by"]["id"], line["on"], line["detail"]) for line in told] == [
        ("room.changed", host, "", {"guest_role": "viewer", "locked": True, "title": True, "password": True}),
        ("invite.made", host, invite, {"role": "viewer", "single_use": False, "expires_at": None}),
        ("invite.revoked", host, invite, {"role": "viewer"}),
        ("room.changed", host, "", {"locked": False, "password": False}),
        ("member.changed", lin["member"], lin["member"], {"role": "host", "state": "in", "by": "link"}),
        ("member.joined", eve, eve, {"role": "host"}),
        ("member.changed", host, eve, {"role": "host", "state": "removed"}),
        ("room.exported", lin["member"], "", {}),
        ("room.ended", host, "", {}),
    ]
    assert {line["by"]["address"] for line in told} == {"127.0.0.1"}
    assert "secret" not in str(told)


def test_what_is_done_with_accounts_and_who_guesses_is_written_down(watched: tuple[str, str]) -> None:
    url, root = watched
    ada, token = account(url, "ada")
    ask(url, "POST", "/api/login", body={"login": "ada", "password": "a wrong password"})
    assert ask(url, "GET", "/api/me/export", token).status_code == 200
    assert ask(url, "PUT", "/api/me/password", token, {"old": PASSWORD, "new": "another good one"}).status_code == 204
    assert ask(url, "POST", "/api/logout", token).status_code == 204
    told = lines(url, root, what="account")
    assert [(line["what"], line["by"]["id"]) for line in told] == [
        ("account.registered", ada),
        ("account.login", ada),
        ("account.login_failed", ""),
        ("account.exported", ada),
        ("account.password", ada),
        ("account.logout", ada),
    ]
    assert "wrong" not in str(told)
    room = Room.open(url)
    ask(url, "PATCH", f"/api/rooms/{room.id}", room.host, {"password": "open sesame"})
    assert ask(url, "POST", f"/api/rooms/{room.id}/join", body={"name": "Eve", "password": "a guess"}).status_code == 403
    assert [line["what"] for line in lines(url, root, room=room.id)] == ["room.changed", "room.password_wrong"]
