"""What else the person of `rich_life` leaves behind: a session, a promotion that a publisher is told of, a
judged post, a letter that came late, an incident that was applied, and one that waits with what is known."""

from __future__ import annotations

import re

import httpx
from sqlalchemy import inspect, text

from perks_engine.services.access import ALL_BRANDS, Role
from tests.engine_room import BRAND, NO_AUTHORITIES, Client, Room
from tests.story.rich_life import BOX, EMAIL, MORE, NAME, PERSON, VALUES, Life, good
from tests.web.test_mail_reports import bounce

DEAD = "http://127.0.0.1:9/perks"
"""Nobody answers there, so that what could not be told is kept to be told again."""


NOTHING_IN = {
    *("age_refusal", "retention_count", "geocoder_turn"),  # numbers, of nobody
    *("erasing", "erasure", "suppression", "suppression_key", "dropped_file"),  # come with the erasure
    *("legal_hold", "open_dispute"),  # nothing that is held, or objected to, goes
    *("claim_code", "slot", "feedback_request", "duty_step", "head_delivery"),  # numbers of claims alone
    *("geocoding", "provider_logout"),  # keyed hashes alone
    *("entry_000001", "entry_000002"),  # parts of the ledger that are made ahead
}
"""Tables that this life leaves empty. Another one has to be filled before it is looked through."""


def lived_more(life: Life) -> Life:
    _corrects_her_name(life)
    _signs_in(life)
    _is_promoted(life)
    _is_judged(life)
    _gets_a_letter_late(life)
    _gets_an_apology(life)
    good(life.me.get("/v1/record"))
    life.room.engine.chores.run("messages")
    return life


def _corrects_her_name(life: Life) -> None:
    for name in (MORE["name before"], NAME):
        good(life.me.patch("/v1/record", {"name": name}))


def _signs_in(life: Life) -> None:
    room = life.room
    room.engine.settings = room.engine.settings.model_copy(update={"public_url": life.base})
    with httpx.Client(base_url=life.base, timeout=30, verify=NO_AUTHORITIES) as browser:
        good(browser.post("/v1/sign-in", json={"address": EMAIL}), 202)
        room.engine.signing_in.post()
        room.engine.sending.send()
        body = life.office.letters[-1][1].get_body(("plain",))
        found = re.search(r"/v1/sign-in/links/\S+", str(body.get_content()) if body else "")
        assert found is not None
        good(browser.post(found[0]))


def _is_promoted(life: Life) -> None:
    room = life.room
    brand = Client(life.base, room.token(Role.BRAND_MANAGER))
    good(brand.post("/v1/webhooks", {"brand": BRAND, "url": DEAD, "events": ["*"]}), 201)
    wanted = {"claim": life.phone, "channel": "site", "publisher": "northwind-blog"}
    promotion = good(brand.post("/v1/promotions", wanted), 201)["promotion"]
    good(brand.get(f"/v1/promotions/{promotion}/text"))
    room.engine.chores.run("events")


def _is_judged(life: Life) -> None:
    post = good(life.compliance.get("/v1/posts"))["posts"][0]["post"]
    judged = {"outcome": "fail", "failures": ["bio_only"], "note": MORE["note on the post"]}
    good(life.compliance.post(f"/v1/posts/{post}/judgements", judged), 201)


def _gets_a_letter_late(life: Life) -> None:
    letter = next(one for one in life.room.engine.latest_messages(100) if one.person_id == PERSON)
    raw = bounce(letter.message_id, "delayed", "4.4.7").replace("ana@mail.example", EMAIL)
    good(life.compliance.post("/v1/mail-reports", {"raw": raw}))


def _gets_an_apology(life: Life) -> None:
    room, staff = life.room, life.compliance
    noor = room.engine.tokens.issue(Role.COMPLIANCE, "noor", (ALL_BRANDS,), None, holder="noor")[1]
    incident = good(staff.get("/v1/incidents"))["incidents"][0]["incident"]
    planned = good(staff.get(f"/v1/incidents/{incident}"))["history"][-1]["numbers"]["hash"]
    good(Client(life.base, noor).post(f"/v1/incidents/{incident}/approval", {"plan": planned}))
    room.worked_off(staff, staff.post(f"/v1/incidents/{incident}/application"))
    # Another one waits for a worker, with what should have been known of her.
    other = good(staff.post("/v1/incidents", {"wrong": "the addresses", "campaign": BOX}), 201)["incident"]
    people = (
        f"- id: {PERSON}\n  handle: {VALUES['handle']}\n"
        "  consents: [{purpose: perks, given_at: 2026-11-01T09:00Z, how: form}]\n"
        f'  location: {{claimed: "{MORE["where she really lived"]}"}}\n'
    )
    good(staff.post(f"/v1/incidents/{other}/replay", {"people_file": people}), 202)


def empty_tables(room: Room) -> set[str]:
    """Those that hold nothing: there it would prove nothing that nothing is found."""
    with room.engine.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {
            one
            for one in names
            if connection.execute(text(f'SELECT count(*) FROM "{one}"')).scalar_one() == 0
        }
