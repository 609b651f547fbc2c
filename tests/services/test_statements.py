"""Statements for anybody who asks: what is answered, what is sent, and what is remembered of it."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Any

import httpx
import pytest
from sqlalchemy import event, inspect, text

from perks_engine.domain.notes import VerifierKey
from perks_engine.domain.statements import Subject, SubjectKind, subject_of
from perks_engine.exports.statement_files import statement_text, verify_statement
from perks_engine.services.access import Actor, Role
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.records import Message
from perks_engine.services.statement_requests import MOST_LETTERS
from tests.engine_room import PHONE, STAFF, Room, with_log_key

HELD = "ana@example.com"
COMPLIANCE = Actor("noor", Role.COMPLIANCE, ("*",))


@pytest.fixture
def keyed(room: Room) -> Room:
    """The engine with a key, the open campaign, and Ana, who received her phone."""
    with_log_key(room)
    room.campaign()
    room.person("ana", email=HELD)
    room.received("ana")
    return room


def key_of(room: Room) -> VerifierKey:
    return room.engine.sealing.keys.verifiers[0]


def letters(room: Room) -> list[Message]:
    """What was sent to addresses, the oldest first."""
    return [one for one in reversed(room.engine.latest_messages(100)) if one.address]


def link_of(letter: Message) -> str:
    found = re.search(r"/v1/statements/([\w-]+)\n", letter.body_text)
    assert found, letter.body_text
    return found[1]


def asked(room: Room, address: str) -> str:
    """The link in the letter that comes of asking."""
    room.engine.statement_requests.ask(address)
    room.engine.statement_requests.post()
    return link_of(letters(room)[-1])


def test_a_stranger_and_a_recipient_each_get_theirs(keyed: Room) -> None:
    for address, kind, lines in ((HELD, "receipt", 1), ("nobody@example.org", "no_record", 0)):
        statement = keyed.engine.statement_requests.redeem(asked(keyed, address))
        assert (statement.stated.kind, len(statement.lines)) == (kind, lines)
        assert statement.subject == Subject(SubjectKind.EMAIL, address)
    first, second = letters(keyed)
    assert (first.address, second.address) == (HELD, "nobody@example.org")
    # But for the link, the letters are one and the same.
    assert first.body_text.replace(link_of(first), "") == second.body_text.replace(link_of(second), "")


@pytest.mark.parametrize("address", ["Ana@Example.com", " ana@example.com ", "ana.handle", "@ana.handle"])
def test_the_same_person_by_whatever_they_are_held_under(keyed: Room, address: str) -> None:
    statement = keyed.engine.statement_requests.redeem(asked(keyed, address))
    assert [line.claim.person_id for line in statement.lines] == ["ana"]
    assert letters(keyed)[-1].address == HELD


def test_an_address_with_other_than_ascii_is_found_whatever_its_case(keyed: Room) -> None:
    keyed.person("jo", email="Jørgen.Ünal@EXAMPLE.com")
    keyed.received("jo")
    statement = keyed.engine.statement_requests.redeem(asked(keyed, "JØRGEN.ünal@example.COM"))
    assert [line.claim.person_id for line in statement.lines] == ["jo"]


def test_a_handle_that_nobody_bears_or_without_an_address_is_sent_to_nobody(keyed: Room) -> None:
    keyed.person("bo")
    for handle in ("nobody.at.all", "bo.handle"):
        keyed.engine.statement_requests.ask(handle)
    assert keyed.engine.statement_requests.post() == 2
    assert letters(keyed) == []


def test_a_link_works_once_and_for_a_day(keyed: Room) -> None:
    requests = keyed.engine.statement_requests
    link = asked(keyed, HELD)
    for _ in range(3):  # a program that scans mail looks, and looks again
        assert requests.look(link)["used_at"] is None
    requests.redeem(link)
    assert requests.look(link)["used_at"] == "2026-12-02T15:00:00Z"
    with pytest.raises(RefusedError, match="this link was used; ask for another one"):
        requests.redeem(link)

    late = asked(keyed, HELD)
    keyed.clock.move(hours=24)
    with pytest.raises(NotFoundError, match="it has expired"):
        requests.redeem(late)


def test_a_link_that_was_changed_or_made_up_opens_nothing(keyed: Room) -> None:
    link = asked(keyed, HELD)
    other = "A" if link[20] != "A" else "B"
    for forged in (link[:20] + other + link[21:], link[:-4], "", "nonsense", "x" * 999, "é", link + "=" * 9):
        with pytest.raises(NotFoundError) as refused:
            keyed.engine.statement_requests.redeem(forged)
        assert refused.value.code == "statement.link"


def test_nothing_is_kept_of_a_stranger_when_the_link_has_expired(keyed: Room) -> None:
    stranger = "someone.unheard.of@example.org"
    keyed.engine.statement_requests.ask(stranger)
    keyed.engine.statement_requests.ask("unheard.handle")
    assert stranger in everything(keyed)  # or no letter could be sent
    keyed.engine.statement_requests.post()
    rows = everything(keyed, "statement_request")
    assert "unheard" not in rows  # the link alone knows, and the letter that waits to be sent

    keyed.clock.move(hours=24, seconds=1)
    keyed.engine.statement_requests.post()
    assert "unheard" not in everything(keyed)
    assert everything(keyed, "statement_request") == ""


def everything(room: Room, *tables: str) -> str:
    """All that the database holds, as text."""
    names = tables or inspect(room.engine.engine).get_table_names()
    with room.engine.engine.connect() as connection:
        return "".join(
            str(tuple(row)) for name in names for row in connection.execute(text(f"SELECT * FROM {name}"))
        )


def test_nobody_is_mailed_to_death(keyed: Room) -> None:
    for address in (HELD, "ANA@example.com", "ana.handle", HELD, "@ana.handle"):
        keyed.engine.statement_requests.ask(address)
    keyed.engine.statement_requests.post()
    assert [one.address for one in letters(keyed)] == [HELD] * MOST_LETTERS
    keyed.clock.move(hours=25)
    keyed.engine.statement_requests.ask(HELD)
    keyed.engine.statement_requests.post()
    assert [one.address for one in letters(keyed)] == [HELD]  # the others are forgotten with their links


@pytest.mark.parametrize(
    "address", ["", "a b", "@", "a@b", "a@@b.c", "x" * 300, "a\u202eb", "a/b", "<a@b.example>"]
)
def test_what_is_no_address_is_told_by_its_writing_alone(keyed: Room, address: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        keyed.engine.statement_requests.ask(address)
    assert refused.value.code == "statement.address"


def test_without_a_key_nobody_is_promised_anything(room: Room) -> None:
    with pytest.raises(RefusedError) as refused:
        room.engine.statement_requests.ask(HELD)
    assert refused.value.code == "log.no_key"
    assert room.engine.statement_requests.post() == 0


def test_staff_makes_one_and_only_compliance_of_all_brands(keyed: Room) -> None:
    statement = keyed.engine.stating.for_person(COMPLIANCE, "ana")
    assert (statement.stated.kind, statement.subject.kind) == ("receipt", "person")
    one_brand = Actor("x", Role.COMPLIANCE, ("northwind-phones",))
    for actor, code in ((STAFF, "access.role"), (one_brand, "access.brand")):
        with pytest.raises(ForbiddenError) as refused:
            keyed.engine.stating.for_person(actor, "ana")
        assert refused.value.code == code
    with pytest.raises(NotFoundError):
        keyed.engine.stating.for_person(COMPLIANCE, "nobody")


def test_it_tells_what_ended_what_was_said_again_and_what_is_disputed(keyed: Room) -> None:
    ana = subject_of(HELD)
    assert ana is not None
    keyed.engine.disputing.open_own("ana", keyed.claim("ana", "key of ana")["claim"], "not mine", "key")
    [line] = keyed.engine.stating.make(ana).lines
    assert line.row()["standing"] == "disputed"
    assert line.row()["disputed_since"] == "2026-12-02T15:00:00Z"
    keyed.clock.move(days=1)
    keyed.record(line.claim.claim_id, "return", note="sent back")
    [line] = keyed.engine.stating.make(ana).lines
    assert line.row()["ended"] == {
        "move": "return",
        "ended_at": "2026-12-03T15:00:00Z",
        "recorded_at": "2026-12-03T15:00:00Z",
        "ledger_entry": 5,
    }
    assert keyed.engine.stating.make(ana).stated.held == 0


# ---- the same answer to everybody -------------------------------------------------------------------

ADDRESSES = {
    "somebody's address": HELD,
    "a stranger's address": "nob@example.org",
    "somebody's handle": "ana.handle",
    "a handle that nobody bears": "nob.handle",
    "a handle without an address": "bo.handle",
}


@contextmanager
def statements_of(room: Room) -> Generator[list[str]]:
    """The SQL that is run meanwhile, without its values."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(room.engine.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(room.engine.engine, "before_cursor_execute", note)


