"""`python healthy.py [/readyz]`: exits with 0 if the server of this container answers that path with 200. For health checks; an image needs no curl."""

import os
import sys
import urllib.error
import urllib.request

SECONDS = 4


def address(path: str) -> str:
    """Where the server of this machine listens, as its own settings say."""
    port = os.environ.get("FOURHANDS_PORT") or os.environ.get("PORT") or "8000"
    return f"http://127.0.0.1:{port}{os.environ.get('FOURHANDS_ROOT_PATH', '').rstrip('/')}{path}"


def main(words: list[str]) -> int:
    """0: it answers. 1: it does not, or says that it cannot serve; the reason goes to stderr, which `docker inspect` keeps."""
    try:
        with urllib.request.urlopen(address(words[0] if words else "/healthz"), timeout=SECONDS):  # noqa: S310 - http to this machine
            return 0
    except urllib.error.HTTPError as error:
        reason = error.read().decode(errors="replace")
    except OSError as error:
        reason = str(error)
    sys.stderr.write(f"{reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
