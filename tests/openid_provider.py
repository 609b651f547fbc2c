"""An OpenID provider of the tests' own: the code flow with PKCE over HTTP, and all that one can do wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey

from perks_engine.services.ports import Clock

Claims = dict[str, Any]


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@dataclass
class OpenIdProvider:
    """`user` are the claims of whoever signs in next; `bent` changes what is signed, `token` makes the token
    out of the claims otherwise, and `document` and `answers` change what else it says."""

    clock: Clock
    url: str = ""
    user: Claims = field(default_factory=lambda: {"sub": "u1"})
    bent: Claims = field(default_factory=dict[str, Any])
    token: Callable[[Claims], str] | None = None
    document: Claims = field(default_factory=dict[str, Any])
    userinfo: Claims | None = None
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "first", "use": "sig"}))
    published: list[ECKey] = field(default_factory=list[ECKey])
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    asked: list[str] = field(default_factory=list[str])
    is_away: bool = False
    """It answers nobody but browsers that it sends back."""

    def signed(self, claims: Claims, header: Claims | None = None) -> str:
        head = {"alg": "ES256", "kid": self.key.kid, "typ": "JWT", **(header or {})}
        return jws.serialize_compact(head, json.dumps(claims).encode(), self.key, algorithms=["ES256"])

    def claims(self, audience: str, **more: Any) -> Claims:
        now = int(self.clock().timestamp())
        made = {"iss": self.url, "aud": audience, "iat": now, "exp": now + 300, **self.user, **more}
        return {name: value for name, value in {**made, **self.bent}.items() if value is not None}

    def rotate(self, kid: str) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})
        self.published = [self.key]

    def answer(self, path: str, form: Mapping[str, str], bearer: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            named = {name: f"{self.url}/{end}" for name, end in (ends | {"userinfo_endpoint": "me"}).items()}
            return 200, {"issuer": self.url, **named, **self.document}
        if path == "/keys":
            keys = self.published or [self.key]
            return 200, {"keys": [one.as_dict(private=False) for one in keys]}
        if path == "/token":
            return self._exchanged(form)
        if path == "/me" and bearer == "Bearer access":
            return 200, self.userinfo or {}
        return 404, {}

    def _exchanged(self, form: Mapping[str, str]) -> tuple[int, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = asked is not None and all(form.get(one) == asked[one] for one in ("client_id", "redirect_uri"))
        if asked is None or not same or shown != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        claims = self.claims(asked["client_id"], nonce=asked["nonce"])
        claims |= {name: value for name, value in self.bent.items() if name == "nonce"}
        token = self.token(claims) if self.token else self.signed(claims)
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": token}

    def authorized(self, query: str) -> str:
        """Where the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        brought = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(brought)}"


@contextmanager
def openid_provider(clock: Clock) -> Generator[OpenIdProvider]:
    """On a free port of this machine, for as long as the block lasts."""
    provider = OpenIdProvider(clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorized(parts.query))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._say(parts.path, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(self.path, {name: values[0] for name, values in parse_qs(body).items()})

        def _say(self, path: str, form: Mapping[str, str]) -> None:
            if provider.is_away:
                self.close_connection = True
                return
            status, found = provider.answer(path, form, self.headers.get("Authorization", ""))
            data = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the library
            """It says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
