"""Addresses: one form for each, what counts as one client, and networks as operators write them."""

import pytest

from fourhands.errors import InvalidRequest
from fourhands.model.addresses import UNKNOWN, canonical_address, client_of, read_network


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", UNKNOWN),
        ("localhost", UNKNOWN),
        ("192.0.2.7:80", UNKNOWN),
        ("<script>", UNKNOWN),
        ("1\r\nX: y", UNKNOWN),
    ],
)
def test_addresses_have_one_form(given: str, address: str) -> None:
    assert canonical_address(given) == address


def test_a_client_is_an_ipv4_address_or_a_slash_64() -> None:
    assert client_of("192.0.2.7") == "192.0.2.7"
    assert client_of("2001:db8:1:2:3:4:5:6") == client_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert client_of("2001:db8:1:3::9") != client_of("2001:db8:1:2::9")
    assert client_of(UNKNOWN) == UNKNOWN


@pytest.mark.parametrize(
    ("given", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("2001:db8::1/64", "2001:db8::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
    ],
)
def test_networks_are_read_as_they_are_written(given: str, network: str) -> None:
    assert str(read_network(given)) == network


@pytest.mark.parametrize("given", ["", "example.org", "192.0.2.0/33", "1.2.3", "192.0.2.0/24/24", "'; DROP TABLE bans; --"])
def test_what_is_no_network_is_refused(given: str) -> None:
    with pytest.raises(InvalidRequest, match="neither an address nor a network"):
        read_network(given)
