"""Posts over HTTP: staff says what they saw, who has the item is asked to mend what fails, and the brand
hears of it where that did not happen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from perks_engine.domain.disclosing_failures import WORDS, Failure
from perks_engine.services.access import Role
from perks_engine.services.records import Message
from tests.engine_room import BRAND, PHONE, Client, Room
from tests.mail_server import post_office
from tests.pictures import SECRET, from_a_camera, plain
from tests.web.feedback_room import request

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]
URL = "https://example.com/p/1"


@pytest.fixture
def claim(room: Room, client_of: ClientOf) -> str:
    """Of ana, who received a phone and posted about it."""
    room.campaign()
    received = room.received(room.person("ana", email="ana@mail.example", name="Ana"))
    report(client_of("ana"), received, URL)
    return received


def report(client: Client, claim: str, url: str) -> None:
    answer = client.post(f"/v1/claims/{claim}/posts", {"url": url}, f"{url} {claim} {id(object())}")
    assert answer.status_code == 200, answer.text


def posts(staff: Client, **narrowed: str) -> list[dict[str, Any]]:
    answer = staff.get("/v1/posts", **narrowed)
    assert answer.status_code == 200, answer.text
    return answer.json()["posts"]


def judge(staff: Client, post: int, key: str = "1", **seen: Any) -> httpx.Response:
    return staff.post(f"/v1/posts/{post}/judgements", seen, f"{key} {post}")


def fixes(room: Room, person: str = "ana") -> list[Message]:
    with room.engine.store.read() as tx:
        return [one for one in tx.outbox.of_person(person) if one.kind == "disclosure_fix"]


def to_brand(room: Room) -> list[Message]:
    with room.engine.store.read() as tx:
        return [one for one in tx.outbox.to_staff(PHONE) if one.kind == "disclosure_unfixed"]


def escalate(room: Room, **later: float) -> int | None:
    room.clock.move(**later)
    return room.engine.chores.run("fixes")


def test_every_failure_says_what_is_wrong_and_what_mends_it() -> None:
    assert set(WORDS) == set(Failure)
    assert all(str(why) and str(mend) for why, mend in WORDS.values())


def test_from_a_failing_post_to_the_letter_to_the_brand(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    compliance = staff_of(Role.COMPLIANCE)
    [waiting] = posts(compliance, state="waiting")
    assert (waiting["claim"], waiting["url"], waiting["held"], waiting["judgement"]) == (
        claim,
        URL,
        True,
        None,
    )
    post = waiting["post"]
    shot = request(compliance, "POST", f"/v1/posts/{post}/pictures", content=from_a_camera("PNG")).json()
    answer = judge(
        compliance,
        post,
        outcome="fail",
        failures=["after_more", "hashtag_pile", "after_more"],
        note="the ninth of twelve hashtags",
        picture=shot["picture"],
    )
    assert (answer.status_code, answer.json()["fix_asked"]) == (201, True)
    assert judge(compliance, post, outcome="fail", failures=["absent"]).status_code == 409

    [letter] = fixes(room)
    assert letter.purpose == "account"
    assert URL in letter.body_text
    assert '- it comes after "more": say it before anybody has to click' in letter.body_text
    assert "They noted: the ninth of twelve hashtags" in letter.body_text
    assert "until December\N{NO-BREAK SPACE}4, 2026, 15:00 UTC" in letter.body_text
    assert "What you think of it is yours to say" in letter.body_text

    [seen] = posts(staff_of(Role.BRAND_MANAGER), brand=BRAND)
    assert (seen["state"], seen["judgement"]["failures"]) == ("fail", ["after_more", "hashtag_pile"])
    assert seen["remedy"]["open"] is True
    assert seen["remedy"]["due_at"] == "2026-12-04T15:00:00Z"
    [own] = client_of("ana").get(f"/v1/claims/{claim}/posts").json()["posts"]
    assert own == seen
    for client in (client_of("ana"), compliance):
        image = client.get(f"/v1/pictures/{shot['picture']}")
        assert image.headers["content-type"] == "image/png"
        assert SECRET.encode() not in image.content

    assert escalate(room, hours=47) == 0
    assert escalate(room, hours=1) == 1
    assert escalate(room, days=9) == 0
    [told] = to_brand(room)
    assert told.staff_of == BRAND
    assert "ana.handle got Northwind One free" in told.body_text
    assert f"perks posts show {post}" in told.body_text
    assert URL not in told.body_text  # it goes with the person, and this letter does not
    assert posts(compliance)[0]["remedy"]["escalated_at"] == "2026-12-04T15:00:00Z"
    full = compliance.get(f"/v1/posts/{post}").json()
    assert [one["judged_by"].startswith("compliance") for one in full["history"]] == [True]
    assert [one["picture"] for one in full["pictures"]] == [shot["picture"]]


@pytest.mark.parametrize("way", ["said so", "new post", "judged again", "unclear"])
def test_a_fix_closes_it_and_somebody_looks_again(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf, way: str
) -> None:
    compliance, ana = staff_of(Role.COMPLIANCE), client_of("ana")
    [found] = posts(compliance)
    judge(compliance, found["post"], outcome="fail", failures=["absent"])
    room.clock.move(hours=5)
    if way == "said so":
        report(ana, claim, URL)
    elif way == "new post":
        report(ana, claim, "https://example.com/p/2")
    else:
        judge(compliance, found["post"], "2", outcome="pass" if way == "judged again" else "unclear")
    assert escalate(room, days=9) == 0
    assert to_brand(room) == []
    waiting = [one["url"] for one in posts(compliance, state="waiting")]
    expected = {"said so": [URL], "new post": ["https://example.com/p/2"]}
    assert waiting == expected.get(way, [])
    if way == "said so":
        # It still fails: another 48 hours, and then the brand.
        assert posts(compliance)[0]["remedy"]["fixed_at"] == "2026-12-02T20:00:00Z"
        assert judge(compliance, found["post"], "3", outcome="fail", failures=["absent"]).json()["fix_asked"]
        assert len(fixes(room)) == 2
        assert escalate(room, hours=48) == 1


@pytest.mark.parametrize("event", ["return", "void", "dispute"])
def test_nothing_is_sent_to_who_gave_it_back_or_disputes_it(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf, event: str
) -> None:
    compliance = staff_of(Role.COMPLIANCE)
    report(client_of("ana"), claim, "https://example.com/p/2")
    first, second = (one["post"] for one in posts(compliance))
    with post_office() as office:
        more = {"smtp_url": office.url, "mail_from": "Perks <perks@shop.example>"}
        room.engine.settings = room.engine.settings.model_copy(update=more)
        judge(compliance, second, outcome="fail", failures=["absent"])
        if event == "dispute":
            client_of("ana").post(f"/v1/claims/{claim}/disputes", {"text": "not mine"}, "objection")
        else:
            room.record(claim, event, note="it came back")
        assert judge(compliance, first, outcome="fail", failures=["absent"]).json()["fix_asked"] is False
        room.engine.chores.run("messages")
        assert not any("mend how your post" in one for one in office.subjects())
    [queued] = [one for one in room.engine.sending.listed(None, 50) if one["kind"] == "disclosure_fix"]
    assert queued["state"] == "cancelled"
    assert escalate(room, days=9) == 0
    assert [one["held"] for one in posts(compliance)] == [False, False]
    assert posts(compliance)[0]["judgement"]["failures"] == ["absent"]  # it is on record all the same


def test_a_letter_that_waits_is_not_sent_once_it_is_mended(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    compliance = staff_of(Role.COMPLIANCE)
    [found] = posts(compliance)
    judge(compliance, found["post"], outcome="fail", failures=["absent"])
    report(client_of("ana"), claim, URL)
    with post_office() as office:
        more = {"smtp_url": office.url, "mail_from": "Perks <perks@shop.example>"}
        room.engine.settings = room.engine.settings.model_copy(update=more)
        room.engine.chores.run("messages")
    [queued] = [one for one in room.engine.sending.listed(None, 50) if one["kind"] == "disclosure_fix"]
    assert (queued["state"], queued["why"]) == ("cancelled", "nothing is to be mended any more")


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ({"outcome": "fail"}, "judgement.why"),
        ({"outcome": "pass", "failures": ["absent"]}, "judgement.why"),
        ({"outcome": "fail", "failures": ["other"]}, "judgement.note"),
        ({"outcome": "fail", "failures": ["too_negative"]}, "request.invalid"),
        ({"outcome": "yes"}, "request.invalid"),
        ({"outcome": "pass", "note": "x" * 2_001}, "request.invalid"),
        ({"outcome": "pass", "picture": "pic_none"}, "picture.unknown"),
    ],
)
def test_a_judgement_that_says_too_little_is_refused(
    room: Room, claim: str, staff_of: StaffOf, seen: dict[str, Any], code: str
) -> None:
    compliance = staff_of(Role.COMPLIANCE)
    [found] = posts(compliance)
    refused = judge(compliance, found["post"], **seen)
    assert (refused.status_code, refused.json()["code"]) == (404 if "unknown" in code else 422, code)
    assert posts(compliance)[0]["judgement"] is None


def test_a_screenshot_of_another_claim_is_none(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    compliance = staff_of(Role.COMPLIANCE)
    other = room.received(room.person("bo"))
    report(client_of("bo"), other, "https://example.com/bo")
    mine, theirs = (one["post"] for one in posts(compliance))
    shot = request(compliance, "POST", f"/v1/posts/{theirs}/pictures", content=plain()).json()["picture"]
    refused = judge(compliance, mine, outcome="unclear", picture=shot)
    assert (refused.status_code, refused.json()["code"]) == (404, "picture.unknown")
    assert client_of("ana").get(f"/v1/pictures/{shot}").status_code == 404


def test_who_may_look_and_judge(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf, base: str
) -> None:
    [found] = posts(staff_of(Role.COMPLIANCE))
    stranger = Client(base, room.token(Role.BRAND_MANAGER, brands=("another-brand",)))
    assert posts(stranger) == []
    for client in (client_of("ana"), staff_of(Role.FULFILLMENT)):
        assert client.get("/v1/posts").json()["code"] == "access.role"
        assert judge(client, found["post"], outcome="pass").json()["code"] == "access.role"
    assert judge(stranger, found["post"], outcome="pass").json()["code"] == "post.unknown"
    assert stranger.get(f"/v1/posts/{found['post']}").status_code == 404
    assert client_of(room.person("bo")).get(f"/v1/claims/{claim}/posts").status_code == 404
    assert judge(staff_of(Role.BRAND_MANAGER), found["post"], outcome="pass").status_code == 201
    assert posts(staff_of(Role.COMPLIANCE), state="pass")[0]["judgement"]["judged_by"].startswith("brand")


def test_pages_and_states(room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf) -> None:
    for number in (2, 3):
        report(client_of("ana"), claim, f"https://example.com/p/{number}")
    compliance = staff_of(Role.COMPLIANCE)
    first = compliance.get("/v1/posts", limit="2").json()
    assert len(first["posts"]) == 2
    [last] = posts(compliance, limit="2", cursor=str(first["next"]))
    assert last["url"].endswith("/3")
    judge(compliance, last["post"], outcome="unclear")
    assert [one["post"] for one in posts(compliance, state="unclear")] == [last["post"]]
    assert len(posts(compliance, state="waiting")) == 2
    assert compliance.get("/v1/posts", campaign="phone-lunch").json()["code"] == "campaign.unknown"


def test_processes_at_the_same_moment_tell_the_brand_once(room: Room, claim: str, staff_of: StaffOf) -> None:
    [found] = posts(staff_of(Role.COMPLIANCE))
    judge(staff_of(Role.COMPLIANCE), found["post"], outcome="fail", failures=["absent"])
    room.clock.move(hours=48)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: room.engine.recipients.judging.escalate(), range(4)))
    assert (sum(done), len(to_brand(room))) == (1, 1)


def test_judgements_stay_and_notes_and_screenshots_go_with_the_person(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    compliance = staff_of(Role.COMPLIANCE)
    [found] = posts(compliance)
    shot = request(compliance, "POST", f"/v1/posts/{found['post']}/pictures", content=plain()).json()
    judge(
        *(compliance, found["post"]),
        outcome="fail",
        failures=["other"],
        note="Ana Secret hides it",
        picture=shot["picture"],
    )
    for statement in ("UPDATE judgement SET outcome = 'pass'", "DELETE FROM remedy_step"):
        with (
            pytest.raises(DBAPIError, match="append_only"),
            room.engine.engine.begin() as connection,
        ):
            connection.execute(text(statement))
    receipt = request(client_of("ana"), "DELETE", "/v1/record").json()
    gone = {one["what"]: one["count"] for one in receipt["gone"]}
    assert gone["notes of what was seen of your posts"] == 1
    assert gone["pictures that you gave, or that show your posts"] == 1
    assert list((room.folder / "files" / "pictures").iterdir()) == []
    assert posts(compliance) == []
    assert escalate(room, days=3) == 0
    with room.engine.engine.connect() as connection:
        kept = connection.execute(text("SELECT outcome, picture_id FROM judgement")).all()
        assert [tuple(one) for one in kept] == [("fail", shot["picture"])]
        assert connection.execute(text("SELECT count(*) FROM judgement_note")).scalar_one() == 0
