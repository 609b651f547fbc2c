"""The portal by the keyboard alone: no mouse, and no script that would press a button."""

from __future__ import annotations

import json

from playwright.sync_api import Browser

from tests.browser.conftest import Town
from tests.browser.looking import Visit, visiting
from tests.engine_room import PHONE, in_brooklyn


def test_by_the_keyboard_alone(town: Town, browser: Browser) -> None:
    """From the list to a claim and its first words, without a mouse; the skip link comes first."""
    town.room.person("kim", in_brooklyn(3))
    with visiting(browser, town.base, town.session("kim")) as kim:
        kim.go("/my")
        keys = kim.page.keyboard
        keys.press("Tab")
        assert focused(kim) == "Skip to what the page is about"
        keys.press("Enter")
        tab_to(kim, "The new phone, and its launch night in New York")
        keys.press("Enter")
        kim.page.wait_for_url(f"**/my/perks/{PHONE}")
        tab_to(kim, "Claim it")
        keys.press("Enter")
        kim.page.wait_for_url("**/claim")
        tab_to(kim, "understood")
        keys.press("Space")
        tab_to(kim, "Claim it")
        keys.press("Enter")
        kim.page.wait_for_url("**/my/claims/*")
        # What was just done has the focus, so that it is read out.
        assert "It is yours" in focused(kim)
        tab_to(kim, "I have read it, and will disclose")
        keys.press("Enter")
        kim.page.wait_for_url("**done=acknowledged**")
        [claim] = town.room.engine.own_claims.of_campaign("kim", PHONE)
        town.room.record(claim["claim"], "ship", "deliver")
        agree_by_hand(town, "kim")
        kim.go(f"/my/claims/{claim['claim']}/feedback")
        tab_to(kim, "rating")
        keys.press("ArrowRight")
        keys.press("ArrowRight")
        assert kim.page.get_by_label("2 of 5").is_checked()
        keys.press("ArrowLeft")
        keys.press("ArrowLeft")
        assert kim.page.get_by_label("no rating").is_checked()


def test_objecting_correcting_and_leaving_by_the_keyboard(town: Town, browser: Browser) -> None:
    town.room.person("lou", in_brooklyn(7), email="lou@mail.example", name="Lou")
    claim = town.room.received("lou")
    with visiting(browser, town.base, town.session("lou")) as lou:
        keys, page = lou.page.keyboard, lou.page
        lou.go(f"/my/claims/{claim}")
        tab_to(lou, "Object to what is recorded")
        keys.press("Enter")
        tab_to(lou, "text")
        keys.type("It is not my door.")
        tab_to(lou, "Object to the record")
        keys.press("Enter")
        page.wait_for_url("**/my/disputes/*")
        assert "Your objection is on record" in focused(lou)
        tab_to(lou, "file")
        tab_to(lou, "I do not object any more")
        keys.press("Enter")
        page.wait_for_url("**done=withdrawn")
        assert "It is taken back" in focused(lou)

        lou.go("/my/record")
        tab_to(lou, "Your name, handle, address, language and time zone")
        keys.press("Enter")
        tab_to(lou, "name")
        keys.press("Control+A")
        keys.type("Lou Example")
        tab_to(lou, "speaks")
        tab_to(lou, "time_zone")
        keys.press("Enter")
        page.wait_for_url("**done=corrected")
        assert focused(lou) == "It is corrected."

        lou.go("/my/consents")
        tab_to(lou, "on", 90)
        keys.press("Space")
        page.wait_for_url("**done=**")

        lou.go("/my/record")
        tab_to(lou, "Erase my record", 120)
        keys.press("Enter")
        page.wait_for_url("**/my/leave")
        tab_to(lou, "sure")
        keys.press("Space")
        tab_to(lou, "Erase my record")
        keys.press("Enter")
        page.get_by_role("heading", name="Your record is erased").wait_for()
    assert "lou" not in json.dumps(town.room.listed())


def agree_by_hand(town: Town, person: str) -> None:
    """Kim has no mailbox: staff wrote it down when they came in."""
    town.room.people(
        f"- id: {person}\n  handle: {person}.handle\n"
        "  consents: [{purpose: feedback, given_at: 2026-12-01T00:00Z, how: test form}]\n"
    )


def focused(visit: Visit) -> str:
    return str(
        visit.page.evaluate("() => document.activeElement.name || document.activeElement.innerText || ''")
    ).strip()


def tab_to(visit: Visit, name: str, most: int = 60) -> None:
    for _ in range(most):
        visit.page.keyboard.press("Tab")
        if focused(visit) == name:
            return
    raise AssertionError(f"{name!r} is not reached by the keyboard on {visit.page.url}")
