"""Row 3: nobody is shown to have received what they did not, or without their yes; and what is shown is taken
back when either falls away.

In 2012 a site told a person's friends that he had won, with his name and picture. He had neither received it
nor agreed to be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from perks_engine.services.access import Role
from tests.engine_room import BRAND, PHONE, Client, Room, with_log_key
from tests.mail_server import PostOffice, post_office
from tests.web.feedback_room import ready_to_ask
from tests.webhook_receiver import Receiver, receiver_at_work

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]
BLOG = "northwind-blog"


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    """Where the letters arrive."""
    with post_office() as made:
        ready_to_ask(room, smtp_url=made.url, mail_from="Perks <perks@shop.example>")
        yield made


@pytest.fixture
def publisher(room: Room) -> Iterator[Receiver]:
    """The publisher's own receiver of events."""
    with_log_key(room)
    more = {"webhook_networks": (ip_network("127.0.0.0/8"),)}
    room.engine.settings = room.engine.settings.model_copy(update=more)
    with receiver_at_work() as made:
        yield made


def agree(client: Client, channel: str = "site") -> None:
    """Yes to the words on name and likeness that are shown today."""
    found = client.get("/v1/consents").json()["consents"]
    [ask] = [one for one in found if (one["purpose"], one["channel"]) == ("likeness", channel)]
    given = client.put(f"/v1/consents/likeness/{channel}", {"text_sha256": ask["text"]["sha256"]})
    assert given.status_code == 200, given.text


def ask(staff: Client, claim: str, key: str, channel: str = "site", publisher: str = BLOG) -> httpx.Response:
    return staff.post("/v1/promotions", {"claim": claim, "channel": channel, "publisher": publisher}, key)


def codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 403, answer.text
    assert answer.json()["code"] == "promotion.refused"
    return [one["code"] for one in answer.json()["reasons"]]


def tell(room: Room) -> None:
    room.clock.move(seconds=1)
    room.engine.telling.tell()


