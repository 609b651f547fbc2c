"""A small HTTP load: keep-alive connections that each ask, wait for the answer, and ask again.

Written for benchmarks on one machine, where a client must cost less than the server it measures.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Load:
    """What a load saw: `latencies` in seconds, one per answer; `statuses` how often each came."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list[float])
    statuses: dict[int, int] = field(default_factory=dict[int, int])

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def get(path: str, token: str = "") -> bytes:
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{bearer}\r\n".encode()


def post_json(path: str, body: str, token: str, key: str) -> bytes:
    head = f"Authorization: Bearer {token}\r\nIdempotency-Key: {key}\r\nContent-Type: application/json"
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\n{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def post(path: str) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n".encode()


async def _client(port: int, request: Callable[[], bytes], until: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while (start := time.perf_counter()) < until:
            writer.write(request())
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if length:
                await reader.readexactly(int(length[1]))
            load.latencies.append(time.perf_counter() - start)
            status = int(head[9:12])
            load.statuses[status] = load.statuses.get(status, 0) + 1
    finally:
        writer.close()


async def _run(port: int, request: Callable[[], bytes], clients: int, seconds: float) -> Load:
    load = Load()
    start = time.perf_counter()
    await asyncio.gather(*(_client(port, request, start + seconds, load) for _ in range(clients)))
    load.seconds = time.perf_counter() - start
    return load


def drive(port: int, request: Callable[[], bytes], clients: int, seconds: float) -> Load:
    """`clients` connections ask `request()` over and over for `seconds`."""
    return asyncio.run(_run(port, request, clients, seconds))
