"""Rooms and tokens by the HTTP interface, for clients without a browser."""

import httpx

from tests.server import ServerProcess


def open_by_api(server: ServerProcess) -> dict[str, str]:
    """A new room, as the API answers it."""
    answer = httpx.post(f"{server.url}/api/rooms", json={"name": "Ada"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def token_by(server: ServerProcess, link: str, name: str) -> str:
    """A token of somebody who came by an invitation link."""
    address, key = link.split("#")
    answer = httpx.post(f"{server.url}/api/rooms/{address.rsplit('/', 1)[1]}/join", json={"name": name, "key": key})
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]
