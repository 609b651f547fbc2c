"""A list of many lines takes time in proportion, and no more memory than a short one."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, text

from perks_engine.exports.disclosure_files import csv_chunks, json_chunks
from perks_engine.services.disclosing import Listing
from perks_engine.services.list_records import Chosen
from perks_engine.storage import tables
from tests.engine_room import BRAND, PHONE, STAFF, Room

LINES = 2_400
SHORT = 1_000
FORMS = ("csv", "json")
LONGEST_S = 10.0
"""It takes one; where every line looks through all messages it takes more than a minute."""

WAY = (
    ("reserve", "stock", "reserved", ""),
    ("ship", "reserved", "in_transit", ""),
    ("deliver", "in_transit", "recipient", "carrier"),
)


def fill(room: Room, numbers: range) -> None:
    """People who received a phone, as rows: so many claims would take minutes."""
    at = room.clock()
    version = room.engine.campaigning.show(PHONE)["version"]
    rows: dict[str, list[dict[str, Any]]] = {"person": [], "decision": [], "claim": [], "message": []}
    entries: list[dict[str, Any]] = []
    for n in numbers:
        person, claim, decision = f"p{n}", f"clm_{n}", f"dec_{n}"
        of = {"person_id": person, "campaign": PHONE}
        rows["person"].append({"person_id": person, "handle": f"h{n}", "language": "en", "joined_at": at})
        seen = {"reason": {}, "standing": [], "evidence": [], "decided_at": at}
        judged = {"decision_id": decision, "version": version, "purpose": "claim", "verdict": "eligible"}
        rows["decision"].append(of | judged | seen)
        granted = {"version": version, "decision_id": decision, "outcome": "granted"}
        rows["claim"].append(of | granted | {"claim_id": claim, "created_at": at, "reserved_until": at})
        message = {"message_id": f"msg_{n}", "claim_id": claim, "kind": "disclosure_instruction"}
        message |= {"purpose": "account", "channel": "email", "state": "sent"}
        message |= dict.fromkeys(("subject", "body_text", "body_html"), "x")
        rows["message"].append(of | message | {"created_at": at})
        for move, source, target, evidence in WAY:
            moved = {"move": move, "source": source, "target": target, "units": 1, "evidence": evidence}
            moved |= {"claim_id": claim, "reference": "", "note": "", "recorded_by": "test"}
            entries.append(of | moved | {"occurred_at": at, "recorded_at": at})
    with room.engine.engine.begin() as connection:
        for name, values in rows.items():
            connection.execute(insert(tables.metadata.tables[name]), values)
        is_postgresql = connection.dialect.name == "postgresql"
        if is_postgresql:
            # One row of stock, moved ten thousand times in one transaction, would take minutes as well.
            connection.execute(text("ALTER TABLE entry DISABLE TRIGGER USER"))
        connection.execute(insert(tables.entry), entries)
        if is_postgresql:
            connection.execute(text("ALTER TABLE entry ENABLE TRIGGER USER"))


def in_form(form: str, listing: Listing) -> Iterator[str]:
    return csv_chunks(listing.lines) if form == "csv" else json_chunks(listing)


def peak_bytes(room: Room, form: str) -> tuple[int, int]:
    """How many lines came, and the most memory that reading them took."""
    tracemalloc.start()
    with room.engine.disclosing.listing(STAFF, Chosen(BRAND)) as listing:
        count = sum("clm_" in chunk for chunk in in_form(form, listing))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return count, peak


def test_a_long_list_takes_its_time_and_no_more_memory_than_a_short_one(room: Room) -> None:
    room.campaign(quantity=str(LINES))
    fill(room, range(SHORT))
    for form in FORMS:
        peak_bytes(room, form)  # what is kept for good is kept by now
    short = {form: peak_bytes(room, form) for form in FORMS}
    room.clock.move(seconds=1)
    fill(room, range(SHORT, LINES))
    began = time.monotonic()
    with room.engine.disclosing.lines(STAFF, BRAND) as (_, lines):
        assert sum(1 for _ in lines) == LINES
    assert time.monotonic() - began < LONGEST_S
    for form in FORMS:
        (few, short_peak), (many, long_peak) = short[form], peak_bytes(room, form)
        assert (few, many) == (SHORT, LINES)
        # A list in memory would take more than twice as much; what is not yet collected varies.
        assert long_peak < 1.5 * short_peak, form
