"""What a disclosure list holds: who, by which names, and what is known of their duty to disclose."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from perks_engine.domain.disclosure import RULE, Section, accounts_of, clause_of
from perks_engine.domain.fulfillment import Account
from perks_engine.services.access import Actor, Role
from perks_engine.services.disclosing import NOT_SHOWN, DisclosureLine
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.list_records import Chosen, FileKind, Form, Order
from tests.engine_room import BRAND, STAFF, Room, in_brooklyn

ALL = Chosen(BRAND)
CONTEST = "templates/messages/disclosure_gift\n  list_entrants: true"
DOC = Path(__file__).resolve().parents[2] / "docs" / "disclosure-list.md"


def lines(
    room: Room, chosen: Chosen = ALL, as_of: datetime | None = None, actor: Actor = STAFF
) -> list[DisclosureLine]:
    with room.engine.disclosing.listing(actor, chosen, as_of) as listing:
        return list(listing.lines)


def told(room: Room, chosen: Chosen = ALL) -> list[str]:
    return [f"{line.person} {line.section}" for line in lines(room, chosen)]


def joined(room: Room, person: str, more: str) -> str:
    """Somebody who fits the campaign, with further lines of a people file."""
    at = (room.clock() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%MZ")
    room.people(
        f"- id: {person}\n  consents: [{{purpose: perks, given_at: {at}, how: form}}]\n"
        f"  born_on: 1990-04-01\n  score: {{reach: 71}}\n  topics: [technology]\n"
        f"  location: {in_brooklyn(len(person))}\n{more}"
    )
    return person


def test_every_account_has_one_clause_and_the_document_says_the_same() -> None:
    rows = re.findall(r"(?m)^\| ([a-z ]+) \| ([a-z_, ]+) \| ([a-z_ ]+) \| (.+) \|$", DOC.read_text("utf-8"))
    said = [(name, set(accounts.split(", ")), where, why) for name, accounts, where, why in rows[1:]]
    ruled = [(clause.name, {*clause.accounts}, clause.section or "not listed", clause.why) for clause in RULE]
    assert said == ruled
    assert {clause_of(account).name for account in Account} <= {clause.name for clause in RULE}


def test_shipped_is_not_received_and_a_return_is_in_the_annex_alone() -> None:
    assert accounts_of(Section.RECEIVED) == {Account.RECIPIENT}
    assert clause_of(Account.IN_TRANSIT).section is None
    assert clause_of(Account.RETURNED).section is None
    assert clause_of(Account.RETURNED, was_received=True).section is Section.RETURNED
    assert clause_of(Account.RESERVED, lists_entrants=True).section is Section.MAY_RECEIVE


def test_the_annex_tells_who_held_it_from_when_to_when(room: Room) -> None:
    room.campaign()
    for person in ("ana", "bo", "cy"):
        room.person(person)
    received_at = room.clock()
    returned, _ = room.received("ana"), room.received("bo")
    sent_back = str(room.claim("cy")["claim"])
    room.record(sent_back, "ship")
    room.clock.move(days=2)
    room.record(returned, "return", note="it did not fit")
    room.record(sent_back, "refuse", note="not at home")
    assert told(room) == ["bo received"]
    assert told(room, Chosen(BRAND, annex=True)) == ["bo received", "ana returned"]
    annexed = lines(room, Chosen(BRAND, annex=True))[1]
    assert (annexed.received_at, annexed.returned_at) == (received_at, room.clock())
    assert (annexed.evidence, annexed.reference) == ("carrier", "ref deliver")


def test_entrants_of_a_contest_stand_apart_until_they_receive_something(room: Room) -> None:
    room.campaign(connection="prize", instruct=CONTEST)
    claims = {person: str(room.claim(room.person(person))["claim"]) for person in ("ana", "bo", "cy")}
    assert told(room) == ["ana may_receive", "bo may_receive", "cy may_receive"]
    room.record(claims["ana"], "ship", "deliver")
    room.record(claims["bo"], "ship")
    room.record(claims["cy"], "void", note="entered twice")
    assert told(room) == ["ana received", "bo may_receive"]
    assert {line.connection for line in lines(room)} == {"prize"}
    today = Chosen(BRAND, received_from=room.clock() - timedelta(days=1))
    assert told(room, today) == ["ana received"], "who received nothing was not in the period"


def test_without_that_declaration_nobody_is_on_the_list_for_a_claim(sqlite_room: Room) -> None:
    sqlite_room.campaign()
    sqlite_room.claim(sqlite_room.person("ana"))
    assert told(sqlite_room) == []


def test_a_list_of_a_period_a_campaign_a_person(room: Room) -> None:
    room.campaign()
    room.campaign("creator-trip-lisbon")
    room.person("ana")
    first = room.clock()
    room.received("ana")
    room.clock.move(days=1)
    room.person("bo")
    room.received("bo")
    day = timedelta(days=1)
    assert told(room, Chosen(BRAND, received_from=first, received_before=first + day)) == ["ana received"]
    assert told(room, Chosen(BRAND, received_from=first + day)) == ["bo received"]
    assert told(room, Chosen(BRAND, received_before=first)) == []
    assert told(room, Chosen(BRAND, person="bo")) == ["bo received"]
    assert told(room, Chosen(person="ana")) == ["ana received"]
    assert told(room, Chosen(BRAND, "phone-launch-nyc")) == [
        "ana received",
        "bo received",
    ]
    with pytest.raises(InvalidInputError, match="ends before it begins") as found:
        lines(room, Chosen(BRAND, received_from=first, received_before=first))
    assert found.value.code == "disclosures.period"
    with pytest.raises(NotFoundError, match="nobody is on record as zoe"):
        lines(room, Chosen(BRAND, person="zoe"))
    with pytest.raises(InvalidInputError, match="whose list"):
        lines(room, Chosen())


def test_of_a_person_staff_sees_what_came_from_its_own_brands(sqlite_room: Room) -> None:
    room = sqlite_room
    room.campaign()
    room.received(room.person("ana"))
    stranger = Actor("other", Role.COMPLIANCE, ("other-brand",))
    with pytest.raises(NotFoundError, match="nobody is on record as ana"):
        lines(room, Chosen(person="ana"), actor=stranger)
    with pytest.raises(ForbiddenError):
        lines(room, Chosen(BRAND, person="ana"), actor=stranger)


def test_people_are_named_as_they_were_called_then(room: Room) -> None:
    room.campaign()
    joined(
        room, "ana", "  handle: ana.old\n  name: Ana Maier\n  handles: {instagram: ana.ig, tiktok: anatok}\n"
    )
    room.received("ana")
    [line] = lines(room)
    then = room.clock()
    assert (line.handle, line.legal_name) == ("ana.old", "Ana Maier")
    assert line.platforms == {"instagram": "ana.ig", "tiktok": "anatok"}

    room.clock.move(days=1)
    joined(room, "ana", "  handle: ana.new\n  name: Ana Huber\n  handles: {instagram: ana.ig2}\n")
    [now] = lines(room)
    assert (now.handle, now.legal_name, now.platforms) == ("ana.new", "Ana Huber", {"instagram": "ana.ig2"})
    assert lines(room, as_of=then) == [line]


def test_a_file_that_says_nothing_of_platforms_leaves_them(sqlite_room: Room) -> None:
    joined(sqlite_room, "ana", "  handle: ana.h\n  handles: {instagram: ana.ig}\n")
    joined(sqlite_room, "ana", "  handle: ana.h\n")
    assert sqlite_room.engine.people.show("ana")["handles"] == {"instagram": "ana.ig"}


@pytest.mark.parametrize(("role", "shown"), [(Role.COMPLIANCE, "Ana Maier"), (Role.BRAND_MANAGER, NOT_SHOWN)])
def test_a_legal_name_is_for_roles_that_may_see_it(sqlite_room: Room, role: Role, shown: str) -> None:
    room = sqlite_room
    room.campaign()
    joined(room, "ana", "  handle: ana.h\n  name: Ana Maier\n")
    room.received("ana")
    [line] = lines(room, actor=Actor("somebody", role, (BRAND,)))
    assert line.legal_name == shown


def test_the_duty_to_disclose_from_instruction_to_sighting(room: Room) -> None:
    room.campaign()
    room.person("ana")
    claim = room.received("ana")
    duty = room.engine.instructing
    instruction = duty.instruction("ana", claim)
    assert "material connection" in instruction["text"]
    assert "acknowledged_at" not in instruction
    before = lines(room)
    assert before[0].instructed_by == "email: templates/messages/disclosure_gift"

    room.clock.move(hours=1)
    acknowledged = duty.acknowledge("ana", claim, "k1", "portal")
    room.clock.move(hours=1)
    assert duty.acknowledge("ana", claim, "k2", "api")["acknowledged_at"] == acknowledged["acknowledged_at"]
    duty.report("ana", claim, "https://example.com/p/1", None, "k3")
    duty.report("ana", claim, "https://example.com/p/1", None, "k4")
    duty.record(STAFF, claim, "https://example.com/p/2", room.clock() - timedelta(hours=3), "in the caption")
    [line] = lines(room)
    assert (line.acknowledged_at, line.acknowledged_by) == (datetime(2026, 12, 2, 16, tzinfo=UTC), "portal")
    assert line.seen == ("https://example.com/p/1", "https://example.com/p/2")
    assert line.seen_at == room.clock() - timedelta(hours=3)
    assert lines(room, as_of=datetime(2026, 12, 2, 15, tzinfo=UTC)) == before


def test_nobody_acknowledges_or_reports_for_somebody_else(sqlite_room: Room) -> None:
    room = sqlite_room
    room.campaign()
    claim = room.received(room.person("ana"))
    room.person("bo")
    duty = room.engine.instructing
    for act in (
        lambda: duty.instruction("bo", claim),
        lambda: duty.acknowledge("bo", claim, "k", "api"),
        lambda: duty.report("bo", claim, "https://example.com/p", None, "k"),
    ):
        with pytest.raises(NotFoundError, match="you have no claim"):
            act()
    with pytest.raises(ForbiddenError):
        duty.record(Actor("m", Role.BRAND_MANAGER, (BRAND,)), claim, "https://example.com/p")
    with pytest.raises(NotFoundError):
        duty.record(Actor("c", Role.COMPLIANCE, ("other",)), claim, "https://example.com/p")
    refused = room.claim(room.person("ben", "{claimed: New York City}"))
    with pytest.raises(RefusedError, match="nothing to disclose"):
        duty.acknowledge("ben", str(refused["claim"]), "k", "api")


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "example.com/p", "https://a b.com", "http://x"])
def test_a_post_needs_an_address(sqlite_room: Room, url: str) -> None:
    with pytest.raises(InvalidInputError) as found:
        sqlite_room.engine.instructing.report("ana", "clm_1", url, None, "k")
    assert found.value.code == "disclosure.url"


def test_the_orders_hold_the_same_lines(room: Room) -> None:
    room.campaign(instruct=CONTEST)
    for person in ("cy", "ana", "bo"):
        room.received(room.person(person))
    room.claim(room.person("di"))
    found: dict[Order, list[str]] = {}
    for order in Order:
        with room.engine.disclosing.listing(STAFF, Chosen(BRAND), None, order) as listing:
            found[order] = [line.person for line in listing.lines]
    assert found[Order.ENTRY] == ["cy", "ana", "bo", "di"]
    assert found[Order.PERSON] == ["ana", "bo", "cy", "di"]
    assert sorted(found[Order.CLAIM]) == ["ana", "bo", "cy", "di"]


def test_a_disputed_line_stays_and_is_marked_until_it_is_settled(room: Room) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    room.received(room.person("bo"))
    before = room.clock()
    room.clock.move(hours=1)
    made = room.engine.disputing.open_own("ana", claim, "I never got it.", "d1")
    standing = {line.person: line.standing for line in lines(room)}
    assert standing == {"ana": "disputed", "bo": "undisputed"}
    file = room.folder / "old.csv"
    old = room.engine.exporting.export(STAFF, ALL, Form(FileKind.CSV, "1"), file)
    assert (old.lines, "ana" in file.read_text("utf-8")) == (1, False), "the old columns could not mark her"

    room.clock.move(hours=1)
    room.engine.disputing.withdraw("ana", str(made["dispute"]), "Found it.", "d2")
    assert {line.standing for line in lines(room)} == {"undisputed"}
    assert {line.standing for line in lines(room, as_of=before)} == {"undisputed"}
