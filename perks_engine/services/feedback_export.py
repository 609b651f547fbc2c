"""All feedback, whole: every version that anybody gave, whatever it says, with what was cleared, replaced and
taken back marked so. Nothing chooses among answers."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from perks_engine.services.access import Actor, Permission
from perks_engine.services.disclosing import require_on_record
from perks_engine.services.feedback_records import FeedbackAct, FeedbackOf
from perks_engine.services.list_records import Chosen
from perks_engine.services.ports import Store
from perks_engine.services.views import View, instant_view

COLUMNS = (
    *("claim", "person", "handle", "brand", "campaign", "version", "standing", "rating", "rating_state"),
    *("text", "text_state", "pictures", "asked_at", "said_at", "through"),
)


@dataclass(frozen=True, slots=True)
class FeedbackExport:
    store: Store

    @contextmanager
    def rows(self, actor: Actor, brand: str | None, campaign: str | None) -> Generator[Iterator[View]]:
        """The rows, read as they are wanted, on one consistent state.

        Raises `ForbiddenError`, and `NotFoundError` for a brand or a campaign that is not on record.
        """
        actor.require(Permission.READ_FEEDBACK, brand)
        brands = actor.reach if brand is None else [brand]
        with self.store.read() as tx:
            require_on_record(tx, Chosen(brand, campaign), actor.reach)
            yield (row for one in tx.feedback.everything(brands, campaign) for row in rows_of(one))


def rows_of(feedback: FeedbackOf) -> Iterator[View]:
    """`standing` is `current`, `replaced` by a later version, or `withdrawn`; `rating_state` tells a rating
    that was cleared from one that was never given."""
    last = feedback.versions[-1]
    had_rating = False
    for one in feedback.versions:
        if last.act is FeedbackAct.WITHDRAWN:
            standing = "withdrawn"
        else:
            standing = "current" if one is last else "replaced"
        if one.act is FeedbackAct.WITHDRAWN:
            had_rating = False
        is_cleared = one.rating is None and had_rating
        had_rating = had_rating or one.rating is not None
        yield {
            "claim": one.claim_id,
            "person": feedback.person_id,
            "handle": feedback.handle,
            "brand": feedback.brand,
            "campaign": feedback.campaign,
            "version": one.number,
            "standing": standing,
            "rating": one.rating,
            "rating_state": "given" if one.rating is not None else "cleared" if is_cleared else "none",
            "text": one.words or "",
            "text_state": "none" if not one.has_words else "erased" if one.words is None else "given",
            "pictures": list(feedback.pictures) if one is last else [],
            "asked_at": instant_view(feedback.asked_at),
            "said_at": instant_view(one.said_at),
            "through": one.through,
        }