def test_the_answer_does_not_tell_whether_somebody_is_known(keyed: Room, base: str) -> None:
    """Status, body, headers and the statements that are run are the same for all, also beyond the limit."""
    keyed.person("bo")
    for _ in range(MOST_LETTERS + 2):
        keyed.engine.statement_requests.ask(HELD)
    keyed.engine.statement_requests.post()
    told = set[tuple[Any, ...]]()
    for address in ADDRESSES.values():
        with statements_of(keyed) as seen:
            answer = httpx.post(f"{base}/v1/statements/requests", json={"address": address}, timeout=30)
        by_chance = {"date", "x-request-id"}
        headers = sorted((name, value) for name, value in answer.headers.items() if name not in by_chance)
        told.add((answer.status_code, answer.text, str(headers), tuple(seen)))
    assert len(told) == 1
    [(status, body, _, statements)] = told
    assert status == 202
    assert "a link is on its way" in body
    # Not one of them asks about a person: what is not looked up cannot be told by the time it takes.
    assert statements
    assert not any("person" in one or "handle" in one for one in statements)


def test_the_time_does_not_tell_either(keyed: Room) -> None:
    """The middle of many, taken in turn: what differs is less than what one and the same differs by."""
    known, unknown = [HELD, "ana.handle"], ["nob@example.org", "nob.handle"]
    took: dict[str, list[float]] = {"known": [], "again": [], "unknown": []}
    for _ in range(60):
        for name, addresses in (("known", known), ("unknown", unknown), ("again", known)):
            start = time.perf_counter()
            for address in addresses:
                keyed.engine.statement_requests.ask(address)
            took[name].append(time.perf_counter() - start)
    middles = {name: median(times) for name, times in took.items()}
    spread = sorted(took["known"])[45] - sorted(took["known"])[15]
    assert abs(middles["known"] - middles["unknown"]) <= spread + abs(middles["known"] - middles["again"])


