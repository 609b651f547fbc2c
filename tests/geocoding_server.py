"""A geocoding server of the tests' own, which answers what it is told to and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TERMINAL = "Example Ferry Terminal, NJ"
"""A text that no gazetteer knows."""


@dataclass
class GeocodingServer:
    """A geocoding server: what it answers, what it was asked, and whether it keeps silent."""

    address: str = ""
    status: int = 200
    body: str = "[]"
    asked: list[dict[str, list[str]]] = field(default_factory=list[dict[str, list[str]]])
    released: threading.Event = field(default_factory=threading.Event)

    def answers(self, body: Any, status: int = 200) -> None:
        self.status, self.body = status, body if isinstance(body, str) else json.dumps(body)
        self.released.set()

    def keeps_silent(self) -> None:
        self.released.clear()


@contextmanager
def geocoding_server() -> Generator[GeocodingServer]:
    made = GeocodingServer()
    made.released.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(parse_qs(urlsplit(self.path).query))
            made.released.wait(30)
            try:
                self.send_response(made.status)
                self.end_headers()
                self.wfile.write(made.body.encode())
            except OSError:
                pass

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base names it so)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        made.address = f"127.0.0.1:{server.server_port}"
        yield made
        made.released.set()
        server.shutdown()
        thread.join(10)


def hit(
    region: str = "US-NJ", lat: str | None = "40.7349", lon: str = "-74.0278", **changes: Any
) -> dict[str, Any]:
    """A candidate as Nominatim writes it."""
    return {
        "osm_id": 1,
        "lat": lat,
        "lon": lon,
        "display_name": "Example Ferry Terminal",
        "boundingbox": ["40.7340", "40.7360", "-74.0290", "-74.0260"],
        "address": {"country_code": region[:2].lower(), "ISO3166-2-lvl4": region},
    } | changes
