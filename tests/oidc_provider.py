"""An OpenID Connect provider on loopback, made with Authlib's own parts, that tests may let go wrong: it holds to PKCE, codes that are good once, its client's
secret and its redirect address, and lies only where it is told to. (`test_oidc` logs in by somebody else's provider, too.)"""

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

CLIENT, SECRET = "fourhands", "a secret that the provider shares with us"


class TestProvider:
    """`claims`: put over those of the next ID tokens; one that is None is left out. `person`: who is logged in there."""

    __test__ = False

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.issuer = f"http://127.0.0.1:{server.server_port}"
        self.person: dict[str, Any] = {"sub": "person-1", "preferred_username": "Ada.Lovelace", "name": "Ada Lovelace"}
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.algorithm = "ES256"
        self.status = 200
        self.padding = 0
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.shared = OctKey.generate_key(256, {"kid": "shared"})
        self.rotate()

    def rotate(self, *, publish: bool = True) -> None:
        """Sign with another key from now on; unless `publish`, without saying which."""
        self.key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)})
        if publish:
            self.published = self.key

    def authorize(self, url: str) -> str:
        """What a browser does there, and a person who agrees: where they are sent back to."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """To a request of ours."""
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                return self.status, self._about() | self.metadata
            case "/keys":
                shared = [self.shared.as_dict(private=True)] if self.algorithm == "HS256" else []
                return 200, {"keys": [self.published.as_dict(private=False), *shared]}
            case "/token":
                return self._token(form, authorization)
            case "/userinfo":
                return 200, self.userinfo
            case _:
                return 404, {}

    def _about(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys", "userinfo_endpoint": "/userinfo"}
        return {
            "issuer": self.issuer,
            **{name: self.issuer + path for name, path in ends.items()},
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
        }

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"] or create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self._id_token(asked["nonce"], access)}

    def _id_token(self, nonce: str, access: str) -> str:
        half = base64.urlsafe_b64encode(hashlib.sha256(access.encode()).digest()[:16]).rstrip(b"=").decode()
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, "at_hash": half, **self.person, **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm == "none":
            head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims))
            return f"{head}.{body}."
        if self.algorithm == "HS256":  # by a secret that it publishes
            return jwt.encode({"alg": "HS256", "kid": self.shared.kid}, claims, self.shared)
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, claims, self.key)


@contextmanager
def nobody_there() -> Iterator[str]:
    """The address of a provider that is down: nothing else can come to be there until the block ends."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@contextmanager
def provider() -> Iterator[TestProvider]:
    """One that answers until the block ends."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())))

        def _answer(self, form: dict[str, str]) -> None:
            status, told = made.answer(urlsplit(self.path).path, form, self.headers.get("Authorization", ""))
            body = json.dumps(told).encode() + b" " * made.padding
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None: ...  # pyright: ignore[reportIncompatibleMethodOverride]

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made = TestProvider(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
