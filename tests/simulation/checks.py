"""What must be so after every history, found from the raw rows by none of the engine's own queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import text

from tests.engine_room import STAFF, Room
from tests.simulation.histories import History

Row = dict[str, Any]


def rows(room: Room, statement: str, **values: str) -> list[Row]:
    with room.engine.engine.connect() as connection:
        return [dict(one) for one in connection.execute(text(statement), values).mappings()]


def check(room: Room, history: History) -> None:
    entries = rows(room, "SELECT * FROM entry WHERE campaign = :of ORDER BY entry_id", of=history.name)
    no_acknowledged_claim_is_lost(room, history, entries)
    never_more_granted_than_stocked(room, history, entries)
    one_grant_for_a_key(room, history, entries)
    every_webhook_is_kept_once(room, history, entries)
    the_list_is_what_the_entries_say(room, history, entries)


def no_acknowledged_claim_is_lost(room: Room, history: History, entries: list[Row]) -> None:
    kept = {
        one["claim_id"]: one
        for one in rows(room, "SELECT * FROM claim WHERE campaign = :of", of=history.name)
    }
    reserved = {one["claim_id"] for one in entries if one["move"] == "reserve"}
    for key, step in history.asked.items():
        answer = history.acknowledged[key]
        if step.do == "claim" and "refused" not in answer:
            claim = kept[answer["claim"]]
            assert (claim["outcome"], claim["person_id"]) == (answer["outcome"], step.person)
            assert (claim["claim_id"] in reserved) == (answer["outcome"] == "granted")
    granted = {claim for claim, one in kept.items() if one["outcome"] == "granted"}
    assert granted == reserved, "claims that hold no unit, or units that no claim holds"


def never_more_granted_than_stocked(room: Room, history: History, entries: list[Row]) -> None:
    """At no entry was an account below zero, and what the balances say is what the entries add up to."""
    balance: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for one in entries:
        balance[one["source"]] -= one["units"]
        balance[one["target"]] += one["units"]
        assert all(units >= 0 for account, units in balance.items() if account != "supply"), (one, balance)
        if one["move"] == "reserve":
            held[one["person_id"]] += 1
        elif one["claim_id"] and one["target"] == "stock":
            held[one["person_id"]] -= 1
        assert all(0 <= units <= 1 for units in held.values()), (one, held)
    assert -balance["supply"] == history.units
    stock = rows(room, "SELECT units FROM stock WHERE campaign = :of", of=history.name)[0]["units"]
    slots = len(rows(room, "SELECT slot_id FROM slot WHERE campaign = :of", of=history.name))
    assert stock + slots == balance["stock"]


def one_grant_for_a_key(room: Room, history: History, entries: list[Row]) -> None:
    reserved = Counter(one["claim_id"] for one in entries if one["move"] == "reserve")
    assert set(reserved.values()) <= {1}
    by_key: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, step in history.asked.items():
        if step.do == "claim" and "refused" not in history.acknowledged[key]:
            by_key[step.person, key].add(history.acknowledged[key]["claim"])
    kept = rows(room, "SELECT claim_id FROM claim WHERE campaign = :of", of=history.name)
    assert {claim for claims in by_key.values() for claim in claims} == {one["claim_id"] for one in kept}
    assert len(kept) == len(by_key), "a key was answered with two claims"


def every_webhook_is_kept_once(room: Room, history: History, entries: list[Row]) -> None:
    """What was signed just now, by its event; each that was applied is one entry. Others are kept as well."""
    sent = {key: step for key, step in history.asked.items() if step.do == "webhook"}
    kept = rows(room, "SELECT * FROM carrier_report WHERE event_id LIKE :of", of=f"{history.name} %")
    good = [key for key, step in sent.items() if not step.signed_ago]
    assert sorted(one["event_id"] for one in kept) == sorted(good)
    applied = sorted(one["claim_id"] for one in kept if one["state"] == "applied")
    assert applied == sorted(one["claim_id"] for one in entries if one["recorded_by"] == "carrier shippo")
    refused = [key for key, step in sent.items() if step.signed_ago]
    assert all("refused" in history.acknowledged[key] for key in refused)
    codes = rows(room, "SELECT code, body FROM carrier_report WHERE state = 'refused'")
    assert all(any(key in one["body"] for one in codes) for key in refused)


def the_list_is_what_the_entries_say(room: Room, history: History, entries: list[Row]) -> None:
    last = {one["claim_id"]: one for one in entries if one["claim_id"]}
    expected = [
        (one["claim_id"], one["person_id"], one["entry_id"])
        for one in last.values()
        if one["target"] == "recipient"
    ]
    with room.engine.disclosing.lines(STAFF, "simulated", None, history.name) as (_, lines):
        listed = [(line.claim, line.person, line.entry) for line in lines]
    assert listed == sorted(expected, key=lambda one: one[2])


def every_seal_verifies(room: Room) -> int:
    """Seals what is left, and has the whole log audited; returns how many leaves it has."""
    room.engine.sealing.seal()
    audit = room.engine.auditing.audit(room.engine.sealing.keys)
    assert audit.findings == (), audit.findings
    assert audit.unsealed == 0
    entries = rows(room, "SELECT count(*) AS n FROM entry")[0]["n"]
    assert audit.leaves == entries
    return audit.leaves
