"""Addresses of clients: one way to write each, what counts as one client, and networks as operators name them. Pure."""

import ipaddress

from fourhands.errors import InvalidRequest

UNKNOWN = "unknown"
"""What stands for a client whose address makes no sense: all of these count as one."""
IPV6_PREFIX = 64
"""A household or a machine gets a whole /64 (RFC 6177, RFC 7421): whoever has one may use any of its addresses."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def canonical_address(text: str) -> str:
    """The address in its one form: without zone, IPv4 not inside IPv6 (`::ffff:192.0.2.1`). `UNKNOWN` for what is none."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def client_of(address: str) -> str:
    """Whom rates count: an IPv4 address, or an IPv6 network of 64 bits."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))


def read_network(text: str) -> Network:
    """An address or a network, as somebody typed it: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. Raises `InvalidRequest`."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise InvalidRequest("This is neither an address nor a network; write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/64.") from None
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96 and (mapped := network.network_address.ipv4_mapped) is not None:
        return ipaddress.ip_network((mapped, network.prefixlen - 96))
    return network
