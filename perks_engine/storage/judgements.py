"""Posts, what staff saw of them, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, insert, or_, select

from perks_engine.domain.disclosing_failures import Failure
from perks_engine.domain.fulfillment import Account
from perks_engine.services.judgement_records import (
    Judgement,
    Outcome,
    Post,
    PostState,
    RemedyStep,
    SoughtPosts,
)
from perks_engine.storage import tables
from perks_engine.storage.dispute_tables import open_dispute
from perks_engine.storage.judgement_tables import judgement, judgement_note, remedy_step
from perks_engine.storage.list_tables import sighting


class SqlJudgementBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def posts(self, sought: SoughtPosts, after: int | None, limit: int) -> list[Post]:
        asked: list[ColumnElement[bool]] = []
        if sought.brands is not None:
            asked.append(tables.campaign.c.brand.in_(sought.brands))
        if sought.campaign is not None:
            asked.append(tables.campaign.c.name == sought.campaign)
        if sought.claim_id is not None:
            asked.append(sighting.c.claim_id == sought.claim_id)
        if sought.state is not None:
            asked.append(_in_state(sought.state))
        return self._found(asked, after, limit)

    def post(self, post_id: int) -> Post | None:
        return next(iter(self._found([sighting.c.sighting_id == post_id], None, 1)), None)

    def post_at(self, claim_id: str, url: str) -> Post | None:
        here = [sighting.c.claim_id == claim_id, sighting.c.url == url]
        return next(iter(self._found(here, None, 1)), None)

    def unmended(self, asked_before: datetime, after: int | None, limit: int) -> list[Post]:
        late = [
            _latest.c.outcome == Outcome.FAIL.value,
            _steps.c.asked_at <= asked_before,
            _steps.c.fixed_at.is_(None),
            _steps.c.escalated_at.is_(None),
            ~_followed,
            _held,
        ]
        return self._found(late, after, limit)

    def _found(self, asked: Sequence[ColumnElement[bool]], after: int | None, limit: int) -> list[Post]:
        query = _POSTS.where(*asked).order_by(sighting.c.sighting_id).limit(limit)
        if after is not None:
            query = query.where(sighting.c.sighting_id > after)
        return [_post(row) for row in self._connection.execute(query)]

    def history(self, post_id: int) -> list[Judgement]:
        mine = _JUDGEMENTS.where(judgement.c.post_id == post_id).order_by(judgement.c.judgement_id)
        return [_judgement(row) for row in self._connection.execute(mine)]

    def add(self, judgement: Judgement) -> None:
        self._connection.execute(
            insert(_table).values(
                judgement_id=judgement.judgement_id,
                post_id=judgement.post_id,
                claim_id=judgement.claim_id,
                outcome=judgement.outcome.value,
                failures=[one.value for one in judgement.failures],
                picture_id=judgement.picture_id,
                judged_by=judgement.judged_by,
                judged_at=judgement.judged_at,
            )
        )
        if judgement.note:
            key = {"judgement_id": judgement.judgement_id, "claim_id": judgement.claim_id}
            self._connection.execute(insert(judgement_note).values(**key, note=judgement.note))

    def take(self, judgement_id: str, step: RemedyStep, message_id: str | None, now: datetime) -> None:
        whose = select(judgement.c.claim_id).where(judgement.c.judgement_id == judgement_id)
        claim_id = self._connection.execute(whose).scalar_one()
        values = {"judgement_id": judgement_id, "step": step.value, "claim_id": claim_id}
        self._connection.execute(insert(remedy_step).values(**values, message_id=message_id, taken_at=now))


_table = judgement
_newest = (
    select(func.max(judgement.c.judgement_id))
    .where(judgement.c.post_id == sighting.c.sighting_id)
    .correlate(sighting)
    .scalar_subquery()
)
_latest = judgement.alias("latest")
_later = sighting.alias("later")
_followed = exists().where(
    _later.c.claim_id == sighting.c.claim_id,
    _later.c.sighting_id > sighting.c.sighting_id,
    _later.c.recorded_at > _latest.c.judged_at,
)
_held = and_(
    tables.holding.c.account == Account.RECIPIENT.value,
    ~exists().where(open_dispute.c.claim_id == sighting.c.claim_id),
)


def _when(step: RemedyStep) -> Any:
    return func.max(case((remedy_step.c.step == step.value, remedy_step.c.taken_at)))


_steps = (
    select(
        remedy_step.c.judgement_id,
        *(_when(step).label(f"{step.value}_at") for step in RemedyStep),
    )
    .group_by(remedy_step.c.judgement_id)
    .subquery("steps")
)
_JUDGEMENTS = select(judgement, judgement_note.c.note).join(
    judgement_note, judgement_note.c.judgement_id == judgement.c.judgement_id, isouter=True
)
_POSTS = (
    select(
        sighting.c.sighting_id,
        sighting.c.claim_id,
        sighting.c.person_id,
        tables.person.c.handle,
        tables.campaign.c.brand,
        tables.claim.c.campaign,
        tables.claim.c.version,
        sighting.c.url,
        sighting.c.seen_at,
        sighting.c.reported_by,
        sighting.c.recorded_at,
        _held.label("is_held"),
        _followed.label("is_followed"),
        *(_latest.c[name] for name in ("judgement_id", "outcome", "failures", "picture_id")),
        *(_latest.c[name] for name in ("judged_by", "judged_at")),
        judgement_note.c.note,
        *(_steps.c[f"{step.value}_at"] for step in RemedyStep),
    )
    .select_from(sighting)
    .join(tables.claim, tables.claim.c.claim_id == sighting.c.claim_id)
    .join(tables.campaign, tables.campaign.c.name == tables.claim.c.campaign)
    .join(tables.holding, tables.holding.c.claim_id == sighting.c.claim_id)
    # Of who was erased nobody is left, and no address of a post either.
    .join(tables.person, tables.person.c.person_id == sighting.c.person_id)
    .join(_latest, _latest.c.judgement_id == _newest, isouter=True)
    .join(judgement_note, judgement_note.c.judgement_id == _latest.c.judgement_id, isouter=True)
    .join(_steps, _steps.c.judgement_id == _latest.c.judgement_id, isouter=True)
)


def _in_state(state: PostState) -> ColumnElement[bool]:
    if state is PostState.WAITING:
        return or_(_latest.c.judgement_id.is_(None), _steps.c.fixed_at.is_not(None))
    return and_(_latest.c.outcome == state.value, _steps.c.fixed_at.is_(None))


def _post(row: Any) -> Post:
    latest = None
    if row.judgement_id is not None:
        latest = _judgement(row, row.sighting_id)
    return Post(
        *(row.sighting_id, row.claim_id, row.person_id, row.handle, row.brand, row.campaign, row.version),
        *(row.url, row.seen_at, row.reported_by, row.recorded_at),
        *(bool(row.is_held), bool(row.is_followed), latest),
        *(row.asked_at, row.fixed_at, row.escalated_at),
    )


def _judgement(row: Any, post_id: int | None = None) -> Judgement:
    return Judgement(
        row.judgement_id,
        row.post_id if post_id is None else post_id,
        row.claim_id,
        Outcome(row.outcome),
        tuple(Failure(one) for one in row.failures),
        row.note,
        row.picture_id,
        row.judged_by,
        row.judged_at,
    )
