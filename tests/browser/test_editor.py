"""Writing a campaign in the browser: what stands at the lines, what is offered, and what keyboards need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from perks_engine.services.access import Role
from perks_engine.web.pages.assets import assets
from tests.browser.conftest import Town
from tests.browser.desk import at_a_desk, write, written
from tests.browser.looking import PHONE as PHONE_SIZE
from tests.browser.looking import Visit, visiting
from tests.engine_room import PHONE, STAFF

STATIC = Path(__file__).parents[2] / "perks_engine" / "web" / "static"
OFFERED = ".cm-tooltip-autocomplete li"
MARKED = ".cm-lintRange-error"


@pytest.fixture
def mara(town: Town, browser: Browser) -> Iterator[Visit]:
    """With the file of the open campaign before her."""
    with at_a_desk(browser, town.room, town.base, Role.BRAND_MANAGER, "mara") as visit:
        visit.go(f"/console/campaigns/{PHONE}/editor")
        expect(visit.page.get_by_role("textbox", name="The campaign file")).to_be_visible()
        yield visit


def chosen(page: Page) -> str:
    return str(page.evaluate("() => getSelection().toString()"))


def offers(page: Page, *words: str) -> None:
    """These before anything else, and in this order."""
    for number, word in enumerate(words):
        expect(page.locator(OFFERED).nth(number)).to_have_text(re.compile(f"^{word}(needed)?$"))


def rest_on(page: Page, word: Locator) -> None:
    page.mouse.move(0, 0)
    word.hover()


def take(page: Page) -> None:
    """The first of what is offered; a key pressed in the moment in which it appears goes elsewhere."""
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")


def test_faults_stand_at_their_words_and_lead_there_and_are_mended_by_one_press(mara: Visit) -> None:
    page = mara.page
    whole = written(page)
    write(page, whole.replace("at_least: 18", "at_least: 18, '𝄞': 1, at_leest: 2"))
    expect(page.locator("#heard")).to_have_text("Faults: 2")
    page.locator("#check a").last.click()
    assert chosen(page) == "at_leest", "columns count characters"
    expect(page.locator(".cm-lineNumbers .fault")).to_have_text("16")
    wrong = whole.replace("at_least: 18", "at_leest: 18").replace(
        "opted_in: perks\n", "opted_inn: perks\n", 1
    )
    write(page, wrong)
    expect(page.locator("#heard")).to_have_text("Faults: 3")
    expect(page.locator("#check li[data-line]")).to_have_count(3)
    mara.looks("console-editor-fault", has_moved=True)
    page.get_by_role("link", name="line 15").click()
    assert chosen(page) == "opted_inn"
    expect(page.locator("#here")).to_contain_text("unknown condition or attribute 'opted_inn'")
    expect(page.locator(MARKED).first).to_have_text("opted_inn")

    # From fault to fault by a key.
    page.keyboard.press("F8")
    assert chosen(page) == "{"
    page.keyboard.press("F8")
    assert chosen(page) == "at_leest"

    rest_on(page, page.locator(MARKED, has_text="at_leest"))
    page.locator(".cm-diagnosticAction", has_text="at_least").click()
    expect(page.locator("#heard")).to_have_text("Faults: 1")
    rest_on(page, page.locator(MARKED))
    page.locator(".cm-diagnosticAction", has_text="opted_in").click()
    expect(page.locator("#heard")).to_have_text("The file can be read.")
    assert written(page) == whole
    expect(page.locator(".cm-lineNumbers .fault")).to_have_count(0)

    # An example that fails is marked at its name, too.
    write(page, whole.replace("because: location.outside", "because: location.missing", 1))
    page.get_by_role("link", name="where it stands").click()
    assert chosen(page) == "Birmingham, Alabama"
    expect(page.locator(".cm-lintRange-warning")).to_have_text("Birmingham, Alabama")
    expect(page.locator("#here")).to_contain_text("location.missing")
    mara.looks("console-editor-example", has_moved=True)


def test_who_writes_before_the_keys_have_come_is_offered_them_when_they_come(mara: Visit) -> None:
    page = mara.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/editor/keys*", hold)
    page.reload()
    write(page, "campaign: one\nperk:\n  name: a box\n  ")
    page.keyboard.type("k")
    expect(page.locator("#check")).to_contain_text("Faults:")
    assert held
    assert page.locator(OFFERED).count() == 0
    held.pop().continue_()
    offers(page, "kind")


def test_what_may_stand_at_a_place_is_offered_and_explained(mara: Visit) -> None:
    page = mara.page
    write(page, "campaign: one\nperk:\n  name: a box\n  ")
    page.keyboard.type("k")
    offers(page, "kind")
    expect(page.locator(".cm-completionInfo")).to_have_text("what it is")
    take(page)
    offers(page, "item", "bundle", "event")
    page.keyboard.type("ev")
    expect(page.locator(OFFERED)).to_have_count(1)
    take(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Space")
    offers(page, "fair_market_value", "quantity", "per_person", "reservation")
    expect(page.locator("#check")).to_contain_text("Faults:")
    mara.looks("console-editor-offers", has_moved=True)
    page.keyboard.press("Escape")

    page.keyboard.insert_text("quantity: 3\neligibility:\n")
    page.keyboard.type("  all:\n- location: {ins")
    offers(page, "inside")
    take(page)
    offers(page, "areas/nyc_boroughs")
    take(page)
    page.keyboard.type("}\n- ")
    page.keyboard.press("Control+Space")
    offers(page, "all", "any", "not", "at_least", "of", "opted_in", "age")
    expect(page.locator(OFFERED, has_text="verified_creator")).to_have_count(1)
    page.keyboard.press("Escape")
    lines = [
        "campaign: one",
        "perk:",
        "  name: a box",
        "  kind: event",
        "  quantity: 3",
        "eligibility:",
        "  all:",
        "    - location: {inside: areas/nyc_boroughs}",
        "    - ",
    ]
    assert written(page) == "\n".join(lines)

    page.locator(".cm-line", has_text="quantity").locator(".tok-propertyName").hover()
    expect(page.locator(".cm-tooltip-hover")).to_contain_text("perk › quantity how many units there are")
    page.locator(".cm-line", has_text="kind").click()
    expect(page.locator("#here")).to_contain_text("perk › kind")


def test_by_keyboard_alone_the_editor_is_entered_used_and_left(mara: Visit) -> None:
    page = mara.page
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    before = written(page)
    page.keyboard.type("guards:")
    page.keyboard.press("Enter")
    page.keyboard.type("- unknown")
    offers(page, "unknown_share")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save as a version")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert written(page) == before + "guards:\n  - unknown"
    page.keyboard.press("Tab")
    assert written(page).endswith("\n    - unknown"), "a line moves to the right by two"
    page.keyboard.press("Shift+Tab")
    assert written(page).endswith("\n  - unknown")
    for _ in range(9):
        page.keyboard.press("Control+z")
    assert written(page) == before

    page.keyboard.press("Control+f")
    page.keyboard.type("Birmingham")
    page.keyboard.press("Enter")
    expect(page.locator(".cm-searchMatch-selected")).to_have_text("Birmingham")
    mara.looks("console-editor-search", has_moved=True)
    page.keyboard.press("Escape")
    assert chosen(page) == "Birmingham"
    page.keyboard.type("Tuscaloosa, north of Birmingham")
    assert "name: Tuscaloosa, north of Birmingham, Alabama\n" in written(page)
    page.keyboard.press("Control+Home")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.type("x")
    assert written(page).startswith("xtitle:"), "lines are replaced without a style that the policy refuses"


def test_an_answer_to_what_is_no_longer_there_is_dropped(mara: Visit) -> None:
    page = mara.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/console/editor/check", hold)
    whole = written(page)
    with page.expect_request("**/console/editor/check"):
        write(page, whole.replace("quantity: 500", "quantity: many"))
    write(page, whole.replace("campaign: phone", "campaign: PHONE"))
    expect(page.locator("#check li[data-line]")).to_contain_text("PHONE-launch-nyc")
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#check li[data-line]")).to_have_count(1)
    expect(page.locator("#check")).to_contain_text("PHONE-launch-nyc")


def test_a_service_that_is_away_is_said_and_nothing_written_is_lost(town: Town, browser: Browser) -> None:
    with at_a_desk(browser, town.room, town.base, Role.BRAND_MANAGER, "mara", expected=1) as mara:
        mara.go("/console/editor")
        page = mara.page
        page.route("**/console/editor/check", lambda route: route.abort())
        write(page, "campaign: one\n")
        expect(page.locator("#check")).to_contain_text("What you wrote is still here")
        expect(page.get_by_role("status")).to_contain_text("the service did not answer")
        mara.looks("console-editor-away", has_moved=True)
        page.unroute("**/console/editor/check")
        page.keyboard.type("brand: 1")
        expect(page.locator("#check")).to_contain_text("Faults:")
        assert written(page) == "campaign: one\nbrand: 1"


def test_what_is_saved_is_what_stands_there_and_it_wraps_on_a_phone(town: Town, browser: Browser) -> None:
    with at_a_desk(browser, town.room, town.base, Role.BRAND_MANAGER, "mara", expected=1) as mara:
        saves(mara, town)


def saves(mara: Visit, town: Town) -> None:
    page = mara.page
    mara.go(f"/console/campaigns/{PHONE}/editor")
    page.set_viewport_size(PHONE_SIZE)  # pyright: ignore[reportArgumentType]
    expect(page.locator(".cm-lineWrapping")).to_be_visible()
    write(page, written(page).replace("quantity: 500", "quantity: many"))
    mara.press("Save as a version")
    assert "mend" in mara.said()
    expect(page.locator(".cm-line", has_text="quantity: many")).to_have_count(1)
    write(page, "\n" + written(page).replace("quantity: many", "quantity: 501"))
    mara.press("Save as a version")
    mara.sees("The version is loaded")
    [newest, *_] = town.room.engine.console.running.versions(STAFF, PHONE)
    assert newest.source.startswith(b"\n# yaml-language-server"), "its lines are those that were written"
    assert b"quantity: 501\n" in newest.source


def test_without_a_script_it_is_a_text_area(town: Town, browser: Browser) -> None:
    with at_a_desk(
        browser, town.room, town.base, Role.BRAND_MANAGER, "mara", java_script_enabled=False
    ) as mara:
        mara.go("/console/editor")
        area = mara.page.get_by_role("textbox", name="The campaign file")
        area.fill(area.input_value().replace("kind: item", "kind: thing"))
        assert not mara.page.locator("#editor-keys").is_visible()
        mara.press("Check")
        mara.sees("Faults: 1", "line 5")
        assert "kind: thing" in mara.page.get_by_role("textbox").input_value()


def test_the_browser_gets_the_smaller_file_with_the_same_content(town: Town, browser: Browser) -> None:
    with visiting(browser, town.base) as visit:
        answer = visit.page.goto(town.base + assets()["editor.js"].path)
        assert answer is not None
        assert answer.headers["content-encoding"] == "br"
        assert answer.body() == (STATIC / "editor.js").read_bytes()
    assert re.fullmatch(r"/static/editor\.[0-9a-f]{12}\.js", assets()["editor.js"].path)