def test_from_the_first_no_to_the_last_retraction(
    room: Room, publisher: Receiver, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    staff, ana = staff_of(Role.BRAND_MANAGER), client_of(room.person("ana", name="Ana Example"))
    hook = {"brand": BRAND, "url": publisher.url, "events": ["*"], "publisher": BLOG}
    assert staff.post("/v1/webhooks", hook, "hook").status_code == 201
    claim = str(room.claim("ana")["claim"])

    # He had neither received it nor agreed to be used.
    assert codes(ask(staff, claim, "1")) == ["promotion.received", "promotion.consent"]
    agree(ana)
    first = ask(staff, claim, "2")
    assert codes(first) == ["promotion.received"]
    assert first.json()["reasons"][0]["actual"] == "the unit is reserved"
    room.record(claim, "ship")
    assert codes(ask(staff, claim, "3")) == ["promotion.received"], "shipped is not received"
    room.record(claim, "deliver")
    assert codes(ask(staff, claim, "4", "social")) == ["promotion.consent"], "a yes is for one channel"

    made = ask(staff, claim, "5")
    assert made.status_code == 201, made.text
    promotion = made.json()
    assert promotion["text"] == "Ana Example received Northwind One."
    assert promotion["disclosure"] == "Ad: given free of charge by Northwind Phones."
    assert (promotion["state"], promotion["verdict"], promotion["reasons"]) == ("queued", "eligible", [])
    path = f"/v1/promotions/{promotion['promotion']}"
    assert staff.get(f"{path}/text").json()["text"] == promotion["text"]
    place = "https://blog.northwind.example/launch"
    assert staff.post(f"{path}/publication", {"place": place}, "6").json()["state"] == "published"

    # He sees what is shown of him, where, and who was told.
    [own] = ana.get("/v1/my/promotions").json()["promotions"]
    assert (own["text"], own["place"], own["publisher"]) == (promotion["text"], place, BLOG)
    assert [one["publisher"] for one in own["told"]] == [BLOG, BLOG]
    assert {one["text_hash"] for one in own["told"]} == {promotion["text_hash"]}

    room.clock.move(hours=1)
    assert ana.delete("/v1/consents/likeness/site").status_code == 200
    shown = staff.get(path).json()
    assert shown["state"] == "retracted"
    assert [(one["act"], one["cause"]) for one in shown["history"]] == [
        ("queued", "asked"),
        ("published", "reported"),
        ("retracted", "consent"),
    ]
    tell(room)
    assert publisher.types == ["promotion.queued", "promotion.published", "promotion.retracted"]
    retraction = publisher.posts[-1].told["data"]
    assert retraction == {
        "brand": BRAND,
        "campaign": PHONE,
        "claim": claim,
        "promotion": promotion["promotion"],
        "channel": "site",
        "publisher": BLOG,
        "text_hash": promotion["text_hash"],
        "cause": "consent",
        "place": place,
    }
    assert all(b"Ana" not in post.body for post in publisher.posts)
    assert staff.get(f"{path}/text").json()["code"] == "promotion.retracted"
    assert [one["promotion"] for one in staff.get("/v1/promotions", state="retracted").json()["promotions"]]
    assert staff.post(f"{path}/takedown", None, "7").json()["state"] == "taken_down"
    assert staff.get("/v1/promotions", state="retracted").json()["promotions"] == []
    assert codes(ask(staff, claim, "8")) == ["promotion.consent"]


@pytest.mark.parametrize("event", ["return", "void", "dispute"])
def test_a_correction_of_the_ledger_takes_back_what_is_out_and_cancels_what_is_queued(
    room: Room, publisher: Receiver, client_of: ClientOf, staff_of: StaffOf, event: str
) -> None:
    room.campaign()
    staff = staff_of(Role.BRAND_MANAGER)
    hook = {"brand": BRAND, "url": publisher.url, "events": ["promotion.retracted", "promotion.cancelled"]}
    assert staff.post("/v1/webhooks", hook, "hook").status_code == 201
    claims: dict[str, str] = {}
    paths: dict[str, str] = {}
    for person in ("ana", "bo"):
        ana = client_of(room.person(person))
        agree(ana)
        agree(ana, "social")
        claims[person] = room.received(person)
        for channel in ("site", "social"):
            made = ask(staff, claims[person], f"{person} {channel}", channel).json()
            assert made["text"] == f"{person}.handle received Northwind One."
            paths[f"{person} {channel}"] = f"/v1/promotions/{made['promotion']}"
        staff.post(f"{paths[f'{person} site']}/publication", {}, f"out {person}")
    room.clock.move(minutes=5)
    if event == "dispute":
        client_of("ana").post(f"/v1/claims/{claims['ana']}/disputes", {"text": "not my door"}, "d")
    else:
        room.record(claims["ana"], event, note="it came back")
    states = {name: staff.get(path).json()["state"] for name, path in paths.items()}
    assert states == {
        "ana site": "retracted",
        "ana social": "cancelled",
        "bo site": "published",
        "bo social": "queued",
    }
    assert staff.get(paths["ana site"]).json()["history"][-1]["cause"] == event
    tell(room)
    assert sorted(publisher.types) == ["promotion.cancelled", "promotion.retracted"]
    late = staff.post(f"{paths['ana social']}/publication", {}, "late")
    assert (late.status_code, late.json()["code"]) == (409, "promotion.cancelled")
    assert codes(ask(staff, claims["ana"], "again")) == [
        "promotion.undisputed" if event == "dispute" else "promotion.received"
    ]


def test_minors_never_and_nobody_whose_age_is_not_known(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    staff = staff_of(Role.BRAND_MANAGER)
    claims: dict[str, str] = {}
    for person, really in (("kim", "2010-01-01"), ("lee", "2008-12-02")):
        agree(client_of(room.person(person)))
        claims[person] = room.received(person)
        room.clock.move(minutes=1)
        room.person(person, born_on=really)  # they had said that they were older
    refused = ask(staff, claims["kim"], "1")
    assert codes(refused) == ["promotion.age"]
    assert refused.json()["reasons"][0]["actual"] == "not shown", "how old they are is no matter of the brand"
    for told in ("2010", " 16 ", "16 years"):
        assert told not in refused.text
    made = ask(staff, claims["lee"], "2")
    assert made.status_code == 201, "who is 18 on this very day is of age"
    path = f"/v1/promotions/{made.json()['promotion']}"
    staff.post(f"{path}/publication", {}, "3")
    room.clock.move(hours=1)
    room.person("lee", born_on="2009-12-02")
    shown = staff.get(path).json()
    assert (shown["state"], shown["history"][-1]["cause"]) == ("retracted", "age")


def test_an_incident_takes_back_what_rests_on_a_grant_that_was_wrong(
    room: Room, base: str, office: PostOffice, client_of: ClientOf, staff_of: StaffOf
) -> None:
    """Rows 3 and 5: who received it by mistake keeps it, and is not shown to have."""
    room.campaign()
    staff, mara = staff_of(Role.BRAND_MANAGER), staff_of(Role.COMPLIANCE)
    noor = Client(base, room.engine.tokens.issue(Role.COMPLIANCE, "t", (BRAND,), holder="noor")[1])
    agree(client_of(room.person("ana", email="ana@mail.example")))
    claim = room.received("ana")
    path = f"/v1/promotions/{ask(staff, claim, '1').json()['promotion']}"
    staff.post(f"{path}/publication", {}, "2")
    room.clock.move(hours=1)
    opened = mara.post("/v1/incidents", {"wrong": "The places were wrong.", "campaign": PHONE}, "o").json()
    incident = f"/v1/incidents/{opened['incident']}"

    def numbers(shown: dict[str, Any]) -> dict[str, Any]:
        return shown["history"][-1]["numbers"]

    asked = mara.post(f"{incident}/replay", {"distrust": [{"source": "device"}]}, "r")
    replayed = numbers(room.worked_off(mara, asked))
    assert (replayed["decisions"], replayed["not_as_recorded"]) == (1, 0), "a promotion is judged by no rule"
    assert (replayed["kinds"]["promoted_wrongly"], replayed["kinds"]["granted_wrongly"]) == (1, 1)
    planned = numbers(mara.post(f"{incident}/plan", None, "p").json())
    assert (planned["actions"]["retract"], planned["actions"]["keep"]) == (1, 1)
    noor.post(f"{incident}/approval", {"plan": planned["hash"]}, "a")
    applied = room.worked_off(mara, mara.post(f"{incident}/application", None, "x"))
    assert numbers(applied)["actions"]["retract"] == 1
    shown = staff.get(path).json()
    assert (shown["state"], shown["history"][-1]["cause"]) == ("retracted", "incident")
    assert room.engine.chores.run("messages")
    [letter] = office.letters_to("ana@mail.example", "We made a mistake about")
    assert "your name or picture was used, and should not have been" in letter
    assert "What was published of you is taken back." in letter


def test_erasure_takes_back_what_is_shown_and_leaves_no_name(
    room: Room, publisher: Receiver, client_of: ClientOf, staff_of: StaffOf
) -> None:
    """Rows 3 and 9."""
    room.campaign()
    staff, ana = staff_of(Role.BRAND_MANAGER), client_of(room.person("ana", name="Ana Example"))
    hook = {"brand": BRAND, "url": publisher.url, "events": ["promotion.retracted", "person.erased"]}
    assert staff.post("/v1/webhooks", hook, "hook").status_code == 201
    agree(ana)
    claim = room.received("ana")
    assert codes(ask(staff, claim, "0", "social")) == ["promotion.consent"]
    path = f"/v1/promotions/{ask(staff, claim, '1').json()['promotion']}"
    staff.post(f"{path}/publication", {"place": "https://blog.northwind.example/ana"}, "2")
    room.clock.move(hours=1)
    erased = ana.delete("/v1/record")
    assert erased.status_code == 200, erased.text
    [ended] = [one for one in erased.json()["ended"] if "promotions" in one["what"]]
    assert ended["count"] == 1

    shown = staff.get(path).json()
    assert (shown["state"], shown["history"][-1]["cause"]) == ("retracted", "erased")
    assert (shown["text"], shown["place"]) == (None, None)
    tell(room)
    assert sorted(publisher.types) == ["person.erased", "promotion.retracted"]
    assert all(post.told["data"]["claim"] == claim for post in publisher.posts)
    assert all(b"xample" not in post.body.replace(b"northwind.example", b"") for post in publisher.posts)
    with room.engine.engine.connect() as connection:
        for table in ("promotion", "promotion_event", "promotion_told", "brand_event", "decision"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert rows, table
            assert "Ana Example" not in str(rows)
            assert "'ana'" not in str(rows)
    assert staff.post(f"{path}/takedown", None, "3").json()["state"] == "taken_down"


def test_a_name_that_was_wrong_is_not_shown_any_longer(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    """A correction reaches those who were told (GDPR 16, 19)."""
    room.campaign()
    staff, ana = staff_of(Role.BRAND_MANAGER), client_of(room.person("ana", name="Ana Exampel"))
    agree(ana)
    claim = room.received("ana")
    path = f"/v1/promotions/{ask(staff, claim, '1').json()['promotion']}"
    staff.post(f"{path}/publication", {}, "2")
    room.clock.move(minutes=1)
    corrected = ana.patch("/v1/record", {"name": "Ana Example"})
    assert corrected.status_code == 200, corrected.text
    shown = staff.get(path).json()
    assert (shown["state"], shown["history"][-1]["cause"]) == ("retracted", "renamed")
    assert ask(staff, claim, "3").json()["text"] == "Ana Example received Northwind One."
