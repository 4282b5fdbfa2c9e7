"""Why Redis is not reached, in a sentence for whoever runs the server: without an address, and without a password."""

import ssl
from collections.abc import Iterator

from redis.exceptions import AuthenticationError, NoPermissionError

UNTRUSTED = (
    "Redis shows a certificate that is not to be trusted ({why}): nothing was sent. Have REDIS_URL name the host as the certificate does, and, "
    "unless this system knows it, who signed it: rediss://...?ssl_ca_certs=FILE"
)
NO_TLS = "There is no TLS to be had from Redis ({why}): nothing was sent. See that REDIS_URL names its TLS port, or use redis:// in a network of your own."
NO_FILE = "What REDIS_URL names for TLS cannot be read ({why})."
STRANGER = "Redis does not know this user, or this password. See REDIS_URL."


def reason(error: BaseException) -> str:
    """What happened, in a sentence where it is known how to mend it, else in a few words."""
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return UNTRUSTED.format(why=one.verify_message)
        if isinstance(one, ssl.SSLError):
            return NO_TLS.format(why=(one.reason or str(one)).replace("_", " ").lower())
        if isinstance(one, FileNotFoundError | IsADirectoryError | PermissionError) and one.errno is not None:
            return NO_FILE.format(why=one.strerror)
        if isinstance(one, NoPermissionError):
            break
        if isinstance(one, AuthenticationError):
            return STRANGER
    return type(error).__name__ if isinstance(error, TimeoutError) else f"{type(error).__name__}: {str(error).split(chr(10))[0][:120]}".rstrip(": ")


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__
