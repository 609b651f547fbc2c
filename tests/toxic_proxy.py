"""A TCP proxy between the engine and what it talks to, that fails in the ways in which networks fail."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Dial = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
CHUNK = 65_536


def to_socket_file(path: str) -> Dial:
    return lambda: asyncio.open_unix_connection(path)


def to_port(port: int) -> Dial:
    return lambda: asyncio.open_connection("127.0.0.1", port)


@dataclass
class ToxicProxy:
    """`latency_s` holds back each answer. While it is `half_open` it takes connections and what is sent over
    them, and nothing comes back. `answer_bytes`, where set, is how much of the answers still comes through
    before the rest is swallowed. An answer with `cut_before` in it does not arrive, after `let_pass` others
    that had it: the connection is reset. `seen` counts the connections that were ever taken."""

    dial: Dial
    port: int = 0
    latency_s: float = 0.0
    half_open: bool = False
    answer_bytes: int | None = None
    cut_before: bytes | None = None
    let_pass: int = 0
    seen: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    def refuse(self) -> None:
        """Nobody listens any more, and what was open is cut."""
        self._run(self._stop_listening())
        self.cut()

    def accept(self) -> None:
        self._run(self._listen())

    def cut(self) -> None:
        """Every connection is reset, in both directions."""
        self._run(self._cut())

    def heal(self) -> None:
        """All is well again for connections to come; those that were swallowed up stay so until they end."""
        self.latency_s, self.half_open, self.answer_bytes, self.cut_before = 0.0, False, None, None

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._taken, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        await self._stop_listening()
        mine = asyncio.current_task()
        rest = [one for one in asyncio.all_tasks() if one is not mine]
        for one in rest:
            one.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen += 1
        self._open.add(writer)
        try:
            if self.half_open:
                await reader.read()  # until the other side gives up
                return
            there, back = await self.dial()
            self._open.add(back)
            try:
                pipes = [
                    asyncio.ensure_future(self._ask(reader, back)),
                    asyncio.ensure_future(self._answer(there, writer)),
                ]
                _, rest = await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
                for one in rest:
                    one.cancel()
            finally:
                self._open.discard(back)
                back.transport.abort()
        except OSError:
            return  # what it leads to is away
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if not self.half_open:
                    back.write(data)
                    await back.drain()

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await there.read(CHUNK):
                if self.latency_s:
                    await asyncio.sleep(self.latency_s)
                if self.cut_before is not None and self.cut_before in data:
                    self.let_pass -= 1
                    if self.let_pass < 0:
                        return
                if self.answer_bytes is not None:
                    data = data[: self.answer_bytes]
                    self.answer_bytes -= len(data)
                if not self.half_open:
                    writer.write(data)
                    await writer.drain()
        if self.half_open or self.answer_bytes == 0:
            await asyncio.Event().wait()  # its end is swallowed, too

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)

    def _run(self, work: Awaitable[None]) -> None:
        async def done() -> None:
            await work

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(10)


@contextmanager
def toxic_proxy(dial: Dial) -> Generator[ToxicProxy]:
    """On a free port of this machine, for as long as the block lasts."""
    proxy = ToxicProxy(dial)
    thread = threading.Thread(target=proxy._loop.run_forever, daemon=True)
    thread.start()
    proxy.accept()
    try:
        yield proxy
    finally:
        proxy.end()
        proxy._loop.call_soon_threadsafe(proxy._loop.stop)
        thread.join(10)
        proxy._loop.close()
