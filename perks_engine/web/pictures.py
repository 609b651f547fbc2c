"""Pictures over HTTP: how they come, and how they are given back, so that no browser takes one for more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from fastapi.responses import Response
from pydantic import BaseModel, Field

from perks_engine.domain.pictures import PictureKind
from perks_engine.services.picture_records import Picture
from perks_engine.web.values import StorableText

PictureId = Annotated[StorableText, Path(max_length=80, description="a picture's id")]
FORM_AROUND = 16_384
"""What a form may add to the bytes of a picture."""


class GivenPicture(BaseModel):
    picture: str
    kind: str = Field(examples=["image/jpeg"])
    width: int
    height: int
    bytes: int
    sha256: str = Field(description="of the bytes that are kept")
    given_at: datetime


_BINARY = {"schema": {"type": "string", "format": "binary"}}
PICTURE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "the picture as it is",
        "content": {
            "application/octet-stream": _BINARY,
            **{kind.value: _BINARY for kind in PictureKind},
        },
    }
}
PICTURE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {kind.value: {} for kind in PictureKind}}
}


def picture_response(picture: Picture, data: bytes) -> Response:
    headers = {
        "Content-Disposition": f'inline; filename="{picture.picture_id}{picture.kind.ending}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=picture.kind.value, headers=headers)
