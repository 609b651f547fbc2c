"""Pictures are judged by decoding; what is kept is pixels, and nothing else of what came."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from perks_engine.delivery.pictures import PillowCleaner
from perks_engine.domain.pictures import PictureKind, PictureLimits, kind_of_picture
from perks_engine.services.picture_records import CleanPicture, UnusablePictureError
from tests.pictures import (
    SECRET,
    encoded,
    from_a_camera,
    moving,
    plain,
    png_that_claims,
    webp_that_claims,
)

CLEANER = PillowCleaner(PictureLimits(most_bytes=1_000_000, most_pixels=4_000_000))
FORMS = ("JPEG", "PNG", "WEBP")


def shown(clean: CleanPicture) -> Image.Image:
    return Image.open(BytesIO(clean.data)).convert("RGB")


def refused(data: bytes) -> tuple[str, str]:
    with pytest.raises(UnusablePictureError) as error:
        CLEANER.clean(data)
    return error.value.code, str(error.value)


@pytest.mark.parametrize("form", FORMS)
def test_of_a_camera_nothing_is_left_but_the_pixels_upright(form: str) -> None:
    given = from_a_camera(form)
    assert given.count(b"8151") >= 3 or form == "PNG"  # there a part is compressed
    clean = CLEANER.clean(given)
    assert (clean.kind.value, clean.width, clean.height) == (f"image/{form.lower()}", 30, 40)
    red, _, blue = shown(clean).getpixel((15, 2))  # type: ignore[misc]
    assert red > 200 > 60 > blue  # what was at the left is at the top
    assert b"8151" not in clean.data
    kept = Image.open(BytesIO(clean.data))
    assert (dict(kept.getexif()), kept.info.get("icc_profile"), kept.info.get("xmp")) == ({}, None, None)
    assert not {"comment", "Comment", "XML:com.adobe.xmp", "exif"} & set(kept.info)
    assert SECRET not in str(kept.info)
    assert kind_of_picture(clean.data) is clean.kind


@pytest.mark.parametrize("form", FORMS)
def test_the_same_picture_is_the_same_bytes(form: str) -> None:
    assert CLEANER.clean(from_a_camera(form)) == CLEANER.clean(from_a_camera(form))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_of_a_picture_that_moves_the_first_frame_is_kept(form: str) -> None:
    clean = CLEANER.clean(moving(form))
    kept = Image.open(BytesIO(clean.data))
    assert getattr(kept, "n_frames", 1) == 1
    red, green, blue = shown(clean).getpixel((10, 10))  # type: ignore[misc]
    assert (red < 20, green > 100, blue < 20) == (True, True, True)


@pytest.mark.parametrize(
    ("mode", "form", "kept"),
    [
        *(("1", "PNG", "L"), ("L", "PNG", "L"), ("I;16", "PNG", "L"), ("P", "PNG", "RGB")),
        *(("LA", "PNG", "RGBA"), ("RGBA", "PNG", "RGBA"), ("RGBA", "WEBP", "RGBA")),
        *(("L", "JPEG", "L"), ("CMYK", "JPEG", "RGB")),
    ],
)
def test_every_mode_is_kept_as_one_that_readers_show(mode: str, form: str, kept: str) -> None:
    clean = CLEANER.clean(encoded(Image.new(mode, (8, 8)), form))
    assert Image.open(BytesIO(clean.data)).mode == kept


def test_what_is_transparent_by_a_palette_stays_so() -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    clean = CLEANER.clean(encoded(image, "PNG", transparency=1))
    assert Image.open(BytesIO(clean.data)).getpixel((0, 0)) == (255, 0, 0, 0)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture.empty"),
        (SVG, "picture.kind"),
        (b"GIF89a" + bytes(40), "picture.kind"),
        (b"BM" + bytes(60), "picture.kind"),
        (b"%PDF-1.7 " + plain(), "picture.kind"),
        (b"hello", "picture.kind"),
        (plain("PNG")[:60], "picture.broken"),
        (plain("JPEG", (400, 300))[:-700], "picture.broken"),
        (plain("WEBP", (400, 300))[:-60], "picture.broken"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "picture.broken"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(30), "picture.broken"),
        (plain() + bytes(1_000_000), "picture.too_large"),
        (plain("PNG", (2_001, 2_000)), "picture.pixels"),
        (png_that_claims(50_000, 1), "picture.pixels"),
        (png_that_claims(50_000, 50_000), "picture.pixels"),
        (webp_that_claims(16_384, 16_384), "picture.pixels"),
        (webp_that_claims(16_000_000, 1), "picture.pixels"),
        (plain() + b"<?php system($_GET['c']); ?>", "picture.polyglot"),
        (plain("PNG") + b"<SCRIPT src=//evil.example></SCRIPT>", "picture.polyglot"),
        (plain("WEBP") + SVG, "picture.polyglot"),
        (encoded(Image.new("RGB", (9, 9)), "JPEG", comment=b"%PDF-1.4 ..."), "picture.polyglot"),
    ],
)
def test_what_is_no_picture_that_can_be_kept_is_refused(data: bytes, code: str) -> None:
    found, words = refused(data)
    assert found == code
    assert "save" in words or "at most" in words or "no picture" in words  # what mends it


def test_an_archive_behind_a_picture_is_refused() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("payload.jar", b"x" * 100)
    assert refused(plain() + archive.getvalue()) == (
        "picture.polyglot",
        "it is a ZIP archive as well as a picture; save the picture anew and give that",
    )


def test_a_bomb_takes_no_memory() -> None:
    """Three kilobytes that claim 2.5 thousand million pixels, and a header whose canvas would take a
    gigabyte."""
    tracemalloc.start()
    for bomb in (png_that_claims(50_000, 50_000, bytes(1_000_000)), webp_that_claims(16_384, 16_384)):
        assert refused(bomb)[0] == "picture.pixels"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


def test_a_text_chunk_that_blows_up_is_refused() -> None:
    """A PNG whose compressed text would be 64 megabytes."""
    info = PngInfo()
    info.add_text("Comment", "a" * 64_000_000, zip=True)
    data = encoded(Image.new("RGB", (9, 9)), "PNG", pnginfo=info)
    assert len(data) < 100_000
    assert refused(data)[0] == "picture.broken"


# Pillow says so on the way where EXIF is damaged; the picture is none the worse.
@pytest.mark.filterwarnings("ignore::UserWarning")
@given(form=st.sampled_from(FORMS), at=st.integers(0, 10_000), flip=st.binary(min_size=1, max_size=8))
def test_whatever_is_damaged_is_a_picture_or_a_refusal(form: str, at: int, flip: bytes) -> None:
    data = bytearray(from_a_camera(form))
    place = at % len(data)
    data[place : place + len(flip)] = flip
    try:
        clean = CLEANER.clean(bytes(data))
    except UnusablePictureError:
        return
    assert Image.open(BytesIO(clean.data)).size == (clean.width, clean.height)
    assert clean.kind in PictureKind
