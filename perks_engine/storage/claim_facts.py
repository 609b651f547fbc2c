"""All that a decision about a person and a campaign rests on, read by one statement.

One statement is one look at the database: what it finds was true at one moment, and a claim makes one round
trip for it however much is on record. On PostgreSQL claims that come together make one for all of them, for
most of what it costs there is to set up so long a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
)

from perks_engine.domain.campaign import SHOWN, CampaignState
from perks_engine.domain.codec import value_from_json
from perks_engine.domain.consent import ConsentAct
from perks_engine.domain.disclosure import ON_THEIR_WAY, Section, accounts_of
from perks_engine.domain.evidence import EarlierReceipt, Evidence
from perks_engine.domain.fulfillment import Account
from perks_engine.domain.verdict import Verdict
from perks_engine.services.claim_ports import Question
from perks_engine.services.records import (
    Answer,
    CampaignRecord,
    ClaimFacts,
    ClaimOutcome,
    PersonCard,
    Unit,
)
from perks_engine.services.token_records import Token
from perks_engine.storage import tables
from perks_engine.storage.driver_values import data, instant, instant_or_none
from perks_engine.storage.key_tables import api_token
from perks_engine.storage.ledger import contents_of
from perks_engine.storage.prepared import Prepared
from perks_engine.storage.tokens import TOKEN_COLUMNS, asked_token, token_found
from perks_engine.storage.types import JsonData

_person, _campaign, _answer = tables.person, tables.campaign, tables.idempotency
_PERSON = bindparam("person", type_=String)
_CAMPAIGN = bindparam("campaign", type_=String)
_MANY = 2**31 - 1
_GRANTED: ColumnElement[str] = literal_column(f"'{ClaimOutcome.GRANTED}'")
"""Written out in the statement, so that the index on what was granted serves it."""


def facts_statement(dialect: str) -> Prepared:
    """Its parameters: `person`, `campaign`, and `scope` and `key` of what may have been answered before."""
    return _FACTS[dialect]


def questions_statement() -> Prepared:
    """The same on PostgreSQL, for several at once. Its parameters are as `questions_values` has them."""
    return _QUESTIONS


def questions_values(questions: Sequence[Question]) -> Mapping[str, Any]:
    return {"questions": [{"place": place, **one._asdict()} for place, one in enumerate(questions)]}


def answers_of(questions: Sequence[Question], found: Any) -> list[ClaimFacts]:
    """What `questions_statement` found, in the order of the questions."""
    rows: dict[int, Sequence[Any]] = dict(data(found))
    return [facts_of(one.person_id, one.campaign, rows[place]) for place, one in enumerate(questions)]


def borne_statement(dialect: str) -> Prepared:
    """The same about who bears a token, and that token: `token`, the hash of its `secret`, `campaign` and
    `key`. A wrong secret finds as little as an unknown token, and so takes as long."""
    return _BORNE[dialect]


def shown_statement(dialect: str) -> Prepared:
    """The same about each campaign that people see, by their names. Its parameters are as `shown_values` has
    them."""
    return _SHOWN[dialect]


def shown_values(person_id: str, after: str | None, limit: int | None) -> Mapping[str, Any]:
    return {"person": person_id, "after": after or "", "most": _MANY if limit is None else limit}


def facts_of(person_id: str, campaign: str, row: Sequence[Any]) -> ClaimFacts:
    """What the statement found; of somebody or something unknown there is None. PostgreSQL makes one JSON
    array of it all: a client reads one value faster than twenty."""
    row = data(row[0]) if len(row) == 1 else row
    person, about, (request_hash, answer) = row[:_OF_PERSON], row[_OF_PERSON:-2], row[-2:]
    before = Answer(request_hash, data(answer)) if request_hash else None
    return _with_campaign(_of_person(person_id, person), campaign, about, before)


def borne_of(campaign: str, row: Sequence[Any]) -> tuple[Token, ClaimFacts | None] | None:
    """What `borne_statement` found; no facts where the token stands for no person."""
    row = data(row[0]) if len(row) == 1 else row
    token = token_found(row[: len(TOKEN_COLUMNS)])
    if token is None:
        return None
    if token.person_id is None:
        return token, None
    return token, facts_of(token.person_id, campaign, row[len(TOKEN_COLUMNS) :])


def shown_of(person_id: str, row: Sequence[Any]) -> list[ClaimFacts]:
    """What `shown_statement` found."""
    row = data(row[0]) if len(row) == 1 else row
    of_person = _of_person(person_id, row[:_OF_PERSON])
    return [_with_campaign(of_person, name, about) for name, *about in _list(row[_OF_PERSON])]


_ANSWERED = ("request_hash", "answer")
_OF_PERSON = 8
"""Columns of a row that are about the person, before those that are about a campaign."""


def _with_campaign(
    of_person: Mapping[str, Any], name: str, about: Sequence[Any], answer: Answer | None = None
) -> ClaimFacts:
    brand, state, version, latest, opens_at, closes_at, counted_from, *rest = about
    units_had, has_free_unit, decided, granted_at = rest
    return ClaimFacts(
        **of_person,
        campaign=CampaignRecord(
            name,
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
        answer=answer,
        units_had=units_had or 0,
        has_free_unit=bool(has_free_unit),
        decided_at={Verdict(verdict): instant(at) for verdict, at in _list(decided)},
        granted_at=instant_or_none(granted_at),
    )


def _of_person(person_id: str, row: Sequence[Any]) -> Mapping[str, Any]:
    """Of `ClaimFacts` what is about no campaign in particular."""
    handle, email, name, language, joined_at, evidence, consents, units = row
    had = [
        (by, at, version, Account(account), instant(since), contents_of(data(contents)))
        for by, at, version, account, since, contents in _list(units)
    ]
    return {
        "card": PersonCard(person_id, instant(joined_at), handle, email, name, language)
        if joined_at
        else None,
        "evidence": tuple(_fact(*one) for one in _list(evidence)),
        "consents": tuple(
            ConsentAct(person_id, purpose, kind, bool(given), instant(acted_at), how)
            for purpose, kind, given, acted_at, how in _list(consents)
        ),
        "receipts": tuple(
            EarlierReceipt(by, at, since)
            for by, at, _, account, since, _ in had
            if account is Account.RECIPIENT
        ),
        "units": tuple(
            Unit(by, version, account, since, contents) for by, _, version, account, since, contents in had
        ),
    }


@dataclass(frozen=True)
class _Lists:
    """Lists come as JSON arrays of arrays, oldest first; the database says how these are made."""

    is_sqlite: bool

    def listed(self, columns: Sequence[Any], *, of: Select[Any], order: Iterable[Any]) -> ColumnElement[Any]:
        array = func.json_array if self.is_sqlite else func.json_build_array
        inner = of.add_columns(array(*columns).label("one")).order_by(*order).subquery()
        one = inner.c.one
        whole = func.json_group_array(func.json(one)) if self.is_sqlite else func.json_agg(one)
        return select(whole).scalar_subquery()

    def asdata(self, column: Any) -> Any:
        return func.json(type_coerce(column, String)) if self.is_sqlite else column

    def whole(self, found: Sequence[Any]) -> Select[Any]:
        return select(*(found if self.is_sqlite else (func.json_build_array(*found),)))


def _about_person(
    lists: _Lists, person_id: ColumnElement[str] = _PERSON, person: Any = _person
) -> tuple[Any, ...]:
    """As `_of_person` takes them."""
    listed, asdata = lists.listed, lists.asdata
    fact, consent, holding, entry = tables.evidence.c, tables.consent.c, tables.holding.c, tables.entry.c
    kept_in, claim = tables.campaign.alias("kept_in"), tables.claim.c
    evidence = listed(
        (fact.attribute, fact.key, fact.source, asdata(fact.value), fact.note, fact.observed_at),
        of=select().select_from(tables.evidence).where(fact.person_id == person_id),
        order=(fact.evidence_id,),
    )
    consents = listed(
        (consent.purpose, consent.channel, consent.given, consent.acted_at, consent.how),
        of=select().select_from(tables.consent).where(consent.person_id == person_id),
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
            holding.person_id == person_id,
            holding.account.in_([literal_column(f"'{account}'") for account in sorted(had)]),
        ),
        order=(entry.entry_id,),
    )
    known = (person.c[name] for name in ("handle", "email", "name", "language", "joined_at"))
    return (*known, evidence, consents, units)


def _about_campaign(
    lists: _Lists,
    name: ColumnElement[str],
    person_id: ColumnElement[str] = _PERSON,
    campaign: Any = _campaign,
) -> tuple[Any, ...]:
    """As `_with_campaign` takes them; `name` is that of the campaign."""
    decision, claim = tables.decision.c, tables.claim.c
    latest = (
        select(decision.verdict, func.max(decision.decided_at).label("decided_at"))
        .where(
            decision.person_id == person_id,
            decision.campaign == name,
            decision.purpose == literal_column("'claim'"),
            decision.decided_at >= campaign.c.counted_from,
        )
        .correlate(campaign)
        .group_by(decision.verdict)
        .subquery()
    )
    decided = lists.listed((latest.c.verdict, latest.c.decided_at), of=select().select_from(latest), order=())
    granted_at = (
        select(func.max(claim.created_at))
        .where(
            claim.person_id == person_id,
            claim.campaign == name,
            claim.outcome == _GRANTED,
            claim.created_at >= campaign.c.counted_from,
        )
        .correlate(campaign)
        .scalar_subquery()
    )
    allowance, stock = tables.allowance.c, tables.stock.c
    units_had = (
        select(allowance.units)
        .where(allowance.campaign == name, allowance.person_id == person_id)
        .scalar_subquery()
    )
    is_free = exists().where(stock.campaign == name, stock.units > literal_column("0")) | exists().where(
        tables.slot.c.campaign == name
    )
    known = (
        campaign.c[each]
        for each in ("brand", "state", "version", "latest", "opens_at", "closes_at", "counted_from")
    )
    return (*known, units_had, is_free, decided, granted_at)


def _facts(dialect: str) -> Select[Any]:
    lists, scope = _Lists(dialect == "sqlite"), bindparam("scope", type_=String)
    return lists.whole(_about_both(lists, _PERSON)).select_from(_both(_PERSON, scope))


def _questions() -> Select[Any]:
    lists, names = _Lists(is_sqlite=False), Question._fields
    asked = (
        func.jsonb_to_recordset(bindparam("questions", type_=JsonData))
        .table_valued(column("place", BigInteger), *(column(name, String) for name in names))
        .render_derived(name="asked", with_types=True)
    )
    place: Any = literal_column("asked.place")
    person_id, name, scope, key = (literal_column(f"asked.{each}", String) for each in names)
    person = _one_row(_person, _person.c.person_id == person_id)
    campaign = _one_row(_campaign, _campaign.c.name == name)
    answer = _one_row(_answer, (_answer.c.scope == scope) & (_answer.c.key == key))
    about = (
        *_about_person(lists, person_id, person),
        *_about_campaign(lists, name, person_id, campaign),
        *(answer.c[each] for each in _ANSWERED),
    )
    source: Any = asked
    for one in (person, campaign, answer):
        source = source.join(one, true(), isouter=True)
    found = select(func.json_build_array(place, func.json_build_array(*about)).label("found"))
    each = found.select_from(source).subquery()
    return select(func.json_agg(each.c.found))


def _one_row(table: Any, fits: ColumnElement[bool]) -> Any:
    """Looked up for each question: without the limit the planner, which knows not how few they are, would
    rather read the whole table."""
    return select(table).where(fits).limit(literal_column("1")).lateral(table.name)


def _borne(dialect: str) -> Select[Any]:
    lists = _Lists(dialect == "sqlite")
    secret = bindparam("secret", type_=String)
    shown = or_(api_token.c.secret_hash == secret, api_token.c.older_hash == secret)
    token = select(*TOKEN_COLUMNS).where(asked_token, shown).cte("borne")
    person_id: ColumnElement[str] = select(token.c.person_id).scalar_subquery()
    source = _both(person_id, literal_column("'person:'", String) + person_id)
    source = source.join(token, literal_column("1") == literal_column("1"), isouter=True)
    return lists.whole((*token.c, *_about_both(lists, person_id))).select_from(source)


def _about_both(lists: _Lists, person_id: ColumnElement[str]) -> tuple[Any, ...]:
    """As `facts_of` takes them."""
    about = (*_about_person(lists, person_id), *_about_campaign(lists, _CAMPAIGN, person_id))
    return (*about, *(_answer.c[name] for name in _ANSWERED))


def _both(person_id: ColumnElement[str], scope: ColumnElement[str]) -> Any:
    one = select(literal_column("1").label("one")).subquery()
    return (
        one.join(_person, _person.c.person_id == person_id, isouter=True)
        .join(_campaign, _campaign.c.name == _CAMPAIGN, isouter=True)
        .join(
            _answer,
            (_answer.c.scope == scope) & (_answer.c.key == bindparam("key", type_=String)),
            isouter=True,
        )
    )


def _shown(dialect: str) -> Select[Any]:
    """A list of perks is one look, as a claim is, and what is about the person is read once for all."""
    lists, name = _Lists(dialect == "sqlite"), _campaign.c.name
    states = [literal_column(f"'{state}'") for state in SHOWN]
    after, most = bindparam("after", type_=String), bindparam("most", type_=BigInteger)
    campaigns = lists.listed(
        (name, *_about_campaign(lists, name)),
        of=select()
        .select_from(_campaign)
        .where(_campaign.c.state.in_(states), name > after)
        .order_by(name)
        .limit(most)
        .offset(literal_column("0")),  # else SQLite's compiler adds a parameter of its own
        order=(),
    )
    one = select(literal_column("1").label("one")).subquery()
    source = one.join(_person, _person.c.person_id == _PERSON, isouter=True)
    return lists.whole((*_about_person(lists), campaigns)).select_from(source)


_FACTS = {dialect: Prepared(_facts(dialect)) for dialect in ("sqlite", "postgresql")}
_QUESTIONS = Prepared(_questions())
_BORNE = {dialect: Prepared(_borne(dialect)) for dialect in ("sqlite", "postgresql")}
_SHOWN = {dialect: Prepared(_shown(dialect)) for dialect in ("sqlite", "postgresql")}


def _fact(attribute: str, key: str, source: str, value: Any, note: str, observed_at: str) -> Evidence:
    return Evidence(attribute, value_from_json(*value), source, instant(observed_at), key, note)


def _list(written: Any) -> list[Any]:
    return data(written) or []
