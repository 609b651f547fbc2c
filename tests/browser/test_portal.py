"""The portal as people live through it, in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from perks_engine.domain.statements import Subject, SubjectKind
from perks_engine.exports.proof_files import proved_chunks
from perks_engine.exports.statement_files import statement_json
from perks_engine.services.consents import own_word
from perks_engine.services.feedback import Own
from perks_engine.services.list_records import Chosen
from tests.browser.conftest import Town
from tests.browser.looking import Visit, visiting
from tests.engine_room import ALABAMA, BRAND, PHONE, STAFF, in_brooklyn
from tests.pictures import from_a_camera

CLAIMED = "{claimed: New York City}"


def agree(town: Town, person: str, purpose: str, channel: str = "email") -> None:
    engine = town.room.engine
    asked = engine.consents.of(person)["consents"]
    text = next(one for one in asked if (one["purpose"], one["channel"]) == (purpose, channel))["text"]
    engine.consents.give(own_word(person, "a test"), purpose, channel, text["sha256"])
    engine.sending.send()
    for _, letter in reversed(town.office.letters):
        body = letter.get_body(("plain",))
        found = re.search(r"/v1/consent-links/(\S+)", body.get_content() if body else "")
        if found:
            engine.consents.confirm(found[1], "a test")
            return


def link_in_the_last_letter(town: Town, path: str) -> str:
    town.room.engine.sending.send()
    body = town.office.letters[-1][1].get_body(("plain",))
    assert body is not None
    found = re.search(rf"{re.escape(town.base)}({path}/\S+)", body.get_content())
    assert found is not None, body.get_content()
    return found[1]


def test_from_the_letter_to_the_post(town: Town, browser: Browser) -> None:
    """Ana in Brooklyn signs in by a letter, claims, receives, discloses, rates, and has her statement."""
    room = town.room
    room.person("ana", in_brooklyn(1), email="ana@mail.example", name="Ana")
    agree(town, "ana", "feedback")
    with visiting(browser, town.base) as ana:
        ana.go("/")
        ana.looks("first")
        ana.follow("Sign in")
        ana.looks("sign-in")
        ana.page.get_by_label("E-mail address").fill("ana@mail.example")
        ana.press("Send me a link")
        assert "a letter with a link is on its way" in ana.said()
        room.engine.signing_in.post()
        ana.go(link_in_the_last_letter(town, "/v1/sign-in/links"))
        ana.press("Sign in")
        ana.sees("Your perks", "Open to you")
        ana.looks("perks-open")

        ana.follow("The new phone, and its launch night in New York")
        ana.looks("perk-open")
        ana.follow("Claim it")
        ana.sees("$449.00", "You receive something for free.", "A tag among many", "northwind-phones")
        ana.looks("claim-ahead")
        ana.page.get_by_label("I have read what I have to disclose").check()
        ana.press("Claim it")
        assert "It is yours" in ana.said()
        claim = ana.page.url.rpartition("/")[2].partition("?")[0]

        ana.press("I have read it, and will disclose")
        ana.sees("You have read it")
        room.record(claim, "ship")
        ana.page.reload()
        ana.sees("On its way", "Do you have it?")
        ana.looks("claim-on-its-way")
        ana.press("Yes, I received it")
        assert "It is on record that you have it" in ana.said()
        assert room.listed() == ["ana"]

        ana.page.get_by_label("The address of your post").fill("https://social.example/ana/1")
        ana.press("Tell us about your post")
        ana.sees("https://social.example/ana/1", "not looked at yet")
        ana.looks("claim-received")

        ana.follow("Rate it, or say what you think")
        ana.page.get_by_label("4 of 5").check()
        ana.page.get_by_label("What you think, if you like").fill("It rings.")
        ana.press("Save")
        assert ana.said() == "Thank you, that is kept."
        ana.page.set_input_files(
            "#picture", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": from_a_camera()}
        )
        expect(ana.page.locator("#preview img")).to_be_visible()
        ana.press("Add it")
        expect(ana.page.get_by_alt_text("picture 1")).to_be_visible()
        ana.looks("feedback")
        ana.page.get_by_label("no rating").check()
        ana.press("Save")
        assert room.engine.recipients.feedback.show(Own("ana", claim))["rating"] is None

        ana.follow("Record")
        with ana.page.expect_download() as download:
            ana.press("Statement as a PDF")
        pdf = download.value.path().read_bytes()
        assert pdf.startswith(b"%PDF-")
        ana.looks("record")
        verified(ana, "statement.pdf", pdf)
        ana.looks("verified")


def given(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def verified(visit: Visit, name: str, data: bytes) -> None:
    """By the browser itself, and by the server."""
    visit.go("/verify")
    visit.page.set_input_files(
        "#document", {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    expect(visit.page.locator("#here[data-checked=yes]")).to_be_visible()
    visit.press("Verify it")
    assert "holds: signed by this log" in visit.said()


NOBODY_SIGNED = "It has something in it that nobody signed."


def found_by_the_browser(visit: Visit, text: str, fault: str) -> None:
    visit.page.set_input_files("#document", given("other.json", text.encode()))
    expect(visit.page.locator("#here[data-checked=no]")).to_contain_text(fault)


def test_refused_and_told_why(town: Town, browser: Browser) -> None:
    """Ben in Alabama understands why not; of Cyd, who only says New York, it is not known."""
    town.room.person("ben", ALABAMA)
    town.room.person("cyd", CLAIMED)
    with visiting(browser, town.base, town.session("ben")) as ben:
        ben.go("/my")
        ben.sees("Not open to you", "outside New York City (the five boroughs)")
        ben.looks("perks-refused")
        ben.follow("The new phone, and its launch night in New York")
        ben.sees("Why not", "1,358\N{NO-BREAK SPACE}km from its edge", "From: your device", "would do.")
        assert ben.page.get_by_role("link", name="Claim it").count() == 0
        ben.sees("What is known of you", "A person will look at it.")
        ben.looks("perk-refused")
        refused = town.room.claim("ben")
        ben.go(f"/my/claims/{refused['claim']}")
        ben.sees("Refused", "Why not", "outside New York City", "perks@shop.example")
        ben.looks("claim-refused")
        # The second step leads back where the first is not open, whoever types its address.
        ben.go(f"/my/perks/{PHONE}/claim")
        assert ben.page.url.endswith(f"/my/perks/{PHONE}")
    with visiting(browser, town.base, town.session("cyd")) as cyd:
        cyd.go(f"/my/perks/{PHONE}")
        cyd.sees("Not known yet", "only their own word", "How it can become known")
        cyd.looks("perk-unknown")
        cyd.sees("My device may tell where it is")
        cyd.press("Español")
        cyd.sees("Mi dispositivo puede indicar dónde está")


def test_objecting_consenting_and_leaving(town: Town, browser: Browser) -> None:
    town.room.person("dara", in_brooklyn(2), email="dara@mail.example", name="Dara")
    claim = town.room.received("dara")
    with visiting(browser, town.base, town.session("dara"), expected=2) as dara:
        dara.go("/my/disputes")
        dara.looks("disputes-none")
        dara.go(f"/my/claims/{claim}")
        dara.page.get_by_text("Object to what is recorded").click()
        dara.page.get_by_label("What is not so").fill("It is not my door.")
        dara.press("Object to the record")
        assert "Your objection is on record" in dara.said()
        dara.page.set_input_files("#f-file", given("door.txt", b"The door is green."))
        dara.press("Add it")
        dara.sees("door.txt")
        dara.page.set_input_files("#f-file", given("x.exe", b"MZ\x00\x01"))
        dara.press("Add it")
        assert "The file was not taken." in dara.said()
        dara.looks("dispute")
        dara.follow("Your disputes")
        dara.looks("disputes")
        dara.follow("Claims")
        dara.looks("claims")

        dara.follow("Consents")
        dara.page.locator("section", has_text="Moments").get_by_role("switch").click()
        assert "A letter is on its way" in dara.said()
        dara.page.locator("section", has_text="Moments").get_by_role("switch").click()
        assert dara.said() == "It has ended, from this moment on."
        dara.looks("consents")

        dara.go("/my/record")
        dara.page.get_by_text("Your name, handle, address, language and time zone").click()
        dara.page.get_by_label("Time zone").fill("Mars/Olympus")
        dara.press("Save")
        assert "It was not corrected." in dara.said()
        dara.looks("record-wrong")
        dara.page.get_by_label("Time zone").fill("America/New_York")
        dara.press("Save")
        assert dara.said() == "It is corrected."

        dara.follow("Erase my record")
        dara.looks("leave")
        dara.page.get_by_label("I am sure").check()
        dara.press("Erase my record")
        dara.sees("Your record is erased", "Kept under a pseudonym")
        dara.looks("left")
        dara.go("/my")
        assert dara.page.url.endswith("/sign-in")
    assert "dara" not in json.dumps(town.room.listed())


def test_without_a_script(town: Town, browser: Browser) -> None:
    """All of the claim works where no script runs; two clicks are one claim by the key of the page."""
    town.room.person("noa", in_brooklyn(4), speaks="es")
    with visiting(browser, town.base, town.session("noa"), java_script_enabled=False) as noa:
        noa.go(f"/my/perks/{PHONE}/claim")
        key = noa.page.locator("input[name=key]").get_attribute("value")
        noa.page.get_by_label("He leído lo que tengo que divulgar").check()
        noa.press("Solicitarla")
        noa.sees("Es suya.")
        noa.press("Français")
        noa.sees("Réservé pour vous", "Comment le signaler")
        again = town.room.engine.claiming.claim("noa", PHONE, f"portal {key}")
        assert again["claim"] in noa.page.url


@pytest.mark.parametrize("how", ["a value", "a line", "the head"])
def test_a_document_that_was_changed_does_not_hold(
    town: Town, browser: Browser, tmp_path: Path, how: str
) -> None:
    """The browser finds it, and so does the server."""
    person = town.room.person(f"zoe{how.replace(' ', '')}", in_brooklyn(5 + len(how)))
    town.room.received(person)
    whole = statement_json(town.room.engine.stating.make(Subject(SubjectKind.PERSON, person)))
    data = json.loads(whole)
    if how == "a value":
        data["lines"][0]["fair_market_value"] = "1.00"
    elif how == "a line":
        data["lines"] = []
    else:
        data["head"] = data["head"].replace("\ntime 2026", "\ntime 2025")
    with visiting(browser, town.base) as visit:
        verified(visit, "statement.json", whole.encode())
        visit.page.set_input_files(
            "#document",
            {"name": "changed.json", "mimeType": "application/json", "buffer": json.dumps(data).encode()},
        )
        expect(visit.page.locator("#here[data-checked=no]")).to_be_visible()
        visit.press("Verify it")
        assert "changed.json does not hold." in visit.said()
        if how == "a value":
            visit.looks("verified-not")
            for name, value in (
                ("says", "No receipt is recorded."),
                ("subject", {"value": "bo"}),
                ("held", 0),
            ):
                other = json.loads(whole)
                other[name] = other[name] | value if isinstance(value, dict) else value
                told = "The signature is one over another document" if name == "says" else NOBODY_SIGNED
                found_by_the_browser(visit, json.dumps(other), told)


def test_a_list_with_proofs_is_checked_by_the_browser(town: Town, browser: Browser) -> None:
    town.room.received(town.room.person("lia", in_brooklyn(40)))
    with town.room.engine.proving.proved(STAFF, Chosen(BRAND)) as proved:
        text = "".join(proved_chunks(proved))
    with visiting(browser, town.base) as visit:
        verified(visit, "list.json", text.encode())
        data = json.loads(text)
        del data["lines"][0]["proof"]["salts"]["person"]
        found_by_the_browser(visit, json.dumps(data), "The signature is one over another document")
        found_by_the_browser(visit, text.replace('"item":', '"item": "A pen", "item":', 1), NOBODY_SIGNED)
        found_by_the_browser(visit, json.dumps(json.loads(text) | {"note": "void"}), NOBODY_SIGNED)


def test_a_head_of_the_log_is_checked_by_the_browser(town: Town, browser: Browser) -> None:
    town.room.received(town.room.person("max", in_brooklyn(41)))
    town.room.engine.sealing.seal()
    note = town.room.engine.sealing.heads(1)[0].note
    with visiting(browser, town.base) as visit:
        visit.go("/verify")
        for data, holds in ((note, True), (note.replace("time 2026", "time 2025"), False)):
            visit.page.set_input_files("#document", given("head.txt", data.encode()))
            checked = "yes" if holds else "no"
            expect(visit.page.locator(f"#here[data-checked={checked}]")).to_be_visible()
            visit.press("Verify it")
            wanted = "head.txt holds: this log signed it." if holds else "head.txt does not hold."
            assert wanted in visit.said()


def test_what_is_no_document_is_told_in_the_readers_language(town: Town, browser: Browser) -> None:
    with visiting(browser, town.base, locale="fr-FR", expected=1) as visit:
        visit.go("/verify")
        visit.page.set_input_files("#document", given("note.txt", b"A shopping list."))
        here = visit.page.locator("#here[data-checked=no]")
        expect(here).to_contain_text("Ce n’est pas un document de ce moteur, ou il est incomplet.")
        visit.page.get_by_role("button", name="Le vérifier").click()
        expect(visit.page.locator("[role=alert]")).to_be_visible()


def test_a_statement_without_an_account(town: Town, browser: Browser) -> None:
    with visiting(browser, town.base, expected=2) as visit:
        visit.go("/statement")
        visit.looks("statement")
        visit.page.get_by_label("Your e-mail address, or your handle").fill("not an address")
        visit.press("Send me a link")
        assert visit.page.get_by_text("This is neither an e-mail address nor a handle.").is_visible()
        visit.looks("statement-wrong")
        visit.page.get_by_label("Your e-mail address, or your handle").fill("stranger@mail.example")
        visit.press("Send me a link")
        assert "a link is on its way there" in visit.said()
        town.room.engine.statement_requests.post()
        visit.go(link_in_the_last_letter(town, "/v1/statements"))
        visit.looks("statement-link")
        with visit.page.expect_download() as download:
            visit.press("Get it as JSON")
        assert json.loads(download.value.path().read_text())["statement"] == "no_record"
        visit.go("/nowhere", status=404)
        visit.looks("not-there")
