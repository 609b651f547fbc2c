"""The data about one person in all tables: read out whole, or erased, as the inventory says."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Table,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy import String as Words

from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.services.inventory import Held, Treatment
from perks_engine.services.inventory_tables import INVENTORY
from perks_engine.services.keeping_records import Whose
from perks_engine.services.sending_records import MessageState
from perks_engine.storage import keeping_tables, tables
from perks_engine.storage.reach import Condition, Reach, table_named

MARK = "erased"
REFUSED, LETTERS = "refused", "letters"
_OF_THE_DUTY = ("disclosure_instruction", "disclosure_reminder")
_STRUCK = "[erased]"
_BY_ROW = (Treatment.PRUNED, Treatment.LISTED, Treatment.NAMED)


class SqlPersonalData:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, table: str, whose: Whose) -> list[dict[str, Any]]:
        held, found = table_named(table), dict[Any, dict[str, Any]]()
        shown = INVENTORY.of(table).shown()
        keys = [column.name for column in held.primary_key]
        for condition in Reach(self._connection, whose).of(table):
            query = select(held).where(condition).order_by(*held.primary_key)
            for row in self._connection.execute(query).mappings():
                found[tuple(row[key] for key in keys)] = {name: row[name] for name in shown}
        return list(found.values())

    def erase(self, whose: Whose, pseudonym: str, now: datetime) -> dict[str, int]:
        """1. Say who is being erased, so that the triggers let it be. 2. Take the person out of letters to
        others, and what no line of the ledger rests on. 3. Go through the inventory. 4. Nobody is being
        erased any more."""
        run = self._connection.execute
        run(insert(keeping_tables.erasing).values(person_id=whose.person_id))
        reach = Reach(self._connection, whose)
        self._strike_from_letters(whose)
        self._give_up_files(reach, now)
        done = {REFUSED: self._drop_refused(reach), LETTERS: self._drop_letters(reach)}
        for held in INVENTORY.about_people():
            done[held.table] = self._erase_from(held, reach, pseudonym, now)
        run(delete(keeping_tables.erasing).where(keeping_tables.erasing.c.person_id == whose.person_id))
        return done

    def _erase_from(self, held: Held, reach: Reach, pseudonym: str, now: datetime) -> int:
        table, touched = table_named(held.table), 0
        for condition in reach.of(held.table):
            if held.goes:
                touched += self._connection.execute(delete(table).where(condition)).rowcount
                continue
            touched += self._erase_by_row(held, table, condition, reach.whose.person_id, pseudonym)
            values = dict(_blanked(held, table, reach.whose.person_id, pseudonym))
            if held.table == "api_token":
                values["revoked_at"] = func.coalesce(table.c.revoked_at, now)
            if held.table == "message":
                waits = table.c.state == MessageState.QUEUED.value
                values["state"] = case((waits, MessageState.CANCELLED.value), else_=table.c.state)
            if values:
                rows = self._connection.execute(update(table).where(condition).values(values)).rowcount
                touched += 0 if any(held.columns_that_are(one) for one in _BY_ROW) else rows
            elif not any(held.columns_that_are(one) for one in _BY_ROW):
                count = select(func.count()).select_from(table).where(condition)
                touched += self._connection.execute(count).scalar_one()
        return touched

    def _erase_by_row(
        self, held: Held, table: Table, condition: Condition, person_id: str, pseudonym: str
    ) -> int:
        """What has to be taken out of the midst of data, row by row; how many rows."""
        changed = {name: kind for name, kind in held.columns.items() if kind in _BY_ROW}
        if not changed:
            return 0
        keys = list(table.primary_key)
        columns = [*keys, *(table.c[name] for name in changed)]
        found = self._connection.execute(select(*columns).where(condition)).mappings().all()
        for row in found:
            this = and_(*(key == row[key.name] for key in keys))
            values = {name: _without(row[name], kind, person_id, pseudonym) for name, kind in changed.items()}
            self._connection.execute(update(table).where(this).values(values))
        return len(found)

    def _strike_from_letters(self, whose: Whose) -> None:
        """Letters to a brand's staff speak of several people: this one is struck from them."""
        message = tables.message
        parts = ("subject", "body_text", "body_html")
        named = or_(
            *(message.c[part].contains(one, autoescape=True) for part in parts for one in _written(whose))
        )
        query = select(message.c.message_id, *(message.c[part] for part in parts))
        query = query.where(message.c.staff_of.is_not(None), named)
        for row in self._connection.execute(query).mappings().all():
            struck = {part: _struck(row[part], whose) for part in parts}
            this = message.c.message_id == row["message_id"]
            self._connection.execute(update(message).where(this).values(struck))

    def _give_up_files(self, reach: Reach, now: datetime) -> None:
        file, dropped = table_named("dispute_file"), keeping_tables.dropped_file
        for condition in reach.of("dispute_file"):
            for name in self._connection.execute(select(file.c.stored_as).where(condition)).scalars().all():
                self._connection.execute(insert(dropped).values(stored_as=name, dropped_at=now))

    def _drop_refused(self, reach: Reach) -> int:
        """No unit hangs on a refused claim: it goes with its decision, unless an incident speaks of that. Of
        other decisions those stay that an offer, a promotion or a survey rests on."""
        claim, decision, line = tables.claim, tables.decision, table_named("incident_line")
        person_id = reach.whose.person_id
        told = select(line.c.decision_id).where(line.c.person_id == person_id)
        refused = and_(
            claim.c.person_id == person_id,
            claim.c.outcome == "refused",
            claim.c.decision_id.not_in(told),
        )
        gone = self._connection.execute(delete(claim).where(refused)).rowcount
        rested_on = [
            select(one.c.decision_id).where(one.c.person_id == person_id)
            for one in (claim, tables.promotion, tables.offer, line)
        ]
        asked = table_named("feedback_request")
        rested_on.append(select(asked.c.decision_id).where(asked.c.claim_id.in_(reach.claims)))
        self._connection.execute(
            delete(decision).where(
                decision.c.person_id == person_id,
                *(decision.c.decision_id.not_in(these) for these in rested_on),
            )
        )
        return gone

    def _drop_letters(self, reach: Reach) -> int:
        """All but those that show that a recipient was told how to disclose."""
        message, gone = tables.message, 0
        stays = and_(message.c.kind.in_(_OF_THE_DUTY), message.c.claim_id.in_(reach.claims))
        for condition in reach.of("message"):
            is_gone = and_(condition, or_(message.c.claim_id.is_(None), not_(stays)))
            gone += self._connection.execute(delete(message).where(is_gone)).rowcount
        return gone

    def last_receipt(self, pseudonym: str) -> datetime | None:
        entry, claim = tables.entry, tables.claim
        mine = select(claim.c.claim_id).where(claim.c.person_id == pseudonym)
        query = select(func.max(entry.c.occurred_at)).where(
            entry.c.claim_id.in_(mine), entry.c.target == Account.RECIPIENT.value
        )
        return self._connection.execute(query).scalar_one()


