"""Posts signed heads to an address outside of the database."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from perks_engine.services.announcing import NotDeliveredError
from perks_engine.services.records import SignedHead

TIMEOUT_S = 10.0


class _NoRedirects(HTTPRedirectHandler):
    """Whoever keeps heads does so at the address that the operator named."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


@dataclass(frozen=True, slots=True)
class HeadWebhook:
    """Posts the note as plain text; it bears its own signature, so that the request needs none. An answer of
    2xx within ten seconds means that it was kept."""

    url: str

    def __call__(self, head: SignedHead) -> None:
        request = Request(  # noqa: S310 - settings take addresses of http and https alone
            self.url,
            head.note.encode(),
            {"Content-Type": "text/plain; charset=utf-8", "X-Perks-Log-Size": str(head.size)},
            method="POST",
        )
        try:
            with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_S):
                return
        except HTTPError as error:
            with error:
                raise NotDeliveredError(f"{self.url} answered {error.code} {error.reason}") from error
        except (OSError, HTTPException, ValueError) as error:
            cause = getattr(error, "reason", None) or error
            raise NotDeliveredError(f"{self.url} cannot be reached: {cause}") from error
