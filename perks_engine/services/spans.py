"""For how long things are kept, and until when something is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from perks_engine.services.inventory import Span


@dataclass(frozen=True, slots=True)
class Spans:
    """As the settings say. `address` is how long a postal address is kept after a delivery, and what carriers
    wrote."""

    disclosure: timedelta = timedelta(days=1_827)
    tax: timedelta = timedelta(days=1_461)
    consent: timedelta = timedelta(days=1_096)
    refusal: timedelta = timedelta(days=365)
    address: timedelta = timedelta(days=90)
    answer: timedelta = timedelta(days=30)
    request: timedelta = timedelta(days=731)

    def days(self, span: Span) -> int | None:
        """How many days a span is; None where it does not end by a day."""
        known = {
            Span.DISCLOSURE: self.ledger,
            Span.CONSENT: self.consent,
            Span.REFUSAL: self.refusal,
            Span.ANSWER: self.answer,
            Span.REQUEST: self.request,
        }.get(span)
        return known.days if known else None

    @property
    def ledger(self) -> timedelta:
        """A receipt is kept for the disclosure duty and for tax, whichever is longer."""
        return max(self.disclosure, self.tax)

    def until(self, span: Span, last_receipt: datetime | None, erased_at: datetime) -> datetime | None:
        """Until when what an erasure leaves is kept; None where there is no day to name."""
        match span:
            case Span.DISCLOSURE | Span.REFUSAL:
                # A unit that is on its way may still be received; nothing was received before this moment.
                return (last_receipt or erased_at) + self.ledger
            case Span.CONSENT:
                return erased_at + self.consent
            case Span.ANSWER:
                return erased_at + self.answer
            case Span.REQUEST | Span.HOLD:
                return erased_at + self.request
            case _:
                return None
