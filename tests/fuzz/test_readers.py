"""Whatever bytes come, each reader reads them or says that it cannot: with what atheris found, and what once went wrong."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.readers import READERS, feed

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize("name", READERS)
def test_what_was_found_is_read_or_refused(name: str) -> None:
    for path in sorted(CORPUS.rglob("*.hex")):
        for line in path.read_text().split():
            feed(name, bytes.fromhex(line))


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=50, deadline=None, derandomize=True)
@given(data=st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(name: str, data: bytes) -> None:
    feed(name, data)
