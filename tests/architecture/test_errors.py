"""Every failure has a meaning at each edge."""

from fourhands.edge.http.error_map import STATUS
from fourhands.errors import FourhandsError
from fourhands.protocol.close import CLOSE_CODES

MOST_CLASSES = 12


def test_the_family_is_flat_and_small() -> None:
    family = FourhandsError.__subclasses__()
    assert 1 <= len(family) <= MOST_CLASSES
    assert [error for error in family if error.__subclasses__()] == []
    assert len({error.code for error in family}) == len(family)


def test_http_knows_every_failure() -> None:
    assert set(STATUS) == set(FourhandsError.__subclasses__())


def test_the_socket_knows_every_failure() -> None:
    assert set(CLOSE_CODES) == set(FourhandsError.__subclasses__())
