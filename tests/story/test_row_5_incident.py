"""Row 5: how it happened, how many it hit and who, and what each of them was told.

The phone campaign of 2012, without the guard that would have paused it: 200 people elsewhere carry the
default point of a geocoder, a verified address in New York, and are granted a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from perks_engine.services.access import Role
from tests.engine_room import BRAND, PHONE, Client, Room
from tests.mail_server import PostOffice, post_office
from tests.story.crowd_of_2012 import crowd_of_2012
from tests.web.feedback_room import ready_to_ask

StaffOf = Callable[[Role], Client]
ClientOf = Callable[[str], Client]
WRONG = "The geocoder answered City Hall, New York, for every address that it did not find."
LOOSE = "[{same_point: {at_most: 500}}]"
RECEIVED, SHIPPED = 3, 20
"""Of the 200 so many had their phone when it was noticed; so many more were on their way."""


def second(room: Room, base: str) -> Client:
    """Another member of compliance staff."""
    return Client(base, room.engine.tokens.issue(Role.COMPLIANCE, "t", (BRAND,), holder="noor")[1])


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def last_numbers(shown: dict[str, Any], act: str) -> dict[str, Any]:
    return [one for one in shown["history"] if one["act"] == act][-1]["numbers"]


def every(staff: Client, path: str, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = "0"
    while True:
        page = ok(staff.get(path, limit="150", cursor=cursor))
        found += page[what]
        if "next" not in page:
            return found
        cursor = str(page["next"])


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    """Where the letters arrive."""
    with post_office() as made:
        ready_to_ask(room, smtp_url=made.url, mail_from="Perks <perks@shop.example>")
        yield made


def sent(room: Room, office: PostOffice) -> None:
    """Everything that waits, and nothing of what came before."""
    office.letters.clear()
    while room.engine.chores.run("messages"):
        pass


@pytest.fixture
def claims(room: Room) -> dict[str, str]:
    """Everybody asked, before anybody noticed; the claims by person."""
    joined = (room.clock() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%MZ")
    crowd = crowd_of_2012(joined)
    room.people(crowd.text)
    room.campaign(guards=LOOSE)
    eager = (*crowd.new_yorkers[:20], *crowd.others[:10], *crowd.defaulted)
    made = {person: str(room.claim(person)["claim"]) for person in eager}
    for person in crowd.defaulted[: RECEIVED + SHIPPED]:
        room.record(made[person], "ship")
    for person in crowd.defaulted[:RECEIVED]:
        room.record(made[person], "deliver")
    return made


def test_the_two_hundred(
    room: Room,
    base: str,
    office: PostOffice,
    claims: dict[str, str],
    client_of: ClientOf,
    staff_of: StaffOf,
) -> None:
    mara, noor = staff_of(Role.COMPLIANCE), second(room, base)
    sent(room, office)
    assert len(office.letters_to("defaulted-199@mail.example", "Northwind One is reserved for you")) == 1
    free = room.engine.campaigning.show(PHONE)["free_units"]
    room.clock.move(hours=2)
    opened = ok(
        mara.post("/v1/incidents", {"wrong": WRONG, "campaign": PHONE, "source": "verified_address"}, "o"),
        201,
    )
    incident = f"/v1/incidents/{opened['incident']}"

    distrust = {"distrust": [{"source": "verified_address"}]}
    asked = mara.post(f"{incident}/replay", distrust, "r")
    assert ok(asked, 202)["state"] == "queued"
    replayed = last_numbers(room.worked_off(mara, asked), "replayed")
    assert (replayed["decisions"], replayed["people"], replayed["not_as_recorded"]) == (200, 200, 0)
    assert replayed["kinds"]["granted_wrongly"] == replayed["kinds"]["told_wrongly"] == 200
    assert {one for one, count in replayed["kinds"].items() if count} == {"granted_wrongly", "told_wrongly"}
    lines = every(mara, f"{incident}/lines", "lines")
    hit = [person for person in claims if person.startswith("defaulted")]
    assert sorted(line["person"] for line in lines) == sorted(hit)
    assert all(line["claim"] == claims[line["person"]] for line in lines)
    assert {(line["was"], line["is"]) for line in lines} == {("eligible", "unknown")}
    assert lines[0]["reasons_then"] == []
    assert lines[0]["reasons_now"][0]["code"].startswith("location.")

    planned = last_numbers(ok(mara.post(f"{incident}/plan", None, "p")), "planned")
    assert (planned["people"], planned["actions"]["void"], planned["actions"]["keep"]) == (200, 197, 3)
    steps = every(mara, f"{incident}/plan", "steps")
    kept = [one for step in steps for one in step["actions"] if one["action"] == "keep"]
    assert len(kept) == RECEIVED
    assert all("stay on the disclosure list" in one["why"] for one in kept)
    assert room.engine.campaigning.show(PHONE)["free_units"] == free, "nothing is done by planning"

    approval = {"plan": planned["hash"]}
    assert refused(mara.post(f"{incident}/approval", approval, "a")) == (403, "incident.second_person")
    assert refused(mara.post(f"{incident}/application", None, "x")) == (409, "incident.not_approved")
    ok(noor.post(f"{incident}/approval", approval, "a"))
    asked = mara.post(f"{incident}/application", None, "y")
    applied = last_numbers(room.worked_off(mara, asked), "applied")
    assert (applied["people"], applied["letters"]) == (200, 200)
    assert refused(mara.post(f"{incident}/application", None, "z")) == (409, "incident.applied")
    assert room.engine.campaigning.show(PHONE)["free_units"] == free + 200 - RECEIVED - SHIPPED
    assert sorted(room.listed()) == sorted(hit[:RECEIVED]), "who received it stays on the list"

    # The letter that each of the 200 gets, and nobody else.
    sent(room, office)
    about = "We made a mistake about The new phone, and its launch night in New York"
    letters = {person: office.letters_to(f"{person}@mail.example", about) for person in claims}
    assert {person for person, theirs in letters.items() if theirs} == set(hit)
    assert office.subjects().count(about) == 200
    for number, person in enumerate(hit):
        [letter] = letters[person]
        assert WRONG in letter
        assert ("yours to keep" in letter) == (number < RECEIVED), person
        assert ("It was taken back" in letter) == (number >= RECEIVED), person

    [own] = ok(client_of(hit[0]).get("/v1/my/incidents"))["incidents"]
    assert own["wrong"] == WRONG
    assert any(own["letter"] in str(one["Message-ID"]) for _, one in office.letters)
    assert own["decisions"][0]["was"] == "eligible"
    assert ok(client_of("new-yorker-0").get("/v1/my/incidents")) == {"incidents": []}
    assert client_of("new-yorker-0").get(f"/v1/my/incidents/{own['incident']}").status_code == 404

    told = mara.get(f"{incident}/report")
    public = ok(told)
    assert (public["how"], public["people"], public["letters"]) == (WRONG, 200, 200)
    assert {one["what"]: one["count"] for one in public["done"]}[
        "items left with those who had received them; they stay on the disclosure list"
    ] == "fewer than 5"
    assert not any(person in told.text or claims[person] in told.text for person in claims)
    whole = ok(mara.get(f"{incident}/report", audience="regulator"))
    assert [one["person"] for one in whole["lines"]] == [f"person {number}" for number in range(1, 201)]
    assert "defaulted-" not in str(whole)
    named = mara.get(f"{incident}/report", audience="regulator", names="true", format="html").text
    assert all(person in named for person in hit)
    mara.token = mara.token | {"Accept-Language": "es"}
    spanish = mara.get(f"{incident}/report", audience="regulator", format="html").text
    for words in ("Informe de incidente", "avisadas de que lo tenían", "persona 200", "concedido por error"):
        assert words in spanish, words
    for english in ("person 200", "Who", "People hit", "granted wrongly", "told that they", "fewer than"):
        assert english not in spanish, english


def test_corrected_evidence_moves_people_both_ways(
    room: Room, base: str, office: PostOffice, client_of: ClientOf, staff_of: StaffOf
) -> None:
    """The file says where they are: who was granted in Alabama, who was refused in Brooklyn."""
    room.campaign(guards=LOOSE)
    point = "{verified_address: {point: [40.7127837, -74.0059413]}, radius: 50 m}"
    far = "{verified_address: {point: [33.5186, -86.8104]}, radius: 50 m}"
    room.person("ana", far, email="ana@mail.example")
    room.person("ben", point, email="ben@mail.example")
    first = {person: str(room.claim(person)["claim"]) for person in ("ana", "ben")}
    room.claim("ana", "again")
    mara, noor = staff_of(Role.COMPLIANCE), second(room, base)
    incident = _opened(mara)
    consents = "consents: [{purpose: perks, given_at: 2026-01-01T00:00Z, how: form}]"
    mailbox = "email: {}@mail.example"
    people = (
        f"- {{id: ana, {mailbox.format('ana')}, {consents}, location: {point}}}\n"
        f"- {{id: ben, {mailbox.format('ben')}, {consents}, location: {far}}}\n"
    )
    asked = mara.post(f"{incident}/replay", {"people_file": people}, "r")
    replayed = last_numbers(room.worked_off(mara, asked), "replayed")
    assert (replayed["lines"], replayed["people"]) == (3, 2)
    assert (replayed["kinds"]["granted_wrongly"], replayed["kinds"]["refused_wrongly"]) == (1, 2)
    # The gate has the last word, on what is on record: so that is corrected, too, before the plan is made.
    planned = last_numbers(ok(mara.post(f"{incident}/plan", None, "p")), "planned")
    assert (planned["actions"]["offer"], planned["actions"]["no_offer"]) == (0, 1)
    room.clock.move(hours=1)
    room.people(people)
    planned = last_numbers(ok(mara.post(f"{incident}/plan", None, "p2")), "planned")
    assert (planned["people"], planned["actions"]["void"], planned["actions"]["offer"]) == (2, 1, 1)
    ok(noor.post(f"{incident}/approval", {"plan": planned["hash"]}, "a"))
    room.worked_off(mara, mara.post(f"{incident}/application", None, "x"))

    claims = ok(client_of("ana").get("/v1/claims"))["claims"]
    assert [one["outcome"] for one in claims] == ["granted", "refused", "refused"]
    assert ok(client_of("ben").get(f"/v1/claims/{first['ben']}"))["where"] == "stock"
    sent(room, office)
    assert len(office.letters_to("ana@mail.example", "What to say when you post about Northwind One")) == 1
    [letter] = office.letters_to("ana@mail.example", "We made a mistake")
    assert "It is yours after all: a unit is reserved until December 4, 2026, 16:00 UTC." in letter
    [letter] = office.letters_to("ben@mail.example", "We made a mistake")
    assert "It was taken back" in letter


def test_who_was_only_told_that_it_is_open_to_them_is_told_that_it_was_not(
    room: Room, base: str, office: PostOffice, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign(guards=LOOSE)
    for person, language in (("ana", "en"), ("luz", "es"), ("zoe", "fr")):
        room.person(person, email=f"{person}@mail.example", speaks=language)
    brand, mara, noor = staff_of(Role.BRAND_MANAGER), staff_of(Role.COMPLIANCE), second(room, base)
    ok(brand.post(f"/v1/campaigns/{PHONE}/offers", key="o"), 202)
    assert room.engine.chores.run("offers") == 3
    incident = _opened(mara)
    asked = mara.post(f"{incident}/replay", {"distrust": [{"source": "device"}]}, "r")
    replayed = last_numbers(room.worked_off(mara, asked), "replayed")
    kinds = {name: count for name, count in replayed["kinds"].items() if count}
    assert (replayed["people"], kinds) == (3, {"told_wrongly": 3})
    with room.engine.store.read() as tx:
        offers = {one.message_id for one in tx.outbox.latest(100) if one.kind == "offer"}
    lines = every(mara, f"{incident}/lines", "lines")
    assert {tuple(one["messages"]) for one in lines} == {(one,) for one in offers}
    planned = last_numbers(ok(mara.post(f"{incident}/plan", None, "p")), "planned")
    assert (planned["people"], planned["actions"]["correct"]) == (3, 3)
    ok(noor.post(f"{incident}/approval", {"plan": planned["hash"]}, "a"))
    room.worked_off(mara, mara.post(f"{incident}/application", None, "x"))
    sent(room, office)
    [hers] = office.letters_to("ana@mail.example", "We made a mistake")
    assert "what we wrote to you about it was wrong" in hers
    [hers] = office.letters_to("luz@mail.example", "Cometimos un error")
    assert "lo que le escribimos al respecto era erróneo" in hers
    [hers] = office.letters_to("zoe@mail.example", "Nous avons fait une erreur")
    assert "ce que nous vous avons écrit à ce sujet était faux" in hers
    # The report for each of them, as a document to keep, and their record, say the same.
    for person, words in (
        (
            "ana",
            ("What went wrong", "what we wrote to you about it was wrong", "It should have been: unknown"),
        ),
        (
            "luz",
            (
                "Qué salió mal",
                "lo que le escribimos al respecto era erróneo",
                "Debería haber sido: no se sabe",
            ),
        ),
        (
            "zoe",
            (
                "Ce qui s’est mal passé",
                "ce que nous vous avons écrit",
                "Cela aurait dû être\N{NO-BREAK SPACE}: on ne sait pas",
            ),
        ),
    ):
        hers = client_of(person)
        [own] = ok(hers.get("/v1/my/incidents"))["incidents"]
        assert words[1] in own["happened"][0]
        report = hers.get(f"/v1/my/incidents/{own['incident']}", format="html")
        assert report.headers["content-type"].startswith("text/html")
        for one in (*words, WRONG):
            assert one in report.text, report.text
        record = hers.get("/v1/record", format="html").text
        assert WRONG in record
        assert words[1] in record


def _opened(staff: Client, **scope: Any) -> str:
    body = {"wrong": WRONG, "campaign": PHONE} | scope
    return f"/v1/incidents/{ok(staff.post('/v1/incidents', body, str(scope)), 201)['incident']}"


def test_a_plan_that_the_ledger_left_behind_is_refused_and_made_anew(
    room: Room, base: str, staff_of: StaffOf
) -> None:
    room.campaign(guards=LOOSE)
    claim = str(room.claim(room.person("ana"))["claim"])
    mara, noor = staff_of(Role.COMPLIANCE), second(room, base)
    incident = _opened(mara)
    assert refused(mara.post(f"{incident}/plan", None, "p0")) == (409, "incident.not_replayed")
    room.worked_off(mara, mara.post(f"{incident}/replay", {"distrust": [{"source": "device"}]}, "r"))
    assert refused(noor.post(f"{incident}/approval", {"plan": "0" * 64}, "a")) == (
        409,
        "incident.not_planned",
    )
    planned = last_numbers(ok(mara.post(f"{incident}/plan", None, "p")), "planned")
    assert refused(noor.post(f"{incident}/approval", {"plan": "0" * 64}, "a")) == (
        409,
        "incident.other_plan",
    )
    room.record(claim, "ship")
    answer = noor.post(f"{incident}/approval", {"plan": planned["hash"]}, "a1")
    assert refused(answer) == (409, "incident.plan_stale")
    assert f"the unit of {claim} is in_transit by entry" in answer.json()["detail"]

    planned = last_numbers(ok(mara.post(f"{incident}/plan", None, "p2")), "planned")
    ok(noor.post(f"{incident}/approval", {"plan": planned["hash"]}, "a2"))
    room.record(claim, "deliver")
    assert refused(mara.post(f"{incident}/application", None, "x")) == (409, "incident.plan_stale")
    assert [one.kind for one in room.engine.latest_messages(100) if one.kind == "incident"] == []
    room.worked_off(mara, mara.post(f"{incident}/replay", {"distrust": [{"source": "device"}]}, "r2"))
    assert refused(mara.post(f"{incident}/application", None, "x2")) == (409, "incident.plan_stale")
    planned = last_numbers(ok(mara.post(f"{incident}/plan", None, "p3")), "planned")
    assert planned["actions"]["keep"] == 1
    assert refused(mara.post(f"{incident}/application", None, "x3")) == (409, "incident.not_approved")
    ok(noor.post(f"{incident}/approval", {"plan": planned["hash"][:8]}, "a3"))
    room.worked_off(mara, mara.post(f"{incident}/application", None, "x4"))
    assert room.listed() == ["ana"]


def test_what_cannot_be_is_refused(room: Room, base: str, staff_of: StaffOf) -> None:
    room.campaign(guards=LOOSE)
    room.claim(room.person("ana"))
    mara = staff_of(Role.COMPLIANCE)
    everywhere = Client(base, room.token(Role.COMPLIANCE, brands=("*",)))
    opening = (
        ({"wrong": " ", "campaign": PHONE}, (422, "incident.words")),
        ({"wrong": WRONG}, (422, "incident.scope")),
        ({"wrong": WRONG, "campaign": "no-such"}, (404, "campaign.unknown")),
        ({"wrong": WRONG, "campaign": PHONE, "version": "0000"}, (404, "campaign.version_unknown")),
        ({"wrong": WRONG, "version": "0000"}, (422, "incident.scope")),
        ({"wrong": WRONG, "source": "register"}, (422, "incident.scope")),
        ({"wrong": WRONG, "source": "device"}, (403, "incident.all_brands")),
        ({"wrong": WRONG, "campaign": PHONE, "until": "2026-01-01T00:00:00Z"}, (404, "incident.empty")),
        (
            {"wrong": WRONG, "since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
            (422, "incident.span"),
        ),
    )
    for number, (body, expected) in enumerate(opening):
        assert refused(mara.post("/v1/incidents", body, f"o{number}")) == expected, body
    manager = staff_of(Role.BRAND_MANAGER)
    assert refused(manager.post("/v1/incidents", {"wrong": WRONG, "campaign": PHONE}, "m")) == (
        403,
        "access.role",
    )
    other = Client(base, room.token(Role.COMPLIANCE, brands=("other",)))
    incident = _opened(mara)
    assert refused(other.get(incident)) == (404, "incident.unknown")
    replays: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "incident.nothing_corrected"),
        ({"distrust": [{"source": "register"}]}, "incident.register"),
        ({"version": "0" * 8}, "campaign.version_unknown"),
        ({"campaign_file": "campaign: [", "people_file": ""}, "file.problems"),
        ({"people_file": "- {id: ana}\n"}, "file.problems"),
    )
    for number, (body, code) in enumerate(replays):
        assert refused(mara.post(f"{incident}/replay", body, f"r{number}"))[1] == code, body
    opened = everywhere.post("/v1/incidents", {"wrong": WRONG, "source": "satellite"}, "s")
    nowhere = f"/v1/incidents/{ok(opened, 201)['incident']}"
    distrust = {"distrust": [{"source": "satellite"}]}
    asked = everywhere.post(f"{nowhere}/replay", distrust, "r")
    assert (asked.status_code, room.engine.chores.run("incidents")) == (202, 0)
    ended = ok(everywhere.get(asked.headers["Location"]))
    assert (ended["state"], ended["error"]["code"]) == ("failed", "incident.nothing_in_scope")
    assert [one["state"] for one in ok(mara.get("/v1/incidents"))["incidents"]] == ["open"]
