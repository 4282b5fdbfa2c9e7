"""Where an HTTP request comes from, as uvicorn found it."""

from fourhands.edge.http.address import address_of
from fourhands.model.addresses import UNKNOWN


def test_a_request_says_what_uvicorn_found() -> None:
    assert address_of({"type": "http", "client": ("::ffff:192.0.2.7", 1)}) == "192.0.2.7"
    assert address_of({"type": "http", "client": ("nonsense", 1)}) == UNKNOWN
    assert address_of({"type": "http", "client": None}) == UNKNOWN
