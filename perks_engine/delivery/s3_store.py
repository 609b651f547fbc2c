"""Pictures in a bucket of S3, or of what speaks its language: needs the extra `s3`.

Who we are there, AWS's own environment variables say (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, …), or
the machine's own role.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from perks_engine.services.picture_records import StoreDownError

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

_NAME = re.compile(r"[0-9a-f]{32}")


class PictureSettingsError(ValueError):
    """The settings name no place where pictures could be kept; the message says what would mend it."""


@dataclass(frozen=True, slots=True)
class S3Pictures:
    """`troubles` are what the library raises where the store does not answer or refuses us."""

    bucket: S3Store
    troubles: tuple[type[Exception], ...]

    def keep(self, name: str, data: bytes) -> None:
        try:
            self.bucket.put(name, data)
        except self.troubles as error:
            raise StoreDownError(_first_line(error)) from error

    def get(self, stored_as: str) -> bytes:
        if not _NAME.fullmatch(stored_as):
            raise LookupError(f"{stored_as!r} is no name of a kept picture")
        try:
            return bytes(self.bucket.get(stored_as).bytes())
        except FileNotFoundError as error:
            raise LookupError(f"the picture {stored_as} is gone") from error
        except self.troubles as error:
            raise StoreDownError(_first_line(error)) from error

    def drop(self, stored_as: str) -> None:
        if not _NAME.fullmatch(stored_as):
            return
        try:
            self.bucket.delete(stored_as)
        except FileNotFoundError:
            return
        except self.troubles as error:
            raise StoreDownError(_first_line(error)) from error


def s3_pictures(url: str, endpoint: str, region: str) -> S3Pictures:
    """`url` is `s3://BUCKET/PREFIX`; `endpoint` of a store that is not AWS's own, else empty.

    Raises `PictureSettingsError`.
    """
    try:
        # An extra that is seldom installed.
        from obstore.exceptions import BaseError  # noqa: PLC0415
        from obstore.store import S3Store  # noqa: PLC0415
    except ImportError as error:
        raise PictureSettingsError(
            "PERKS_PICTURES names a bucket of S3, which needs an extra; run: pip install 'perks-engine[s3]'"
        ) from error
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        raise PictureSettingsError(f"PERKS_PICTURES: {url!r} is none; expected such as s3://bucket/pictures")
    if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
        raise PictureSettingsError(
            f"PERKS_S3_ENDPOINT: {endpoint!r} is none; expected such as https://storage.example:9000"
        )
    own: S3Config = {"endpoint": endpoint, "virtual_hosted_style_request": False} if endpoint else {}
    return S3Pictures(
        S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            region=region,
            client_options={"timeout": "20s", "allow_http": endpoint.startswith("http://")},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
            config=own,
        ),
        (BaseError, OSError),
    )


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
