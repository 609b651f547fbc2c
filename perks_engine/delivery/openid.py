"""OpenID providers over HTTP: discovery, keys, the exchange of a code, and tokens.

Neither redirects nor long answers are followed; what a provider says of itself and its keys is kept for an
hour, and keys are looked up anew for a token whose key is not known, though not for every such token that
somebody else shows.
"""

from __future__ import annotations

import ipaddress
import json
import time
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from perks_engine.domain.providers import Claims, Provider
from perks_engine.services.errors import BusyError
from perks_engine.services.ports import Clock
from perks_engine.services.vouching import Challenge, NotVouchedError

TIMEOUT_S = 10.0
LONGEST_ANSWER = 1_000_000
LONGEST_TOKEN = 16_000
KEPT_S = 3_600.0
AGAIN_AFTER_S = 30.0
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY_S = 60
"""By how much the clocks of both sides may differ."""


@dataclass
class _Kept:
    at: float
    value: Mapping[str, Any]


@dataclass
class OpenIdOverHttp:
    clock: Clock
    again_after_s: float = AGAIN_AFTER_S
    _kept: dict[str, _Kept] = field(default_factory=dict[str, _Kept])
    _lock: Lock = field(default_factory=Lock)

    def address(self, provider: Provider, challenge: Challenge, back: str) -> str:
        endpoint = self._endpoint(provider, "authorization_endpoint")
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": back,
            "scope": " ".join(provider.scopes),
            "state": challenge.state,
            "nonce": challenge.nonce,
            "code_challenge": challenge.code_challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def issuer_of(self, token: str) -> str | None:
        try:
            found = json.loads(_part(token, 1)).get("iss")
        except (ValueError, AttributeError):
            return None
        return found if isinstance(found, str) else None

    def by_code(self, provider: Provider, code: str, challenge: Challenge, back: str) -> Claims:
        answer = self._exchange(provider, code, challenge, back)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotVouchedError("it gave no ID token")
        # The provider itself gave it for this code: a key that is new since then is asked for at once.
        claims = self._verified(provider, token, provider.client_id, again_after_s=0.0)
        if claims.get("nonce") != challenge.nonce:
            raise NotVouchedError("its ID token answers another sign-in")
        parties = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if (len(parties) > 1 or "azp" in claims) and claims.get("azp") != provider.client_id:
            raise NotVouchedError("its ID token is made out to another client")
        if not provider.userinfo:
            return claims
        return self._userinfo(provider, claims, str(answer.get("access_token", "")))

    def by_token(self, provider: Provider, token: str) -> Claims:
        return self._verified(provider, token, provider.audience or "")

    def by_logout_token(self, provider: Provider, token: str) -> Claims:
        """OpenID Connect Back-Channel Logout 1.0, 2.6. An ID token is none, for it lacks the event, and it is
        no ID token, for it may not have a nonce."""
        claims = self._verified(provider, token, provider.client_id, needs_sub=False)
        events = claims.get("events")
        if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
            raise NotVouchedError("its token is none that signs somebody out")
        if "nonce" in claims or not isinstance(claims.get("jti"), str):
            raise NotVouchedError("its logout token has a nonce, or no id of its own")
        named = [claims[name] for name in ("sub", "sid") if name in claims]
        if not named or not all(isinstance(one, str) and one for one in named):
            raise NotVouchedError("its logout token is of nobody")
        return claims

    def _exchange(self, provider: Provider, code: str, challenge: Challenge, back: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": provider.client_id,
            "code_verifier": challenge.verifier,
        }
        headers: dict[str, str] = {}
        if provider.secret_file is not None:
            secret = Path(provider.secret_file).read_text(encoding="utf-8").strip()
            ways = self._document(provider).get(
                "token_endpoint_auth_methods_supported", ["client_secret_basic"]
            )
            if "client_secret_basic" in ways:
                pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
                headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
            else:
                form["client_secret"] = secret
        status, found = _spoken("POST", self._endpoint(provider, "token_endpoint"), form, headers)
        if status != 200:
            raise NotVouchedError("it does not know the code that you came back with; begin again")
        return found

    def _userinfo(self, provider: Provider, claims: Claims, token: str) -> Claims:
        headers = {"Authorization": f"Bearer {token}"}
        status, found = _spoken("GET", self._endpoint(provider, "userinfo_endpoint"), None, headers)
        # OpenID Connect Core, 5.3.2: what is said of somebody else must not be used.
        if status != 200 or found.get("sub") != claims["sub"]:
            raise NotVouchedError("it says nothing of you")
        return {**found, **claims}

    def _verified(
        self,
        provider: Provider,
        token: str,
        audience: str,
        needs_sub: bool = True,
        again_after_s: float | None = None,
    ) -> Claims:
        """The claims of a token that this provider signed for this audience, and that holds now."""
        if len(token) > LONGEST_TOKEN or token.count(".") != 2:
            raise NotVouchedError("its token is none")
        try:
            header = json.loads(_part(token, 0))
            wait_s = self.again_after_s if again_after_s is None else again_after_s
            keys = self._keys(provider, header.get("kid"), wait_s)
            claims = jwt.decode(token, keys, algorithms=list(provider.algorithms)).claims
        except (JoseError, ValueError, AttributeError, TypeError) as error:
            raise NotVouchedError("its token is not signed as it has to be") from error
        now = int(self.clock().timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": needs_sub},
        )
        try:
            registry.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise NotVouchedError("its token is not for here, or not for now") from error
        if needs_sub and not isinstance(claims["sub"], str):
            raise NotVouchedError("its token is of nobody")
        return claims

    def _keys(self, provider: Provider, kid: object, again_after_s: float) -> KeySet:
        """Its public keys; asked for anew where the one that is wanted is not among those that are known."""
        address = self._endpoint(provider, "jwks_uri")
        found = self._get(address, KEPT_S)
        if not _has(found, kid):
            found = self._get(address, again_after_s)
        listed = found.get("keys")
        public = [one for one in listed if _is_of_a_pair(one)] if isinstance(listed, list) else []
        return KeySet.import_key_set({"keys": public})

    def _endpoint(self, provider: Provider, name: str) -> str:
        address = self._document(provider).get(name)
        if not isinstance(address, str) or not _is_safe(address):
            raise NotVouchedError(f"it names no {name} that can be used")
        return address

    def _document(self, provider: Provider) -> Mapping[str, Any]:
        found = self._get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", KEPT_S)
        if found.get("issuer") != provider.issuer:
            raise NotVouchedError("it calls itself by another name than the one that is written down here")
        return found

    def _get(self, address: str, kept_s: float) -> Mapping[str, Any]:
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get(address)
        if kept is not None and now - kept.at < kept_s:
            return kept.value
        status, found = _spoken("GET", address, None, {})
        if status != 200:
            raise BusyError("sign_in.provider_away", f"{urlsplit(address).hostname} answers {status}")
        with self._lock:
            self._kept[address] = _Kept(now, found)
        return found


def _spoken(
    method: str, address: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
) -> tuple[int, Mapping[str, Any]]:
    """The status and the JSON object of an answer, empty where it is none. Raises `BusyError`."""
    host = urlsplit(address).hostname
    body = bytearray()
    sent = {"Accept": "application/json", **headers}
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
            client.stream(method, address, data=dict(form) if form else None, headers=sent) as answer,
        ):
            for part in answer.iter_bytes():
                body += part
                if len(body) > LONGEST_ANSWER:
                    raise BusyError("sign_in.provider_away", f"{host} answers at too great length")
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BusyError("sign_in.provider_away", f"{host} does not answer; try again later") from error
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    return status, found if isinstance(found, dict) else {}


def _part(token: str, place: int) -> bytes:
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST_TOKEN:
        raise ValueError("is no JWT")
    return urlsafe_b64decode(parts[place] + "=" * (-len(parts[place]) % 4))


def _has(found: Mapping[str, Any], kid: object) -> bool:
    listed = found.get("keys")
    keys = listed if isinstance(listed, list) else []
    return any(isinstance(one, dict) and one.get("kid") == kid for one in keys)


def _is_of_a_pair(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.scheme == "http" and parts.hostname == "localhost"