def test_over_http_from_the_request_to_the_verified_file(keyed: Room, base: str) -> None:
    asked_for = httpx.post(f"{base}/v1/statements/requests", json={"address": HELD}, timeout=30)
    assert asked_for.status_code == 202
    keyed.engine.statement_requests.post()
    url = f"{base}/v1/statements/{link_of(letters(keyed)[-1])}"
    assert httpx.get(url).json()["used_at"] is None
    page = httpx.get(url, headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<form method="post" action="?format=pdf" data-again>' in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    answer = httpx.post(url, params={"format": "pdf"}, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    found = verify_statement(statement_text(answer.content), key_of(keyed), HELD)
    assert (found.kind, found.lines, found.faults) == ("receipt", 1, ())
    assert httpx.post(url).json()["code"] == "statement.used"
    assert "This link was used." in httpx.get(url, headers={"Accept": "text/html"}).text

    claim = keyed.claim("ana", "key of ana")["claim"]
    headers = {"Idempotency-Key": "by link"}
    for body, status, code in (
        ({"claim": "clm_none", "text": "x"}, 404, "claim.unknown"),
        ({"claim": claim, "text": " "}, 422, "dispute.text"),
    ):
        refused = httpx.post(f"{url}/disputes", json=body, headers={"Idempotency-Key": code})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    made = httpx.post(f"{url}/disputes", json={"claim": claim, "text": "not mine"}, headers=headers)
    assert (made.status_code, made.json()["state"]) == (201, "open"), made.text
    keyed.clock.move(days=1, seconds=1)
    gone = httpx.post(f"{url}/disputes", json={"claim": claim, "text": "x"}, headers=headers)
    assert (gone.status_code, gone.json()["code"]) == (404, "statement.link")
    assert httpx.get(url).status_code == 404
    assert PHONE  # the one campaign


def test_the_chore_posts_the_letters(keyed: Room) -> None:
    keyed.engine.statement_requests.ask(HELD)
    assert keyed.engine.chores.run("statements") == 1
    assert [one.address for one in letters(keyed)] == [HELD]
    assert letters(keyed)[0].expires_at == keyed.clock() + timedelta(hours=24)
