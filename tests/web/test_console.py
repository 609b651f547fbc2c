"""The console: each page for each role and about somebody else's; and what staff does there, as forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.web.page_rules import PAGE_RULES
from tests.engine_room import (
    ALABAMA,
    BRAND,
    BROOKLYN,
    PHONE,
    Client,
    Room,
    make_room,
)
from tests.web.access_world import MISSING, World, world
from tests.web.console_room import desk, sent, served_here

PAGES = [name[4:] for name in PAGE_RULES if name.startswith("GET /console/")]
EVERYWHERE = (ALL_BRANDS,)
MOST_BYTES = 150_000
"""That a page may weigh, as the tests in a browser measure it."""
FIRST = dict.fromkeys(Role, "/console/campaigns") | {Role.FULFILLMENT: "/console/fulfillment"}


@pytest.fixture
def room(sqlite_room: Room) -> Room:
    """Pages are the same on each database: that what they ask of it can be asked of both is seen once."""
    return sqlite_room


@pytest.fixture
def room_on_each(database_url: str, tmp_path: Path, cache: Path) -> Iterator[Room]:
    made = make_room(database_url, tmp_path, cache)
    yield made
    made.engine.close()


@pytest.fixture
def base(room: Room) -> Iterator[str]:
    with served_here(room) as url:
        yield url


def about(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda one: ids.get(one[1], "pse_nobody"), path)


def test_each_page_is_shown_to_its_roles_and_what_is_of_others_is_not_there(room_on_each: Room) -> None:
    with served_here(room_on_each) as base:
        made = world(room_on_each, base)
        _others_brand(room_on_each)
        _walk(room_on_each, base, made)


def _walk(room: Room, base: str, made: World) -> None:
    for role in (one for one in Role if one is not Role.INFLUENCER):
        with (
            desk(room, base, role, brands=EVERYWHERE) as own,
            desk(room, base, role, brands=("other-brand",)) as stranger,
        ):
            first = own.get("/console", follow_redirects=True)
            assert (first.status_code, first.url.path) == (200, FIRST[role])
            for path in PAGES:
                told = (role, path)
                may = role in PAGE_RULES[f"GET {path}"].roles()
                seen = own.get(about(path, made.ids))
                missing = "pse_nobody" in about(path, made.ids)
                assert seen.status_code == (404 if may and missing else 200 if may else 403), told
                if may:
                    assert "unsafe" not in seen.headers["content-security-policy"]
                    nothing = own.get(about(path, MISSING))
                    elsewhere = stranger.get(about(path, made.ids))
                    assert nothing.status_code == (404 if "{" in path else 200), told
                    is_all = path.startswith("/console/erasures")
                    assert elsewhere.status_code == (403 if is_all else 404 if "{" in path else 200), told
                    if elsewhere.status_code == 200:
                        named = set(re.findall(r"[\w.-]+", elsewhere.text))
                        assert not {PHONE, BRAND, "ana.handle"} & named, told


def _others_brand(room: Room) -> None:
    """A brand whose staff is a stranger to everything else."""
    room.load("sample-box-us", campaign="their-box", brand="other-brand")


def test_a_list_names_who_received_and_its_export_stays_on_record(room: Room, base: str) -> None:
    made = world(room, base)
    with desk(room, base, Role.COMPLIANCE) as browser:
        page = browser.get("/console/lists", params={"brand": BRAND})
        assert "ana.handle" in page.text
        assert "449.00" in page.text
        [link] = re.findall(r'href="(/v1/disclosures\?[^"]*format=csv)"', page.text)
        taken = browser.get(link.replace("&amp;", "&"))
        assert (taken.status_code, taken.text.count("ana.handle")) == (200, 1)
        exports = browser.get("/console/exports", params={"brand": BRAND})
        assert taken.headers["X-Perks-Export"] in exports.text
        again = browser.get("/console/lists", params={"brand": BRAND})
        assert f'href="/console/exports/{taken.headers["X-Perks-Export"]}">What changed since' in again.text
        nothing = browser.get(f"/console/exports/{taken.headers['X-Perks-Export']}")
        assert "Nothing changed" in nothing.text
        before = browser.get("/console/lists", params={"brand": BRAND, "as_of": "2020-01-01"})
        assert before.status_code == 422
        assert "before anything was on record" in before.text
        for field, wrong in (("as_of", "soon"), ("received_from", "31.12.2026")):
            refused = browser.get("/console/lists", params={"brand": BRAND, field: wrong})
            assert (refused.status_code, "is no day" in refused.text) == (422, True)
        unknown = browser.get("/console/lists", params={"brand": BRAND, "campaign": "no-such"})
        assert unknown.status_code == 404
    assert made.ids["claim"] in page.text


def test_a_dispute_is_settled_and_the_change_is_told(room: Room, base: str) -> None:
    made = world(room, base)
    path = f"/console/disputes/{made.ids['dispute']}"
    export = made.ids["export"]
    with desk(room, base, Role.COMPLIANCE, "noor") as browser:
        assert "it was empty" in browser.get("/console/disputes").text
        unsaid = sent(browser, path, f"{path}/settlement", outcome="upheld", reason=" ")
        assert unsaid.status_code == 422
        assert "there are no words" in unsaid.text
        undecided = sent(browser, path, f"{path}/settlement", reason="I looked at the scale")
        assert (undecided.status_code, "I looked at the scale" in undecided.text) == (422, True)
        room.clock.move(hours=1)
        settled = sent(
            browser, path, f"{path}/settlement", outcome="upheld", correction="void", reason="it was empty"
        )
        assert settled.status_code == 200
        assert "It is settled" in settled.text
        assert "No dispute is open" in browser.get("/console/disputes").text
        changes = browser.get(f"/console/exports/{export}")
        assert "removed" in changes.text
        assert "ana.handle" in changes.text
        again = browser.get(f"/console/recipients/{made.ids['claim']}")
        assert "upheld" in again.text


def test_a_post_is_judged_with_reasons(room: Room, base: str) -> None:
    made = world(room, base)
    path = f"/console/posts/{made.ids['post']}"
    with desk(room, base, Role.COMPLIANCE, "noor") as browser:
        assert "https://insta.example/p/1" in browser.get("/console/posts").text
        unsaid = sent(browser, path, f"{path}/judgement", outcome="fail")
        assert (unsaid.status_code, "say where a failing disclosure fails" in unsaid.text) == (422, True)
        done = sent(
            browser,
            path,
            f"{path}/judgement",
            outcome="fail",
            failures=["bio_only", "after_more"],
            note="look",
        )
        assert "Your judgement is on record" in done.text
        assert "https://insta.example/p/1" not in browser.get("/console/posts").text
        assert "https://insta.example/p/1" in browser.get("/console/posts", params={"state": "fail"}).text
        file = browser.get(f"/console/recipients/{made.ids['claim']}").text
        assert "it stands in the profile only" in file
        assert browser.get("/console/posts", params={"state": "lost"}).status_code == 422


def test_an_incident_goes_from_opening_to_letters_with_a_second_person(room: Room, base: str) -> None:
    room.campaign()
    room.received(room.person("ana", BROOKLYN))
    room.clock.move(hours=1)
    with (
        desk(room, base, Role.COMPLIANCE, "mara") as mara,
        desk(room, base, Role.COMPLIANCE, "noor") as noor,
    ):
        page = "/console/incidents"
        empty = sent(
            mara, page, page, wrong="The places were wrong.", campaign=PHONE, since="2030-01-01T00:00"
        )
        assert (empty.status_code, "nobody can have been hit" in empty.text) == (422, True)
        opened = sent(mara, page, page, wrong="The places were wrong.", campaign=PHONE)
        path = opened.url.path
        assert "The places were wrong." in opened.text
        asked = sent(mara, path, f"{path}/replay", distrust="device")
        assert "It goes on by itself" in asked.text
        assert f'action="{path}/replay"' not in asked.text
        part = {"HX-Request": "true"}
        assert "0 of 1" in mara.get(path, headers=part).text
        stopped = sent(noor, path, f"{path}/cancellation")
        assert "noor cancelled it when 0 of 1 decisions were judged" in stopped.text
        assert f'action="{path}/cancellation"' not in stopped.text
        assert "It has ended" in mara.get(path, headers=part).text
        assert room.engine.chores.run("incidents") == 0
        sent(mara, path, f"{path}/replay", distrust="device")
        room.engine.chores.run("incidents")
        replayed = mara.get(path).text
        assert "ana" in replayed
        assert "cancelled it" not in replayed
        sent(mara, path, f"{path}/plan")
        own = mara.get(path).text
        assert "so somebody else who sees to incidents has to approve it" in own
        assert f'action="{path}/approval"' not in own
        [word] = set(re.findall(r'name="csrf" value="([^"]+)"', own))
        assert mara.post(f"{path}/approval", data={"csrf": word, "key": "k", "plan": ""}).status_code == 403
        sent(noor, path, f"{path}/approval")
        sent(noor, path, f"{path}/application")
        stopped = sent(mara, path, f"{path}/cancellation")
        assert "mara cancelled it when 0 of 1 people were dealt with" in stopped.text
        sent(noor, path, f"{path}/application")
        room.engine.chores.run("incidents")
        applied = noor.get(path)
        timeline = re.findall(r'<li class="done">(.*?)</li>', applied.text, re.DOTALL)
        assert [re.sub(r":.*", "", one, flags=re.DOTALL).strip() for one in timeline] == [
            *("opened", "replayed", "planned", "approved", "applied")
        ]
        assert "2026" in timeline[0]
    letters = [one.kind for one in room.engine.latest_messages(10)]
    assert "incident" in letters


def test_the_log_is_verified_and_staff_stands_in_theirs(room: Room, base: str) -> None:
    world(room, base)
    room.clock.move(minutes=10)
    room.engine.sealing.seal()
    with (
        desk(room, base, Role.COMPLIANCE, "noor", EVERYWHERE) as everywhere,
        desk(room, base, Role.COMPLIANCE, "noor") as of_a_brand,
    ):
        page = sent(everywhere, "/console/log", "/console/log")
        assert "All of it holds" in page.text
        log = everywhere.get("/console/staff-log").text
        assert "POST /v1/incidents/{incident}/approval" in log
        assert "Look through the whole log, against the ledger, the tree and the heads<" in log
        assert "POST /console/log" in log, "what is done on pages stands in it, too"
        [incident] = set(re.findall(r'href="(/console/incidents/inc_[^"]+)"', log))
        assert everywhere.get(incident).status_code == 200
        only = everywhere.get("/console/staff-log", params={"by": "noor", "about": "nothing"}).text
        assert "Nothing was done yet" in only
        assert everywhere.get("/console/staff-log", params={"cursor": "x"}).status_code == 422
        ours = of_a_brand.get("/console/staff-log").text
        assert "POST /v1/incidents/{incident}/approval" in ours
        assert "/v1/people/" not in ours

        # The page is the API's list, line for line.
        client = Client(base, room.token(Role.COMPLIANCE, brands=EVERYWHERE))
        listed = client.get("/v1/staff-actions", limit="50").json()["actions"]
        log = everywhere.get("/console/staff-log").text
        shown = re.findall(r'<code class="soft">([^<]+)</code></td>', log)
        assert shown[0] == "GET /v1/staff-actions"
        assert shown[1:] == [one["route"] for one in listed][: len(shown) - 1]


def test_an_erasure_leaves_a_receipt_that_names_nobody(room: Room, base: str) -> None:
    room.campaign()
    room.received(room.person("ana", BROOKLYN, name="Ana Example"))
    room.engine.records.erasing.erase_own("ana")
    with desk(room, base, Role.COMPLIANCE, "noor", EVERYWHERE) as browser:
        listed = browser.get("/console/erasures").text
        [pseudonym] = set(re.findall(r'href="/console/erasures/([^"]+)"', listed))
        receipt = browser.get(f"/console/erasures/{pseudonym}").text
    assert "What became of what" in receipt
    assert "Ana Example" not in receipt + listed


def _many_that_fail(browser: httpx.Client, source: str) -> None:
    """Of 24 examples that fail as many are told as one mends at a time: the page stays within its budget,
    with all that it loads, and looked at once more."""
    before, _, _ = source.partition("examples:\n")
    failing = (f"  - name: fails {number}\n    person: {{}}\n    verdict: eligible\n" for number in range(24))
    given = {"csrf": _word(browser.get("/console/editor"))}
    given["source"] = f"{before}examples:\n{''.join(failing)}"
    page = browser.post("/console/editor/check", data=given)
    assert (page.text.count("data-example="), "Others that fail: 12." in page.text) == (12, True)
    loads = {*re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text), "/console/editor/keys"}
    packed = {"Accept-Encoding": "br, gzip"}
    answers = [page, *(browser.get(path, headers=packed) for path in sorted(loads))]
    answers.append(browser.post("/console/editor/check", data=given, headers={"HX-Request": "true"}))
    weights = [(one.url.path, one.num_bytes_downloaded) for one in answers]
    assert sum(weight for _, weight in weights) < MOST_BYTES, weights


def test_a_campaign_is_written_approved_by_another_opened_paused_and_resumed(room: Room, base: str) -> None:
    room.person("ana", BROOKLYN)
    room.person("ben", ALABAMA)
    with (
        desk(room, base, Role.BRAND_MANAGER, "mara") as mara,
        desk(room, base, Role.BRAND_MANAGER, "noor") as noor,
    ):
        blank = mara.get("/console/editor")
        source = _source_in(blank).replace("a-name", "spring-box").replace("your-brand", BRAND)
        source = source.replace("2027-03-01T09:00Z", "2026-12-01T09:00Z")
        broken = source.replace("at_least: 18", "at_leest: 18")
        part = {"HX-Request": "true"}
        given = {"csrf": _word(blank), "source": broken}
        checked = mara.post("/console/editor/check", data=given, headers=part)
        assert 'data-line="13"' in checked.text
        assert "did you mean" in checked.text
        _many_that_fail(mara, source)
        refused = sent(mara, "/console/editor", "/console/editor", source=broken)
        assert (refused.status_code, "at_leest" in refused.text) == (422, True)
        given = {"csrf": _word(blank), "source": source}
        checked = mara.post("/console/editor/check", data=given)
        assert "Examples that pass: 3 of 3" in checked.text
        assert "What each condition takes away" in checked.text
        assert "<html" in checked.text
        foreseen = mara.post("/console/editor/preview", data=given, headers=part)
        assert "What each condition takes away" in foreseen.text
        assert "<html" not in foreseen.text
        loaded = sent(mara, "/console/editor", "/console/editor", source=source)
        path = loaded.url.path
        assert path == "/console/campaigns/spring-box"
        assert "Nobody has seen whom it would reach" in loaded.text
        assert "Preview seen by mara" in sent(mara, path, f"{path}/acts/preview").text
        own = mara.post(f"{path}/acts/approve", data={"csrf": _word(mara.get(path))})
        assert (own.status_code, "somebody else of the brand has to approve it" in own.text) == (422, True)
        assert "You approved this version" in sent(noor, path, f"{path}/acts/approve").text
        assert "The campaign is open" in sent(mara, path, f"{path}/acts/open").text
        # One click, without a reason; who clicked wrongly takes it back, and nobody else does.
        assert "no reason is given yet" in sent(noor, path, f"{path}/acts/pause").text
        other = mara.post(f"{path}/acts/undo", data={"csrf": _word(mara.get(path))})
        assert other.status_code == 409
        assert "only who paused spring-box can take that back" in other.text
        assert "the campaign goes on" in sent(noor, path, f"{path}/acts/undo").text
        paused = sent(noor, path, f"{path}/acts/pause")
        assert "no reason is given yet" in paused.text
        why = sent(noor, path, f"{path}/acts/explain", why=" ")
        assert (why.status_code, "say why" in why.text) == (422, True)
        told = sent(mara, path, f"{path}/acts/explain", why="the box leaks")
        assert "<strong>the box leaks</strong>" in told.text
        room.clock.move(minutes=11)
        assert "acts/undo" not in noor.get(path).text
        late = noor.post(f"{path}/acts/undo", data={"csrf": _word(noor.get(path))})
        assert (late.status_code, "only for 10 minutes" in late.text) == (409, True)
        refused_claim = Client(base, room.token(Role.INFLUENCER, "ana")).claim("k", "spring-box")
        assert refused_claim.status_code == 409
        assert "takes claims again" in sent(mara, path, f"{path}/acts/resume", why="another box").text
        assert Client(base, room.token(Role.INFLUENCER, "ana")).claim("k2", "spring-box").status_code == 201
        assert "The campaign is closed" in sent(mara, path, f"{path}/acts/close", why="done").text
        acts = "opened|paused|why it was paused|resumed|closed"
        history = re.findall(rf"({acts}), (\w+)", mara.get(path).text)
        assert history == [
            ("opened", "mara"),
            ("paused", "noor"),
            ("resumed", "noor"),
            ("paused", "noor"),
            ("why it was paused", "mara"),
            ("resumed", "mara"),
            ("closed", "mara"),
        ]


def test_claims_are_told_by_reason_and_by_what_is_not_known(room: Room, base: str) -> None:
    room.campaign()
    for person, changes in (("ana", {}), ("ben", {"location": ALABAMA}), ("cleo", {"born_on": ""})):
        room.person(person, **changes)
        for key in ("one", "two"):
            Client(base, room.token(Role.INFLUENCER, person)).claim(f"{person}-{key}")
    with desk(room, base, Role.BRAND_MANAGER) as browser:
        page = browser.get(f"/console/campaigns/{PHONE}/claims")
        part = browser.get(f"/console/campaigns/{PHONE}/claims", headers={"HX-Request": "true"})
        tag = {"HX-Request": "true", "If-None-Match": part.headers["etag"]}
        same = browser.get(f"/console/campaigns/{PHONE}/claims", headers=tag)
        assert (same.status_code, same.content) == (304, b"")
        head = browser.get(f"/console/campaigns/{PHONE}?seen=draft", headers={"HX-Request": "true"})
    assert "<html" in page.text
    assert "<html" not in part.text + head.text
    assert "load it anew" in head.text
    rows = re.findall(r"<code[^>]*>([\w.]+)</code></td><td class=\"n\"[^>]*>(\d+)</td>", part.text)
    assert ("location.outside", "1") in rows
    assert ("born_on.missing", "1") in rows
    assert not {"ana", "ben", "cleo"} & set(re.findall(r"\w+", part.text))


def test_a_brand_saves_no_file_of_another(room: Room, base: str) -> None:
    with desk(room, base, Role.BRAND_MANAGER) as browser:
        source = _source_in(browser.get("/console/editor"))
        theirs = re.sub(r"brand: \S+", "brand: other-brand", source)
        refused = sent(browser, "/console/editor", "/console/editor", source=theirs)
    assert refused.status_code == 422
    assert "which your account does not reach" in refused.text
    assert room.engine.campaigning.list() == []


def _source_in(page: httpx.Response) -> str:
    text = re.findall(r"<textarea id=\"source\"[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)[0]
    return str(text)


def _word(page: httpx.Response) -> str:
    return re.findall(r'name="csrf" value="(\w+)"', page.text)[0]
