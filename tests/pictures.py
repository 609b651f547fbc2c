"""Pictures for tests: plain ones, ones full of what a camera adds, and ones that are bad in every known
way."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SECRET = "40.6782 N, 73.9442 W, serial 8151"
"""What must not be left in a picture that is kept."""


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def plain(form: str = "JPEG", size: tuple[int, int] = (40, 30), colour: str = "teal") -> bytes:
    return encoded(Image.new("RGB", size, colour), form)


def from_a_camera(form: str = "JPEG") -> bytes:
    """40 by 30 pixels, red at the left, blue elsewhere, to be turned by 90 degrees; with a position, a
    comment, a colour profile, XMP, and a film behind its end."""
    image = Image.new("RGB", (40, 30), "blue")
    image.paste("red", (0, 0, 10, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    exif[0x010F] = SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (40.0, 40.0, 41.0), 3: "W", 4: (73.0, 56.0, 39.0)})
    more: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": b"profile " + SECRET.encode()}
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    if form == "PNG":
        info = PngInfo()
        info.add_text("Comment", SECRET)
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        more["pnginfo"] = info
    elif form == "WEBP":
        more["xmp"] = xmp
    else:
        more |= {"xmp": xmp, "comment": SECRET.encode(), "quality": 95}
    return encoded(image, form, **more) + b"ftypmp42" + SECRET.encode()


def moving(form: str) -> bytes:
    """Two frames, green and then black."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("green", "black")]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=100)


def png_that_claims(width: int, height: int, scanlines: bytes = b"") -> bytes:
    """A PNG whose header names a size, whatever follows."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(scanlines, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def webp_that_claims(width: int, height: int) -> bytes:
    """The header of an extended WebP with a canvas of that size, and one small frame."""
    frame = plain("WEBP")[12:]
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas
    body = b"WEBP" + extended + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body
