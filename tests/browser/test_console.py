"""The console as a brand's staff and compliance work with it, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from perks_engine.services.access import Role
from tests.browser.desk import at_a_desk
from tests.browser.looking import MOST_SHIFT, visiting
from tests.engine_room import ALABAMA, BRAND, PHONE, Client, Room, in_brooklyn, make_room, served
from tests.web.access_world import World, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, cache: Path, migrated_sqlite: Path) -> Iterator[World]:
    """One of everything, and a few people around New York."""
    folder = tmp_path_factory.mktemp("console")
    shutil.copyfile(migrated_sqlite, folder / "perks.db")
    room = make_room(f"sqlite:///{folder / 'perks.db'}", folder, cache)
    with served(room.engine) as base:
        room.engine.settings = room.engine.settings.model_copy(update={"public_url": base})
        yield _peopled(room, base)
    room.engine.close()


def _peopled(room: Room, base: str) -> World:
    found = world(room, base)
    for number in range(12):
        room.person(f"p{number}", in_brooklyn(number * 31), score=f"{{reach: {20 + number * 6}}}")
    room.person("far", ALABAMA)
    room.person("edge", "{device: [40.9126, -73.8371], radius: 3 km}")
    room.person("vague", "{claimed: New York City}")
    for person in ("p11", "far", "edge", "vague", "p1"):
        Client(base, room.token(Role.INFLUENCER, person)).claim(f"of {person}")
    room.load(quantity="450")
    room.engine.campaigning.preview(PHONE, "mara")
    room.engine.sealing.seal()
    return found


def test_compliance_looks_at_everything_it_answers_for(made: World, browser: Browser) -> None:
    ids = made.ids
    with at_a_desk(browser, made.room, made.base, Role.COMPLIANCE, "noor") as noor:
        noor.follow("Disclosure lists")
        noor.sees("ana.handle", "449.00")
        noor.looks("console-list")
        noor.page.emulate_media(media="print")
        assert not noor.page.get_by_role("link", name="CSV").is_visible()
        assert noor.page.get_by_role("rowheader", name="ana.handle").is_visible()
        assert noor.page.locator(".paper-only").inner_text() == BRAND, "of whose list it is"
        noor.page.emulate_media(media="screen")
        noor.follow("ana.handle", exact=False)
        noor.sees("What happened to the unit", "carrier")
        noor.looks("console-recipient")
        for name, path in (
            ("exports", "/console/exports"),
            ("changes", f"/console/exports/{ids['export']}"),
            ("posts", "/console/posts"),
            ("tax", "/console/tax"),
            ("disputes", "/console/disputes"),
            ("dispute", f"/console/disputes/{ids['dispute']}"),
            ("incidents", "/console/incidents"),
            ("incident", f"/console/incidents/{ids['incident']}"),
            ("staff-log", "/console/staff-log"),
            ("erasures", "/console/erasures"),
        ):
            noor.go(path)
            noor.looks(f"console-{name}")
        noor.follow("Ledger and log")
        noor.press("Verify all of it now")
        assert "All of it holds" in noor.said()
        noor.looks("console-log")


def test_a_post_is_judged_by_keyboard(made: World, browser: Browser) -> None:
    with at_a_desk(browser, made.room, made.base, Role.COMPLIANCE, "noor", expected=1) as noor:
        noor.go(f"/console/posts/{made.ids['post']}")
        noor.looks("console-post")
        noor.page.get_by_label("Yes, nobody can miss it").focus()
        noor.page.keyboard.press("ArrowDown")
        noor.press("Record it")
        assert "say where a failing disclosure fails" in noor.said()
        noor.page.get_by_label("it stands in the profile only").check()
        noor.press("Record it")
        assert "Your judgement is on record" in noor.said()


def test_a_brand_writes_looks_and_pauses(made: World, browser: Browser) -> None:
    with at_a_desk(browser, made.room, made.base, Role.BRAND_MANAGER, "mara") as mara:
        mara.looks("console-campaigns")
        mara.follow(PHONE)
        mara.looks("console-campaign")
        mara.follow("Claims, live")
        mara.sees("location.outside", "location.source_not_accepted")
        mara.looks("console-claims")
        mara.go(f"/console/campaigns/{PHONE}")
        mara.press("Compare")
        expect(mara.page.get_by_role("row", name="− went quantity: 500")).to_be_visible()
        mara.sees("Units: 450 in place of 500, 50 fewer.", "Nobody: both ask for the same.")
        mara.looks("console-versions")
        mara.go(f"/console/campaigns/{PHONE}/preview")
        mara.sees("What each condition takes away", "Where they are")
        mara.looks("console-preview")

        mara.go(f"/console/campaigns/{PHONE}/editor")
        expect(mara.page.locator("#check")).to_contain_text("Whom it would reach", timeout=60_000)
        mara.looks("console-editor")

        mara.go(f"/console/campaigns/{PHONE}")
        mara.press("Pause it now")
        mara.sees("The campaign is paused", "no reason is given yet")
        mara.looks("console-campaign-paused")
        mara.press("Undo it")
        mara.sees("The pause is taken back", "the pause was taken back")
        mara.press("Pause it now")
        mara.page.get_by_label("Why it is paused").fill("the street is flooded")
        mara.press("Put it on record")
        mara.sees("The reason is on record", "why it was paused, mara: the street is flooded")
        assert made.room.engine.campaigning.show(PHONE)["paused_because"] == "the street is flooded"
        mara.page.get_by_label("Why it can go on").fill("it is dry again")
        mara.press("Go on")
        mara.sees("The campaign takes claims again")

        room = made.room
        room.clock.move(minutes=1)
        room.load(quantity="450", **{"- age": "{at_least: 40}"})
        mara.go(f"/console/campaigns/{PHONE}")
        mara.sees("is not live yet")
        mara.looks("console-campaign-newer")
        mara.follow("What it would change")
        expect(mara.page.get_by_text("no longer eligible").first).to_be_visible(timeout=60_000)
        expect(mara.page.locator("#people-told")).to_contain_text("no longer eligible:")
        mara.looks("console-versions-people")


def test_claims_are_seen_as_they_come(made: World, browser: Browser) -> None:
    """The page renews itself, in place: without a jump, with one polite sentence, while somebody looks."""
    room, asked = made.room, list[str]()
    with at_a_desk(browser, room, made.base, Role.BRAND_MANAGER, "mara", expected=1) as mara:
        page = mara.page
        page.on("request", lambda one: asked.append(one.url) if "hx-request" in one.headers else None)
        page.clock.install()
        mara.go(f"/console/campaigns/{PHONE}/claims")
        page.evaluate("() => { window.opened = true }")
        outside = page.locator("[data-live] tr", has_text="location.outside").locator("td.n")
        before = int(outside.inner_text())
        Client(made.base, room.token(Role.INFLUENCER, room.person("late", ALABAMA))).claim("of late")
        page.clock.fast_forward(5_000)
        expect(outside).to_have_text(str(before + 1))
        expect(page.locator("#live-told")).to_contain_text("not eligible:")
        assert page.evaluate("() => window.opened")
        assert mara.shift() <= MOST_SHIFT

        with page.expect_response(lambda one: one.status == 304):
            page.clock.fast_forward(5_000)
        for still, again in ((HIDE, SHOW), (PRESS, PRESS)):
            page.evaluate(still)
            seen = len(asked)
            page.clock.fast_forward(60_000)
            assert len(asked) == seen
            with page.expect_response(lambda one: one.status == 304):
                page.evaluate(again)
                page.clock.fast_forward(1)
        page.context.set_offline(True)
        page.clock.fast_forward(5_000)
        expect(page.get_by_text("This cannot be renewed now")).to_be_visible()
        page.context.set_offline(False)
        page.clock.fast_forward(10_000)
        expect(page.get_by_text("This cannot be renewed now")).not_to_be_attached()

        mara.go(f"/console/campaigns/{PHONE}")
        granted = page.locator("[data-live] tr", has_text="granted").locator("td.n")
        before = int(granted.inner_text())
        Client(made.base, room.token(Role.INFLUENCER, "p10")).claim("of p10")
        page.clock.fast_forward(5_000)
        expect(granted).to_have_text(str(before + 1))


HIDE = """() => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = """() => {
  delete document.hidden;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
PRESS = """() => document.getElementById("live-stop").click()"""


def test_a_record_tells_of_promotions_and_of_mistakes(made: World, browser: Browser) -> None:
    """What the console did about Ana, as she sees it."""
    engine = made.room.engine
    with engine.store.write() as tx:
        session = engine.sessions.for_person(tx, "ana")[1]
    with visiting(browser, made.base, session) as ana:
        ana.go("/my/record")
        ana.sees("Promotions that show you", "blog", "Mistakes of ours that concerned you")
        assert "None: nobody has used your name" not in ana.page.content()
        ana.looks("record-full")
        claim = ana.page.locator(".kept dd", has_text=PHONE).first
        assert not claim.is_visible()
        ana.page.emulate_media(media="print")
        assert claim.is_visible(), "on paper a record is whole"


def test_what_is_not_ones_own_is_not_there(made: World, browser: Browser) -> None:
    with at_a_desk(browser, made.room, made.base, Role.BRAND_MANAGER, "mara", expected=1) as mara:
        mara.go("/console/disputes", status=403)
        mara.sees("This is not yours to open")
        mara.looks("console-not-allowed")