def _blanked(held: Held, table: Table, person_id: str, pseudonym: str) -> Iterator[tuple[str, Any]]:
    """What takes the place of the values of a row that stays."""
    me, then = f"person {person_id}", f"person {pseudonym}"
    for name, kind in held.columns.items():
        column = table.c[name]
        if (held.table, name) in _OTHERWISE:
            yield name, _OTHERWISE[held.table, name](table)
        elif kind is Treatment.PERSON:
            yield name, pseudonym
        elif kind is Treatment.ACTOR:
            yield name, case((column == me, then), else_=column)
        elif kind is Treatment.MARKED:
            yield name, _marked(column)
        elif kind is Treatment.EMPTIED:
            yield name, ""


def _marked(column: Column[Any]) -> Any:
    return case((column == "", column), (column.is_(None), column), else_=MARK)


def _unless_under_way(entry: Table) -> Any:
    """By its tracking number one learns whether a thing that was sent still arrives."""
    holding = tables.holding
    sent = select(holding.c.claim_id).where(holding.c.account == Account.IN_TRANSIT.value)
    is_under_way = and_(entry.c.move == MoveKind.SHIP.value, entry.c.claim_id.in_(sent))
    return case((is_under_way, entry.c.reference), else_="")


def _written_by_others(consent: Table) -> Any:
    """What came with an import was written by somebody else than the engine."""
    return case((consent.c.through == "import", MARK), else_=consent.c.how)


def _told_apart(sighting: Table) -> Any:
    """A claim has each post once."""
    return f"{MARK} " + cast(sighting.c.sighting_id, Words)


_OTHERWISE: Mapping[tuple[str, str], Callable[[Table], Any]] = {
    ("entry", "reference"): _unless_under_way,
    ("consent", "how"): _written_by_others,
    ("sighting", "url"): _told_apart,
}


def _without(value: Any, kind: Treatment, person_id: str, pseudonym: str) -> Any:
    if kind is Treatment.LISTED:
        return []
    if kind is Treatment.PRUNED:
        return [_pruned(one) for one in value] if isinstance(value, list) else _pruned(value)
    return _renamed(value, person_id, pseudonym)


def _pruned(reason: Mapping[str, Any]) -> dict[str, Any]:
    """The condition and whether it was met, without what was found, where and when."""
    kept = {
        name: reason[name] for name in ("node", "mark", "code", "required", "attribute") if name in reason
    }
    if "children" in reason:
        kept["children"] = [_pruned(child) for child in reason["children"]]
    return kept


def _renamed(value: Any, person_id: str, pseudonym: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _renamed(one, person_id, pseudonym) for name, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, person_id, pseudonym) for one in value]
    return pseudonym if value == person_id else value


def _written(whose: Whose) -> list[str]:
    """Their names as they stand in a letter: as they are, and as HTML writes them."""
    return [way for one in whose.names() for way in dict.fromkeys((one, html.escape(one)))]


def _struck(text: str, whose: Whose) -> str:
    for one in _written(whose):
        text = re.sub(rf"(?<![\w.@-]){re.escape(one)}(?![\w@-])", _STRUCK, text)
    return text
