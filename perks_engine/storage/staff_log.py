"""What staff did, read from where each act is kept anyway: nothing is written twice, so nothing differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, literal, null, select, union_all

from perks_engine.services.keeping_records import StaffAct
from perks_engine.storage import incident_tables, keeping_tables, key_tables, list_tables, tables


def acts(connection: Connection, brands: Sequence[str] | None, skip: int, limit: int) -> list[StaffAct]:
    """Those of these brands, or all there are, the newest first."""
    several = union_all(*_of_brands(), *(_of_nobody() if brands is None else ())).subquery()
    query = select(several)
    if brands is not None:
        query = query.where(several.c.brand.in_(brands))
    newest = (several.c.at.desc(), several.c.kind, several.c.subject, several.c.act)
    rows = connection.execute(query.order_by(*newest).offset(skip).limit(limit))
    return [StaffAct(row.at, row.kind, row.act, row.subject, row.acted_by, row.brand) for row in rows]


def _act(at: Any, kind: str, act: Any, subject: Any, by: Any, brand: Any) -> Select[*tuple[Any, ...]]:
    named = {"at": at, "kind": literal(kind), "act": act, "subject": subject, "acted_by": by, "brand": brand}
    columns: list[Any] = [column.label(name) for name, column in named.items()]
    return select(*columns)


def _of_brands() -> Iterator[Select[*tuple[Any, ...]]]:
    campaign, version, claim = tables.campaign, tables.campaign_version, tables.claim
    whose = campaign.c.brand
    event = tables.campaign_event
    yield _act(event.c.acted_at, "campaign", event.c.act, event.c.campaign, event.c.acted_by, whose).join(
        campaign, campaign.c.name == event.c.campaign
    )
    loaded = (version.c.loaded_at, "campaign", literal("loaded"), version.c.campaign, version.c.loaded_by)
    yield _act(*loaded, version.c.brand)
    for table, at, act, by in (
        (tables.preview, "made_at", "previewed", "made_by"),
        (tables.approval, "approved_at", "approved", "approved_by"),
    ):
        made = (table.c[at], "campaign", literal(act), version.c.campaign, table.c[by])
        yield _act(*made, version.c.brand).join(version, version.c.version == table.c.version)
    export = list_tables.disclosure_export
    exported = (export.c.made_at, "list", literal("exported"), export.c.export_id, export.c.made_by)
    yield _act(*exported, export.c.brand)
    dispute = tables.dispute_event
    said = (dispute.c.recorded_at, "dispute", dispute.c.act, dispute.c.dispute_id, dispute.c.acted_by)
    yield _act(*said, whose).join(campaign, campaign.c.name == dispute.c.campaign)
    judged = tables.judgement
    yield (
        _act(judged.c.judged_at, "post", judged.c.outcome, judged.c.claim_id, judged.c.judged_by, whose)
        .join(claim, claim.c.claim_id == judged.c.claim_id)
        .join(campaign, campaign.c.name == claim.c.campaign)
    )
    incident, happened = tables.incident, incident_tables.incident_event
    opened = (incident.c.opened_at, "incident", literal("opened"), incident.c.incident_id)
    yield _act(*opened, incident.c.opened_by, incident.c.brand)
    about = (happened.c.acted_at, "incident", happened.c.act, happened.c.incident_id, happened.c.acted_by)
    yield _act(*about, incident.c.brand).join(incident, incident.c.incident_id == happened.c.incident_id)


def _of_nobody() -> Iterator[Select[*tuple[Any, ...]]]:
    """What belongs to no brand: the records of people, and tokens."""
    asked, hold, token = keeping_tables.data_request, keeping_tables.legal_hold, key_tables.api_token
    yield _act(asked.c.asked_at, "record", asked.c.kind, asked.c.person_id, asked.c.asked_by, null())
    yield _act(hold.c.set_at, "hold", literal("set"), hold.c.hold_id, hold.c.set_by, null())
    lifted = _act(hold.c.lifted_at, "hold", literal("lifted"), hold.c.hold_id, hold.c.lifted_by, null())
    yield lifted.where(hold.c.lifted_at.is_not(None))
    by = func.coalesce(token.c.issued_by, "")
    yield _act(token.c.created_at, "token", literal("issued"), token.c.token_id, by, null())
