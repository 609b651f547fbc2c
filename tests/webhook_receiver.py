"""A receiver of webhooks for tests: it checks each signature with a library that is not ours."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook
from trustme import LeafCert


@dataclass
class Post:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        try:
            Webhook(secret).verify(self.body, self.headers)
        except Exception:  # noqa: BLE001 - whatever it says, it does not hold
            return False
        return True


@dataclass
class Receiver:
    """`answers` says what each post is answered with: a status, or one with headers."""

    posts: list[Post] = field(default_factory=list[Post])
    answers: Callable[[Post], int] = lambda _post: 204
    more_headers: dict[str, str] = field(default_factory=dict[str, str])
    url: str = ""

    @property
    def types(self) -> list[str]:
        return [str(one.told["type"]) for one in self.posts]


@contextmanager
def receiver_at_work(certificate: LeafCert | None = None) -> Generator[Receiver]:
    """On a free port of this machine, for as long as the block lasts; with a certificate by HTTPS."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            post = Post({name.lower(): value for name, value in self.headers.items()}, body)
            receiver.posts.append(post)
            self.send_response(receiver.answers(post))
            for name, value in receiver.more_headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(tls)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    receiver.url = f"{scheme}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
