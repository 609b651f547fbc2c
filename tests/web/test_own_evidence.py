"""What is unknown of somebody becomes known by what they show and say on their own page; the verdict changes
with it."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

import httpx
import pytest

from perks_engine.services.access import Role
from perks_engine.services.keeping_records import Hold
from tests.engine_room import BROOKLYN, PHONE, Client, Room, sample, served
from tests.web.test_pages import signed_in, word_in

HERE = {"lat": "40.6782", "lon": "-73.9442", "accuracy": "20"}
CLAIMED = "{claimed: New York City}"
WINDOW = "{opens: 2026-12-01T09:00Z, closes: 2027-01-31T09:00Z}"


@contextmanager
def at_the_portal(room: Room, person: str) -> Generator[httpx.Client]:
    with served(room.engine) as base:
        room.engine.settings = room.engine.settings.model_copy(
            update={"public_url": base, "mail_from": "Our Perks <perks@shop.example>"}
        )
        with signed_in(room, base, person) as browser:
            yield browser


def send(browser: httpx.Client, what: str, **fields: str | list[str]) -> httpx.Response:
    """The form of the page of evidence."""
    page = browser.get("/my/evidence")
    assert page.status_code == 200, page.text
    words = re.findall(r'name="words" value="(\w+)"', page.text)
    agreed = {"words": words[0]} if words and what == "location" else {}
    return browser.post(f"/my/evidence/{what}", data={"csrf": word_in(page), **agreed, **fields})


def verdict(browser: httpx.Client, campaign: str = PHONE) -> str:
    page = browser.get(f"/my/perks/{campaign}").text
    found = re.search(r"(Open to you|Not known yet|Not open to you)", page)
    assert found is not None, page
    return found[1]


def evidence(room: Room, person: str, attribute: str) -> list[tuple[str, object]]:
    with room.engine.store.read() as tx:
        return [(one.source, one.value) for one in tx.people.evidence(person) if one.attribute == attribute]


def test_a_shared_location_decides_at_once_and_only_with_a_consent(room: Room) -> None:
    room.campaign()
    room.person("cyd", CLAIMED)
    with at_the_portal(room, "cyd") as cyd:
        assert verdict(cyd) == "Not known yet"
        page = cyd.get(f"/my/perks/{PHONE}")
        assert "geolocation=(self)" in page.headers["permissions-policy"]
        assert "My device may tell where it is" in page.text
        refused = cyd.post("/my/evidence/location", data={"csrf": word_in(page), **HERE})
        assert refused.status_code == 422
        assert "You have not agreed to it that your device tells where it is." in refused.text
        assert verdict(cyd) == "Not known yet"

        # Where the form stood on the page of a perk, that page is next.
        done = send(cyd, "location", **HERE, **{"for": PHONE})
        assert done.headers["location"] == f"/my/perks/{PHONE}?done=located"
        assert verdict(cyd) == "Open to you"
        acts = room.engine.consents.of("cyd")["history"]
        assert [(one["purpose"], one["given"]) for one in acts] == [("perks", True), ("location", True)]

        # Agreed once, it is not asked again; and a later place takes the place of the earlier.
        assert send(cyd, "location", lat="33.5186", lon="-86.8104", accuracy="20").status_code == 303
        assert verdict(cyd) == "Not open to you"
        assert len([one for one in evidence(room, "cyd", "location") if one[0] == "device"]) == 1

        assert "geolocation=()" in cyd.get("/my/claims").headers["permissions-policy"]


def test_who_takes_the_consent_back_has_no_location_of_their_device_on_record(room: Room) -> None:
    room.campaign()
    room.person("cyd", CLAIMED)
    with at_the_portal(room, "cyd") as cyd:
        send(cyd, "location", **HERE)
        claim = room.claim("cyd")
        assert claim["outcome"] == "granted"
        page = cyd.get("/my/consents")
        cyd.post("/my/consents/location/device/withdrawal", data={"csrf": word_in(page)})
        assert [source for source, _ in evidence(room, "cyd", "location")] == ["claimed"]
        # The decision keeps what it was made on.
        assert claim["claim"] in cyd.get("/my/claims").text
        with room.engine.store.read() as tx:
            decision = tx.claims.decision(claim["decision"])
        assert decision is not None
        assert "device" in {one.source for one in decision.evidence if one.attribute == "location"}


@pytest.mark.parametrize(
    "fix",
    [
        {"lat": "", "lon": "", "accuracy": ""},
        {"lat": "0", "lon": "0", "accuracy": "20"},
        {"lat": "91", "lon": "0", "accuracy": "20"},
        {"lat": "40.6782", "lon": "-73.9442", "accuracy": "0"},
        {"lat": "40.6782", "lon": "-73.9442", "accuracy": "inf"},
        {"lat": "nan", "lon": "-73.9442", "accuracy": "20"},
        {"lat": "40.6782", "lon": "-73.9442", "accuracy": "900000"},
    ],
)
def test_what_can_be_no_place_is_not_recorded_and_agrees_to_nothing(
    sqlite_room: Room, fix: dict[str, str]
) -> None:
    sqlite_room.person("cyd", CLAIMED, speaks="es")
    with at_the_portal(sqlite_room, "cyd") as cyd:
        refused = send(cyd, "location", **fix)
    assert refused.status_code == 422
    assert "Su dispositivo no pudo decir dónde está." in refused.text
    assert [source for source, _ in evidence(sqlite_room, "cyd", "location")] == ["claimed"]
    assert [one["purpose"] for one in sqlite_room.engine.consents.of("cyd")["history"]] == ["perks"]


def test_a_birth_date_is_confirmed_once(room: Room) -> None:
    room.campaign()
    room.person("cyd", BROOKLYN, born_on="")
    with at_the_portal(room, "cyd") as cyd:
        assert verdict(cyd) == "Not known yet"
        for wrong in ("", "1990-02-31", "1850-01-01", "2030-01-01", "yesterday"):
            refused = send(cyd, "birth-date", born_on=wrong)
            assert refused.status_code == 422, wrong
            assert "This can be no birth date." in refused.text
        assert send(cyd, "birth-date", born_on="2009-05-01").status_code == 303
        assert verdict(cyd) == "Not open to you"
        page = cyd.get("/my/evidence")
        assert "May\u00a01, 2009" in page.text
        assert 'name="born_on"' not in page.text
        # Who is too young does not try another day.
        again = send(cyd, "birth-date", born_on="1990-05-01")
        assert again.status_code == 422
        assert "A birth date is on record." in again.text
        assert verdict(cyd) == "Not open to you"


def test_of_a_child_nothing_is_kept_but_that_one_was_refused(sqlite_room: Room) -> None:
    sqlite_room.person("kid", BROOKLYN, born_on="")
    with at_the_portal(sqlite_room, "kid") as kid:
        refused = send(kid, "birth-date", born_on="2014-01-01")
        assert refused.status_code == 422
        assert "Nobody below 13 is kept on record" in refused.text
        assert 'href="/my/leave"' in refused.text
        assert "2014" not in kid.get("/my/record").text
    assert evidence(sqlite_room, "kid", "born_on") == []
    assert [one.people for one in sqlite_room.engine.people.refused_for_age()] == [1]


def test_what_people_say_of_themselves(room: Room) -> None:
    room.campaign()
    room.person("cyd", BROOKLYN, topics="")
    with at_the_portal(room, "cyd") as cyd:
        page = cyd.get(f"/my/perks/{PHONE}").text
        assert "What you say of yourself: topics" in page
        assert send(cyd, "words/topics", word=["food"], more="Street  Art, coffee").status_code == 303
        assert verdict(cyd) == "Not known yet"  # followers would do as well, and nobody knows how many
        assert evidence(room, "cyd", "topics") == [("profile", frozenset({"food", "street_art", "coffee"}))]
        assert send(cyd, "words/topics", word=["technology"]).status_code == 303
        assert verdict(cyd) == "Open to you"
        # A box that is not ticked any more is not said any more.
        assert send(cyd, "words/topics").status_code == 303
        assert evidence(room, "cyd", "topics") == []
        assert send(cyd, "words/topics", more="<b>").status_code == 422
        assert send(cyd, "words/language", more="klingon").status_code == 422
        # Nobody says of themselves what others have to have seen.
        for other in ("score", "followers", "blocked_by", "creator_tier", "nothing"):
            assert send(cyd, f"words/{other}", word=["90"]).status_code == 404, other


def test_a_country_counts_where_a_rule_takes_ones_word_for_it(sqlite_room: Room) -> None:
    room = sqlite_room
    box = "sample-box-us"
    said = "{country: US, accept: [verified_address, claimed]}"
    head = sample(
        box, guards="[{unknown_share: {at_most: 50%, over: 1h}}]", **{"- location": said, "window": WINDOW}
    )
    examples = "examples:\n  - {name: nobody, person: {opted_in: [perks]}, verdict: unknown}\n"
    text = head.partition("examples:")[0] + examples
    rules = room.engine.rules
    room.engine.campaigning.load(rules.loadable(rules.reader.read(text.encode(), "box.yaml")), "mara")
    room.opened(box)
    room.person("cyd", "", score="{reach: 42}")
    with at_the_portal(room, "cyd") as cyd:
        page = cyd.get(f"/my/perks/{box}").text
        assert "The country that you live in" in page
        assert "data-locate" not in page  # a device would not count
        assert "perks@shop.example" in page
        assert send(cyd, "country", country="Narnia").status_code == 422
        assert send(cyd, "country", country="US").status_code == 303
        assert verdict(cyd, box) == "Open to you"


def test_under_a_legal_hold_nothing_goes_that_was_there(sqlite_room: Room) -> None:
    room = sqlite_room
    room.person("cyd", BROOKLYN)
    now = room.clock()
    with room.engine.store.write() as tx:
        tx.keeping.add_hold(Hold("hld_1", "cyd", "a court asked", "noor", now))
    room.clock.move(hours=1)
    with at_the_portal(room, "cyd") as cyd:
        assert send(cyd, "location", lat="33.5186", lon="-86.8104", accuracy="20").status_code == 303
    assert len(evidence(room, "cyd", "location")) == 2


def test_an_app_shows_and_says_the_same_through_the_api(room: Room, base: str) -> None:
    room.campaign()
    room.person("cyd", CLAIMED, born_on="", topics="")
    cyd = Client(base, room.token(Role.INFLUENCER, "cyd"))
    here = {"lat": 40.6782, "lon": -73.9442, "accuracy_m": 20}

    def outcome() -> str:
        return cyd.get(f"/v1/perks/{PHONE}").json()["verdict"]

    assert outcome() == "unknown"
    seen = cyd.get("/v1/evidence").json()
    assert [one["source"] for one in seen["locations"]] == ["claimed"]
    assert "born_on" not in seen
    refused = cyd.put("/v1/evidence/location", here)
    assert (refused.status_code, refused.json()["code"]) == (409, "evidence.no_consent")
    shown = seen["consent"]["text"]["sha256"]
    shared = cyd.put("/v1/evidence/location", {**here, "text_sha256": shown})
    assert shared.status_code == 200, shared.text
    assert shared.json()["consent"]["state"] == "given"
    assert {one["source"] for one in shared.json()["locations"]} == {"device", "claimed"}
    assert cyd.put("/v1/evidence/location", here).status_code == 200, "agreed once, it is not asked again"

    assert (
        cyd.put("/v1/evidence/birth-date", {"born_on": "2014-01-01"}).json()["code"] == "evidence.too_young"
    )
    born = cyd.put("/v1/evidence/birth-date", {"born_on": "1990-04-01"})
    assert born.json()["born_on"]["value"] == "1990-04-01"
    again = cyd.put("/v1/evidence/birth-date", {"born_on": "1991-04-01"})
    assert (again.status_code, again.json()["code"]) == (409, "evidence.known")

    said = cyd.put("/v1/evidence/words/topics", {"words": ["technology"]}).json()["words"]
    assert next(one["said"] for one in said if one["attribute"] == "topics") == ["technology"]
    assert outcome() == "eligible"
    assert cyd.put("/v1/evidence/words/topics", {"words": []}).status_code == 200
    assert outcome() == "unknown"
    assert cyd.put("/v1/evidence/country", {"country": "US"}).status_code == 200
    wrong = {
        "location": {"lat": 91, "lon": 0, "accuracy_m": 20},
        "country": {"country": "XX"},
        "birth-date": {"born_on": "yesterday"},
        "words/topics": {"words": ["<b>"]},
    }
    assert {path: cyd.put(f"/v1/evidence/{path}", body).status_code for path, body in wrong.items()} == (
        dict.fromkeys(wrong, 422)
    )
    assert cyd.put("/v1/evidence/location", here | {"lon": False}).status_code == 422
    assert cyd.put("/v1/evidence/words/score", {"words": ["90"]}).json()["code"] == "evidence.not_own"
    brand = Client(base, room.token(Role.BRAND_MANAGER))
    assert brand.get("/v1/evidence").status_code == 403
