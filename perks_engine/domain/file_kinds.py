"""What kind of file some bytes are, told by the bytes themselves and never by their name."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class FileKind(StrEnum):
    """The kinds that are taken as evidence, by their media types."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TEXT = "text/plain"

    @property
    def ending(self) -> str:
        return _ENDINGS[self]


_ENDINGS = {FileKind.PDF: ".pdf", FileKind.PNG: ".png", FileKind.JPEG: ".jpg", FileKind.TEXT: ".txt"}
_BEGINNINGS = (
    (b"%PDF-", FileKind.PDF),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
)
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*<(!doctype|!--|[a-z?][\w:?-]*[\s/>])", re.IGNORECASE)
LONGEST_NAME = 100


def kind_of(data: bytes) -> FileKind | None:
    """The kind, or None for any other. Markup is none: what a browser would run is not plain text."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if not text.strip() or _NOT_IN_TEXT.search(text) or _MARKUP.match(text) else FileKind.TEXT


def safe_name(name: str, kind: FileKind) -> str:
    """A name to show and to download under: no path, no sign that a shell or a header would take for more,
    and the ending of what the file is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] or last
    stem = re.sub(r"[^\w ()-]", "_", stem, flags=re.UNICODE).strip(" _-")
    return (stem[:LONGEST_NAME] or "file") + kind.ending
