"""Files that are sent, and closed whether or not the last of their bytes was wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

CHUNK = 64 * 1024


class Download(StreamingResponse):
    """What is left of an open file; a reader who goes away does not leave it open."""

    def __init__(self, file: BinaryIO, media_type: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(_pieces(file), media_type=media_type, headers=headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece
