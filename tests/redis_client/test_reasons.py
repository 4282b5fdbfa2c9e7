"""Why Redis is not reached, in words. With real certificates: test_pools.py."""

import ssl

from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as Refused

from fourhands.redis_client.reasons import STRANGER, UNTRUSTED, reason


def test_what_nobody_has_a_sentence_for_is_said_in_few_words() -> None:
    assert reason(TimeoutError()) == "TimeoutError"
    assert reason(ValueError("first\nsecond")) == "ValueError: first"


def test_the_cause_is_named_and_not_what_the_client_made_of_it() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "self-signed certificate"
    error = Refused("Error 1 connecting to 10.0.0.1:6379.")
    error.__cause__ = cause
    assert reason(error) == UNTRUSTED.format(why="self-signed certificate")
    assert reason(AuthenticationError("WRONGPASS invalid username-password pair or user is disabled.")) == STRANGER
