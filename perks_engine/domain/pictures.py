"""What a picture may be, before anything decodes it: told by its first bytes and its header."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO


class PictureKind(StrEnum):
    """The kinds that are taken, by their media types."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"

    @property
    def ending(self) -> str:
        return {PictureKind.JPEG: ".jpg", PictureKind.PNG: ".png", PictureKind.WEBP: ".webp"}[self]


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """`most_pixels` bounds the memory that decoding takes (four bytes each, a few times over)."""

    most_bytes: int
    most_pixels: int
    longest_side: int = 16_000


def kind_of_picture(data: bytes) -> PictureKind | None:
    """By its first bytes, None for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return PictureKind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureKind.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return PictureKind.WEBP
    return None


_ALSO = (
    (re.compile(rb"<\?php"), "a PHP program"),
    (re.compile(rb"<script[\s>]", re.IGNORECASE), "a page with a script"),
    (re.compile(rb"<!doctype html", re.IGNORECASE), "a page"),
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "an SVG"),
)
_WHERE_A_PDF_MAY_BEGIN = 1_024


def what_else(data: bytes) -> str | None:
    """What the bytes are beside a picture, for another program that reads them; None where nothing is known.

    Encoding a picture anew leaves nothing of it. It is refused nevertheless: nobody makes such a file by
    mistake. A camera's own trailer, such as the film in a motion photograph, is none of these.
    """
    if b"%PDF-" in data[:_WHERE_A_PDF_MAY_BEGIN]:
        return "a PDF"
    if zipfile.is_zipfile(BytesIO(data)):
        return "a ZIP archive"
    return next((name for pattern, name in _ALSO if pattern.search(data)), None)


def size_of_webp(data: bytes) -> tuple[int, int] | None:
    """Width and height by the header (RFC 9649): its decoder takes memory for the whole canvas at once, so
    that this is asked before. None where the header is broken."""
    if len(data) < 30:
        return None
    match data[12:16]:
        case b"VP8X":
            return _number(data[24:27]) + 1, _number(data[27:30]) + 1
        case b"VP8L" if data[20] == 0x2F:
            packed = _number(data[21:25])
            return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            return _number(data[26:28]) & 0x3FFF, _number(data[28:30]) & 0x3FFF
        case _:
            return None


def _number(some: bytes) -> int:
    return int.from_bytes(some, "little")
