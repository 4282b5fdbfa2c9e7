"""An OpenID Connect provider: where people are sent to log in, and who they are by what it answers (OpenID Connect Core 1.0, code flow with PKCE).

Authlib writes and checks the messages; `bounded_http` carries them. No secret, code or token is ever logged.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from authlib.oauth2.auth import ClientAuth  # pyright: ignore[reportMissingTypeStubs]
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
from authlib.oidc.core import CodeIDToken  # pyright: ignore[reportMissingTypeStubs]
from authlib.oidc.discovery import OpenIDProviderMetadata  # pyright: ignore[reportMissingTypeStubs]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from fourhands.access.login_attempts import Attempt
from fourhands.accounts.bounded_http import BoundedHttp
from fourhands.errors import Unauthenticated, Unavailable
from fourhands.model.clock import Clock

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.accounts")

DEPENDENCY = "login provider"
SCOPE = "openid profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""By key pairs alone: neither `none` nor what a shared secret signs."""
FRESH_SECONDS = 3600.0
"""How long what the provider says of itself is believed; new keys count at once."""
LEEWAY_SECONDS = 60
"""How far two clocks may differ."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

AWAY = "{name} cannot be reached at the moment. Try again later, or log in with a password."
REFUSED = "What {name} answered does not check."


@dataclass(frozen=True, slots=True)
class ProviderRules:
    """As `app` takes it from the settings (described in `settings.py`)."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    seconds: float
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the provider knows them: `issuer` and `subject` name them for good. The rest is what they are called, and proves nothing."""

    issuer: str
    subject: str
    login: str
    name: str


class Provider:
    """Raises `Unavailable` while it is away or not what was set, `Unauthenticated` for answers that do not check."""

    def __init__(self, rules: ProviderRules, clock: Clock) -> None:
        self.name = rules.name or urlsplit(rules.issuer).hostname or rules.issuer
        self.issuer = rules.issuer.rstrip("/")
        self._rules = rules
        self._clock = clock
        self._http = BoundedHttp(seconds=rules.seconds, most_bytes=rules.most_bytes, dependency=DEPENDENCY)
        self._metadata: dict[str, Any] = {}
        self._metadata_at = 0.0
        self._keys: KeySet | None = None
        self._discovering: asyncio.Task[dict[str, Any]] | None = None

    async def begin(self, attempt: Attempt) -> str:
        """The address to send the browser to."""
        metadata = await self._discovered()
        address: object = prepare_grant_uri(  # pyright: ignore[reportUnknownVariableType]
            metadata["authorization_endpoint"],
            self._rules.client_id,
            "code",
            redirect_uri=attempt.redirect_uri,
            scope=SCOPE,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),  # pyright: ignore[reportUnknownArgumentType]
            code_challenge_method="S256",
        )
        return str(address)  # pyright: ignore[reportUnknownArgumentType]

    async def finish(self, attempt: Attempt, code: str, issuer: str | None = None) -> Person:
        """Who came back with that code. `issuer`: what the answer names, where it does (RFC 9207)."""
        metadata = await self._discovered()
        if issuer is not None and issuer != metadata["issuer"]:
            raise self._refused("another issuer answers")
        tokens = await self._trade(metadata, attempt, code)
        claims = await self._read(metadata, str(tokens["id_token"]), attempt.nonce, tokens.get("access_token"))
        if not (claims.get("name") or claims.get("preferred_username")):
            claims = {**await self._told(metadata, tokens.get("access_token"), claims["sub"]), **claims}
        login, name = (str(claims.get(key) or "") for key in ("preferred_username", "name"))
        return Person(str(metadata["issuer"]), str(claims["sub"]), login or str(claims.get("email") or ""), name)

    async def close(self) -> None:
        """End its connections."""
        await self._http.close()

    async def _discovered(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0). Whoever comes while it is asked waits for the same answer."""
        if self._metadata and self._clock.monotonic() - self._metadata_at < FRESH_SECONDS:
            return self._metadata
        if self._discovering is None:
            self._discovering = asyncio.create_task(self._discover())
            self._discovering.add_done_callback(self._end_discovery)
        return await asyncio.shield(self._discovering)

    async def _discover(self) -> dict[str, Any]:
        found = await self._get(self._rules.issuer.rstrip("/") + "/.well-known/openid-configuration")
        self._check(found)
        self._metadata, self._metadata_at = found, self._clock.monotonic()
        return found

    def _end_discovery(self, task: asyncio.Task[dict[str, Any]]) -> None:
        self._discovering = None
        if not task.cancelled():
            task.exception()  # heard by those who wait, if anybody does

    def _check(self, metadata: dict[str, Any]) -> None:
        """Raises `Unavailable` for another provider than the one that was set, and for one that would be asked without TLS."""
        if str(metadata.get("issuer")).rstrip("/") != self._rules.issuer.rstrip("/"):
            raise self._away(f"it calls itself {str(metadata.get('issuer'))[:200]!r}: set FOURHANDS_OIDC_ISSUER to that, if it is right")
        for name in (*ENDPOINTS, *(["userinfo_endpoint"] if metadata.get("userinfo_endpoint") else [])):
            if not str(metadata.get(name)).startswith("https://" if self._rules.issuer.startswith("https:") else ("http://", "https://")):
                raise self._away(f"its {name} is none")
        if self._rules.issuer.startswith("https:"):
            try:
                OpenIDProviderMetadata(metadata).validate()  # pyright: ignore[reportUnknownMemberType]
            except (ValueError, TypeError, AttributeError) as error:
                raise self._away(f"what it says of itself makes no sense: {error}") from error

    async def _trade(self, metadata: dict[str, Any], attempt: Attempt, code: str) -> dict[str, Any]:
        """The tokens for a code, which is good once (RFC 6749, 4.1.3)."""
        form = prepare_token_request("authorization_code", redirect_uri=attempt.redirect_uri, code=code, code_verifier=attempt.verifier)
        known = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = ("client_secret_basic" if "client_secret_basic" in known else "client_secret_post") if self._rules.client_secret else "none"
        client = ClientAuth(self._rules.client_id, self._rules.client_secret, way)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url, headers, body = cast("tuple[str, dict[str, str], str]", client.prepare("POST", metadata["token_endpoint"], headers, form))  # pyright: ignore[reportUnknownMemberType]
        status, answer = await self._ask("POST", url, headers, body)
        if status == 200 and isinstance(answer.get("id_token"), str):
            return answer
        error = str(answer.get("error", ""))[:60]
        if status < 500 and error == "invalid_grant":
            raise self._refused("the code is not good (any more)")
        raise self._away(f"it gives no token: status {status} {error}")

    async def _read(self, metadata: dict[str, Any], token: str, nonce: str, access_token: object) -> dict[str, Any]:
        """The claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7). One that the keys do not fit is read again with fresh ones: they rotate."""
        known = self._keys is not None
        try:
            return self._checked(metadata, token, nonce, access_token, self._keys or await self._fetch_keys(metadata))
        except (JoseError, ValueError) as error:
            if not known or not _is_of_keys(error):
                raise self._refused(f"{type(error).__name__} {error}") from error
        try:
            return self._checked(metadata, token, nonce, access_token, await self._fetch_keys(metadata))
        except (JoseError, ValueError) as error:
            raise self._refused(f"{type(error).__name__} {error}") from error

    def _checked(self, metadata: dict[str, Any], token: str, nonce: str, access_token: object, keys: KeySet) -> dict[str, Any]:
        supported = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=[name for name in ALGORITHMS if name in supported], strict_check_header=False)
        read = jwt.decode(token, keys, registry=registry)
        options = {"iss": {"essential": True, "value": metadata["issuer"]}, "aud": {"essential": True, "value": self._rules.client_id}}
        params: dict[str, Any] = {"nonce": nonce, "client_id": self._rules.client_id}
        if isinstance(access_token, str):
            params["access_token"] = access_token
        claims = CodeIDToken(read.claims, read.header, options, params)  # pyright: ignore[reportArgumentType]
        claims.validate(now=self._clock.now_ms() // 1000, leeway=LEEWAY_SECONDS)  # pyright: ignore[reportUnknownMemberType]
        if not claims["sub"]:
            raise ValueError("an empty sub")
        return dict(claims)

    async def _fetch_keys(self, metadata: dict[str, Any]) -> KeySet:
        found = await self._get(str(metadata["jwks_uri"]))
        try:
            self._keys = KeySet.import_key_set(cast("Any", found))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise self._away(f"its keys make no sense: {type(error).__name__} {error}") from error
        return self._keys

    async def _told(self, metadata: dict[str, Any], access_token: object, subject: str) -> dict[str, Any]:
        """What else it tells of somebody, if that is who it says it is (OpenID Connect Core 1.0, 5.3.2). Only a name is wanted: without one it goes on."""
        if not metadata.get("userinfo_endpoint") or not isinstance(access_token, str):
            return {}
        try:
            found = await self._get(str(metadata["userinfo_endpoint"]), {"Authorization": f"Bearer {access_token}"})
        except Unavailable:
            return {}
        return found if found.get("sub") == subject else {}

    async def _get(self, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        status, found = await self._ask("GET", url, headers or {})
        if status != 200:
            raise self._away(f"status {status} for {urlsplit(url).path}")
        return found

    async def _ask(self, method: str, url: str, headers: dict[str, str], body: str | None = None) -> tuple[int, dict[str, Any]]:
        try:
            return await self._http.ask(method, url, headers=headers, body=body)
        except Unavailable as error:
            raise self._away(f"{urlsplit(url).path}: {error}") from error

    def _away(self, reason: str) -> Unavailable:
        log.warning("oidc.away", provider=self.name, reason=reason)
        return Unavailable(AWAY.format(name=self.name), DEPENDENCY)

    def _refused(self, reason: str) -> Unauthenticated:
        log.warning("oidc.refused", provider=self.name, reason=reason)
        return Unauthenticated(REFUSED.format(name=self.name))


def _is_of_keys(error: Exception) -> bool:
    """Whether other keys might make it right."""
    return getattr(error, "error", "") in {"invalid_key_id", "bad_signature", "missing_key"} or isinstance(error, ValueError)
