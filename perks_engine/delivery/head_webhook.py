"""Posts signed heads to an address outside of the database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from perks_engine.delivery.posting import UnreachableError, authorities, post
from perks_engine.services.announcing import NotDeliveredError
from perks_engine.services.records import SignedHead


@dataclass(frozen=True, slots=True)
class HeadWebhook:
    """Posts the note as plain text; it bears its own signature, so that the request needs none. An answer of
    2xx means that it was kept. The operator named the address, so it may be a private one."""

    url: str
    authorities: Path | None = None

    def __call__(self, head: SignedHead) -> None:
        headers = {"Content-Type": "text/plain; charset=utf-8", "X-Perks-Log-Size": str(head.size)}
        try:
            trusted = authorities(self.authorities)
            answer = post(self.url, head.note.encode(), headers, trusted=trusted)
        except UnreachableError as error:
            raise NotDeliveredError(f"{self.url} cannot be reached: {error}") from error
        if not 200 <= answer.status < 300:
            raise NotDeliveredError(f"{self.url} answered {answer.status} {answer.reason}")
