"""What is unknown becomes known on the page that says so, in a real browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Town
from tests.browser.looking import visiting
from tests.engine_room import BROOKLYN, PHONE, Room, served

CLAIMED = "{claimed: New York City}"
IN_BROOKLYN: dict[str, Any] = {"latitude": 40.6712, "longitude": -73.9514, "accuracy": 25}


def test_the_device_is_asked_after_a_press_and_the_verdict_changes(town: Town, browser: Browser) -> None:
    town.room.person("gia", CLAIMED)
    allowed: dict[str, Any] = {"geolocation": IN_BROOKLYN, "permissions": ["geolocation"]}
    with visiting(browser, town.base, town.session("gia"), **allowed) as gia:
        gia.go(f"/my/perks/{PHONE}")
        gia.sees("Not known yet", "How it can become known", "My device may tell where it is")
        assert gia.page.locator("[name=lat]").input_value() == ""
        gia.press("I agree: share where I am")
        gia.page.wait_for_url("**/my/perks/*?done=located")
        assert gia.said() == "Your location is on record, and counts from now on."
        gia.sees("Open to you", "Claim it")
        gia.looks("perk-located")
        gia.go("/my/evidence")
        gia.sees("40.671, -73.951, to within 62 m", "From: your device")
        gia.looks("evidence")
        gia.press("Share where I am")
        gia.page.wait_for_url("**/my/evidence?done=located")


def test_where_the_browser_does_not_allow_it_nothing_is_sent(town: Town, browser: Browser) -> None:
    town.room.person("hal", CLAIMED)
    with visiting(browser, town.base, town.session("hal"), permissions=[]) as hal:
        hal.go(f"/my/perks/{PHONE}")
        hal.press("I agree: share where I am")
        told = hal.page.locator("form[data-locate] .told")
        expect(told).to_contain_text("Your browser did not allow it, so nothing was shared.")
        hal.looks("perk-not-allowed")
        assert [one["purpose"] for one in town.room.engine.consents.of("hal")["history"]] == ["perks"]


def test_without_a_script_another_way_is_shown(town: Town, browser: Browser) -> None:
    town.room.person("ivo", CLAIMED, born_on="", topics="")
    with visiting(browser, town.base, town.session("ivo"), java_script_enabled=False) as ivo:
        ivo.go(f"/my/perks/{PHONE}")
        ivo.sees(
            "Your browser runs no scripts here", "have your postal address verified", "perks@shop.example"
        )
        assert not ivo.page.get_by_role("button", name="I agree: share where I am").is_visible()
        ivo.page.get_by_label("Your birth date").fill("1991-05-02")
        ivo.press("This is my birth date")
        assert ivo.said() == "Your birth date is on record."
        ivo.page.get_by_label("technology").check()
        ivo.page.locator("form", has_text="topics").get_by_role("button", name="Save").click()
        assert ivo.said() == "It is on record."
        assert "topics" not in ivo.page.locator("section", has_text="How it can become known").inner_text()


def test_all_that_one_can_say_by_the_keyboard(town: Town, browser: Browser) -> None:
    town.room.person("jun", BROOKLYN, born_on="", speaks="fr")
    with visiting(browser, town.base, town.session("jun"), expected=1) as jun:
        jun.go("/my/evidence")
        jun.sees("Ce que l’on sait de vous")
        jun.page.get_by_label("Votre date de naissance").focus()
        jun.page.keyboard.type("05021850")
        jun.page.keyboard.press("Enter")
        jun.page.wait_for_url("**/birth-date")
        assert jun.said() == "Cela ne peut pas être une date de naissance."
        jun.looks("evidence-wrong")
        jun.page.get_by_label("mobile").focus()
        jun.page.keyboard.press("Space")
        jun.page.keyboard.press("Enter")
        jun.page.wait_for_url("**/my/evidence?done=said")
        assert jun.page.get_by_label("mobile").is_checked()


def test_from_unknown_to_a_receipt_on_postgresql(postgres_room: Room, browser: Browser) -> None:
    """The pages that write, on the other database."""
    room = postgres_room
    room.campaign()
    room.person("kai", CLAIMED, born_on="")
    allowed: dict[str, Any] = {"geolocation": IN_BROOKLYN, "permissions": ["geolocation"]}
    with served(room.engine) as base:
        room.engine.settings = room.engine.settings.model_copy(update={"public_url": base})
        with room.engine.store.write() as tx:
            session = room.engine.sessions.for_person(tx, "kai")[1]
        with visiting(browser, base, session, **allowed) as kai:
            kai.go(f"/my/perks/{PHONE}")
            kai.press("I agree: share where I am")
            kai.page.wait_for_url("**?done=located")
            kai.page.get_by_label("Your birth date").fill("1991-05-02")
            kai.press("This is my birth date")
            kai.follow("Claim it")
            kai.page.get_by_label("I have read what I have to disclose").check()
            kai.press("Claim it")
            assert "It is yours" in kai.said()
            claim = kai.page.url.rpartition("/")[2].partition("?")[0]
            kai.press("I have read it, and will disclose")
            room.record(claim, "ship")
            kai.page.reload()
            kai.press("Yes, I received it")
            assert "It is on record that you have it" in kai.said()
            assert room.listed() == ["kai"]
            kai.go("/my/consents")
            kai.page.locator("section", has_text="Feedback").get_by_role("switch").press("Space")
            assert kai.said() == "Thank you, that is on record."
            kai.page.get_by_role("switch", name="Feedback").wait_for()
            assert kai.page.get_by_role("switch", name="Feedback").get_attribute("aria-checked") == "true"
            kai.go("/my/leave")
            kai.page.get_by_label("I am sure").check()
            kai.press("Erase my record")
            kai.sees("Your record is erased", "Kept under a pseudonym")
