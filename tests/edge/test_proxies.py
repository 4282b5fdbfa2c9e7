"""Whom connections come from: what a client writes of itself counts for nothing, what a trusted proxy writes does."""

import pytest

from fourhands.edge.proxies import Proxies
from fourhands.model.addresses import UNKNOWN

TRUSTED = "127.0.0.1,::1,10.0.0.0/8"


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),  # it is no proxy of ours
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),  # the client wrote the first itself
        ("127.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),  # ... in a header of its own
        ("127.0.0.1", ["198.51.100.1, 10.1.2.3"], "198.51.100.1"),  # two hops of ours
        ("127.0.0.1", ["127.0.0.1, 198.51.100.1, 10.1.2.3, 10.9.9.9"], "198.51.100.1"),  # three, and it claims to be us
        ("127.0.0.1", ["198.51.100.1, 203.0.113.5, 10.1.2.3"], "203.0.113.5"),  # a proxy that is not ours is a client
        ("127.0.0.1", ["10.1.2.3"], "10.1.2.3"),  # somebody in our own network
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("127.0.0.1", ["2001:DB8::7"], "2001:db8::7"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["<script>alert(1)</script>"], UNKNOWN),
        ("127.0.0.1", ["unknown"], UNKNOWN),
        ("127.0.0.1", ["198.51.100.1, not-an-address"], UNKNOWN),
        ("", ["198.51.100.1"], UNKNOWN),  # a socket in the file system: nobody is trusted by that
        ("::ffff:192.0.2.7", [], "192.0.2.7"),
    ],
)
def test_the_address_is_the_rightmost_that_is_no_proxy_of_ours(peer: str, forwarded: list[str], client: str) -> None:
    assert Proxies(TRUSTED).client(peer, forwarded) == client


def test_where_nobody_is_trusted_nobody_names_others() -> None:
    assert Proxies("").client("127.0.0.1", ["198.51.100.1"]) == "127.0.0.1"
