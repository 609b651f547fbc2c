"""The files that pages are made with. Their names hold a hash of what is in them, so that browsers keep them
for good and never mix those of two releases."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.services.errors import NotFoundError

router = APIRouter(include_in_schema=False)
PATH = "/static"
_KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    kind: str
    content: bytes
    zipped: bytes
    brotli: bytes = b""
    """Only of what was made beforehand, beside it: what is large."""

    @property
    def path(self) -> str:
        return f"{PATH}/{self.name}"


@cache
def assets() -> Mapping[str, Asset]:
    """By the name of the file in `web/static`; read once."""
    found = files("perks_engine.web").joinpath("static").iterdir()
    kept = {file.name: file.read_bytes() for file in found if file.is_file()}
    return {name: _read(name, kept[name], kept.get(f"{name}.br", b"")) for name in kept if _kind(name)}


def asset(name: str) -> str:
    """The path of a file of `web/static`; raises `KeyError` where there is none."""
    return assets()[name].path


@router.get(PATH + "/{name}")
def serve_asset(name: str, request: Request) -> Response:
    """One of the files. It is the same for ever under this name."""
    found = _by_served_name().get(name)
    if found is None:
        raise NotFoundError("request.no_such_path", f"there is no file {PATH}/{name[:100]}")
    tag = f'"{found.name}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=_FOR_GOOD | {"ETag": tag})
    headers = _FOR_GOOD | {"ETag": tag}
    taken = {one.split(";")[0].strip() for one in request.headers.get("accept-encoding", "").split(",")}
    if found.brotli and "br" in taken:
        return Response(found.brotli, headers=headers | {"Content-Encoding": "br"}, media_type=found.kind)
    if "gzip" in taken:
        return Response(found.zipped, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.kind)
    return Response(found.content, headers=headers, media_type=found.kind)


@cache
def _by_served_name() -> Mapping[str, Asset]:
    return {one.name: one for one in assets().values()}


def _kind(name: str) -> str | None:
    return _KINDS.get(name.rpartition(".")[2])


def _read(name: str, content: bytes, brotli: bytes) -> Asset:
    stem, _, ending = name.rpartition(".")
    served = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
    return Asset(served, _KINDS[ending], content, gzip.compress(content, 9, mtime=0), brotli)
