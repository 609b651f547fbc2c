"""Pictures by Pillow: judged by decoding, and encoded anew, so that nothing is left but the pixels.

What Pillow would do beyond that is off: only the decoders of three kinds are ever asked, limits are looked at
before a decoder takes memory, and what was cut off is refused. Of a picture that moves its first frame is
kept. Colour profiles go with the rest: colours outside of sRGB may look paler.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from perks_engine.domain.pictures import (
    PictureKind,
    PictureLimits,
    kind_of_picture,
    size_of_webp,
    what_else,
)
from perks_engine.services.errors import BusyError
from perks_engine.services.picture_records import CleanPicture, UnusablePictureError

# Judged below, by the limits of the deployment, and before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

AT_ONCE = 2
"""Pictures that one process decodes at the same time: each takes memory for all of its pixels."""
PATIENCE_S = 10
_FORMATS = {PictureKind.JPEG: "JPEG", PictureKind.PNG: "PNG", PictureKind.WEBP: "WEBP"}
_BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError),
    *(OverflowError, MemoryError, struct.error, zlib.error, Image.DecompressionBombError),
)
"""What decoders raise at bytes that are no picture."""


@dataclass(frozen=True, slots=True)
class PillowCleaner:
    limits: PictureLimits
    _slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE), init=False)

    def clean(self, data: bytes) -> CleanPicture:
        """Raises `UnusablePictureError`, and `BusyError` while as many as may be are being decoded."""
        kind = self._kind(data)
        if not self._slots.acquire(timeout=PATIENCE_S):
            raise BusyError("picture.busy", "too many pictures come at once; send it again in a moment")
        try:
            return self._anew(data, kind)
        except _BROKEN as error:
            raise UnusablePictureError(
                "picture.broken",
                f"it begins as {kind.value} does, and is damaged or cut off; save it anew and give that",
            ) from error
        finally:
            self._slots.release()

    def _kind(self, data: bytes) -> PictureKind:
        if not data:
            raise UnusablePictureError("picture.empty", "there is no picture in the request")
        if len(data) > self.limits.most_bytes:
            raise UnusablePictureError(
                "picture.too_large", f"it has {len(data):,} bytes; {self.limits.most_bytes:,} at most"
            )
        kind = kind_of_picture(data)
        if kind is None:
            raise UnusablePictureError("picture.kind", "it is no JPEG, PNG or WebP; save it as one of these")
        other = what_else(data)
        if other is not None:
            raise UnusablePictureError(
                "picture.polyglot", f"it is {other} as well as a picture; save the picture anew and give that"
            )
        if kind is PictureKind.WEBP:
            self._require_size(*(size_of_webp(data) or (0, 0)))
        return kind

    def _require_size(self, width: int, height: int) -> None:
        most, longest = self.limits.most_pixels, self.limits.longest_side
        if width < 1 or height < 1:
            raise UnusablePictureError("picture.broken", "its header names no size; save it anew")
        if width * height > most or max(width, height) > longest:
            raise UnusablePictureError(
                "picture.pixels",
                f"it is {width:,} by {height:,} pixels; at most {most:,} in all and {longest:,} on a side: "
                "make it smaller",
            )

    def _anew(self, data: bytes, kind: PictureKind) -> CleanPicture:
        with Image.open(BytesIO(data), formats=(_FORMATS[kind],)) as opened:
            self._require_size(*opened.size)
            opened.load()
            upright = ImageOps.exif_transpose(opened)
        plain = _plain(upright, kind)
        # Savers take a comment or a profile from here where nobody names one.
        plain.info.clear()
        out = BytesIO()
        more = {"optimize": True} if kind is PictureKind.PNG else {"quality": 90}
        plain.save(out, _FORMATS[kind], **more)
        return CleanPicture(kind, plain.width, plain.height, out.getvalue())


def _plain(image: Image.Image, kind: PictureKind) -> Image.Image:
    """In a mode that every reader shows: grey or colour, with transparency where it had some and can have."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    has_alpha = image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info
    if kind is PictureKind.JPEG:
        return image.convert("L" if image.mode in ("1", "L") else "RGB")
    if has_alpha:
        return image.convert("RGBA")
    return image.convert("L" if kind is PictureKind.PNG and image.mode in ("1", "L") else "RGB")
