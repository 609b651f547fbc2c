"""All that a decision about a person and a campaign rests on, read by one statement.

One statement is one look at the database: what it finds was true at one moment, and a claim makes one round
trip for it however much is on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    type_coerce,
)

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.codec import value_from_json
from perks_engine.domain.consent import ConsentAct
from perks_engine.domain.disclosure import ON_THEIR_WAY, Section, accounts_of
from perks_engine.domain.evidence import EarlierReceipt, Evidence
from perks_engine.domain.fulfillment import Account
from perks_engine.domain.verdict import Verdict
from perks_engine.services.records import (
    Answer,
    CampaignRecord,
    ClaimFacts,
    ClaimOutcome,
    PersonCard,
    Unit,
)
from perks_engine.storage import tables
from perks_engine.storage.driver_values import data, instant, instant_or_none
from perks_engine.storage.ledger import contents_of
from perks_engine.storage.prepared import Prepared

_person, _campaign, _answer = tables.person, tables.campaign, tables.idempotency
_PERSON = bindparam("person", type_=String)
_CAMPAIGN = bindparam("campaign", type_=String)
_GRANTED: ColumnElement[str] = literal_column(f"'{ClaimOutcome.GRANTED}'")
"""Written out in the statement, so that the index on what was granted serves it."""


def facts_statement(dialect: str) -> Prepared:
    """Its parameters: `person`, `campaign`, and `scope` and `key` of what may have been answered before."""
    return _FACTS[dialect]


def facts_of(person_id: str, campaign: str, row: Sequence[Any]) -> ClaimFacts:
    """What the statement found; of somebody or something unknown there is None. PostgreSQL makes one JSON
    array of it all: a client reads one value faster than twenty."""
    if len(row) == 1:
        row = data(row[0])
    handle, email, name, language, joined_at, *rest = row
    brand, state, version, latest, opens_at, closes_at, counted_from, *rest = rest
    (
        request_hash,
        answer,
        units_had,
        has_free_unit,
        evidence,
        consents,
        decided,
        granted_at,
        units,
    ) = rest
    had = [
        (by, at, version, Account(account), instant(since), contents_of(data(contents)))
        for by, at, version, account, since, contents in _list(units)
    ]
    return ClaimFacts(
        card=PersonCard(person_id, instant(joined_at), handle, email, name, language) if joined_at else None,
        campaign=CampaignRecord(
            campaign,
            brand,
            CampaignState(state),
            version,
            latest,
            instant_or_none(opens_at),
            instant_or_none(closes_at),
            instant_or_none(counted_from),
        )
        if brand is not None
        else None,
        answer=Answer(request_hash, data(answer)) if request_hash else None,
        units_had=units_had or 0,
        has_free_unit=bool(has_free_unit),
        evidence=tuple(_fact(*one) for one in _list(evidence)),
        consents=tuple(
            ConsentAct(person_id, purpose, kind, bool(given), instant(acted_at), how)
            for purpose, kind, given, acted_at, how in _list(consents)
        ),
        receipts=tuple(
            EarlierReceipt(by, at, since)
            for by, at, _, account, since, _ in had
            if account is Account.RECIPIENT
        ),
        decided_at={Verdict(verdict): instant(at) for verdict, at in _list(decided)},
        granted_at=instant_or_none(granted_at),
        units=tuple(
            Unit(by, version, account, since, contents) for by, _, version, account, since, contents in had
        ),
    )


def _facts(dialect: str) -> Select[Any]:
    """Lists come as JSON arrays of arrays, oldest first; `dialect` says how these are made."""
    is_sqlite = dialect == "sqlite"

    def listed(columns: Sequence[Any], *, of: Select[Any], order: Iterable[Any]) -> ColumnElement[Any]:
        array = func.json_array if is_sqlite else func.json_build_array
        inner = of.add_columns(array(*columns).label("one")).order_by(*order).subquery()
        whole = func.json_group_array(func.json(inner.c.one)) if is_sqlite else func.json_agg(inner.c.one)
        return select(whole).scalar_subquery()

    def asdata(column: Any) -> Any:
        return func.json(type_coerce(column, String)) if is_sqlite else column

    fact, consent, holding, entry = tables.evidence.c, tables.consent.c, tables.holding.c, tables.entry.c
    kept_in, decision, claim = tables.campaign.alias("kept_in"), tables.decision.c, tables.claim.c
    evidence = listed(
        (fact.attribute, fact.key, fact.source, asdata(fact.value), fact.note, fact.observed_at),
        of=select().select_from(tables.evidence).where(fact.person_id == _PERSON),
        order=(fact.evidence_id,),
    )
    consents = listed(
        (consent.purpose, consent.channel, consent.given, consent.acted_at, consent.how),
        of=select().select_from(tables.consent).where(consent.person_id == _PERSON),
        order=(consent.acted_at, consent.consent_id),
    )
    had = {Account.RECIPIENT} | accounts_of(Section.RECEIVED) | ON_THEIR_WAY
    units = listed(
        (
            kept_in.c.brand,
            holding.campaign,
            claim.version,
            holding.account,
            entry.occurred_at,
            asdata(entry.contents),
        ),
        of=select()
        .select_from(tables.holding)
        .join(tables.claim, claim.claim_id == holding.claim_id)
        .join(tables.entry, entry.entry_id == holding.entry_id)
        .join(kept_in, kept_in.c.name == holding.campaign)
        .where(
            holding.person_id == _PERSON,
            holding.account.in_([literal_column(f"'{account}'") for account in sorted(had)]),
        ),
        order=(entry.entry_id,),
    )
    latest = (
        select(decision.verdict, func.max(decision.decided_at).label("decided_at"))
        .where(
            decision.person_id == _PERSON,
            decision.campaign == _CAMPAIGN,
            decision.purpose == literal_column("'claim'"),
            decision.decided_at >= _campaign.c.counted_from,
        )
        .correlate(_campaign)
        .group_by(decision.verdict)
        .subquery()
    )
    decided = listed((latest.c.verdict, latest.c.decided_at), of=select().select_from(latest), order=())
    granted_at = (
        select(func.max(claim.created_at))
        .where(
            claim.person_id == _PERSON,
            claim.campaign == _CAMPAIGN,
            claim.outcome == _GRANTED,
            claim.created_at >= _campaign.c.counted_from,
        )
        .correlate(_campaign)
        .scalar_subquery()
    )
    allowance, stock = tables.allowance.c, tables.stock.c
    units_had = (
        select(allowance.units)
        .where(allowance.campaign == _CAMPAIGN, allowance.person_id == _PERSON)
        .scalar_subquery()
    )
    is_free = exists().where(stock.campaign == _CAMPAIGN, stock.units > literal_column("0")) | exists().where(
        tables.slot.c.campaign == _CAMPAIGN
    )
    one = select(literal_column("1").label("one")).subquery()
    source = (
        one.join(_person, _person.c.person_id == _PERSON, isouter=True)
        .join(_campaign, _campaign.c.name == _CAMPAIGN, isouter=True)
        .join(
            _answer,
            (_answer.c.scope == bindparam("scope", type_=String))
            & (_answer.c.key == bindparam("key", type_=String)),
            isouter=True,
        )
    )
    person = (_person.c[name] for name in ("handle", "email", "name", "language", "joined_at"))
    known = (
        _campaign.c[name]
        for name in ("brand", "state", "version", "latest", "opens_at", "closes_at", "counted_from")
    )
    found = (
        *person,
        *known,
        *(_answer.c.request_hash, _answer.c.answer),
        units_had,
        is_free,
        *(evidence, consents, decided, granted_at, units),
    )
    return select(*(found if is_sqlite else (func.json_build_array(*found),))).select_from(source)


_FACTS = {dialect: Prepared(_facts(dialect)) for dialect in ("sqlite", "postgresql")}


def _fact(attribute: str, key: str, source: str, value: Any, note: str, observed_at: str) -> Evidence:
    return Evidence(attribute, value_from_json(*value), source, instant(observed_at), key, note)


def _list(written: Any) -> list[Any]:
    return data(written) or []
