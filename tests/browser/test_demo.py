"""What a visitor lives through who has never seen this: from what `perks demo` prints alone, and by nothing
but the links, buttons and labels that its pages show."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import write
from tests.browser.looking import Visit, visiting
from tests.cli.demo_stage import running_demo

PATIENCE = 60_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[str]:
    with running_demo(tmp_path_factory.mktemp("demo"), cache) as demo:
        [told] = [line for line in demo.told if "open this in a browser" in line]
        yield told.split()[0].rstrip("/")


@contextmanager
def a_visitor(browser: Browser, address: str, expected: int = 0) -> Generator[Visit]:
    with visiting(browser, address, expected=expected) as visitor:
        visitor.page.set_default_timeout(PATIENCE)
        visitor.go("/")
        yield visitor


def be(visitor: Visit, name: str) -> None:
    """By way of the guide, as a visitor goes."""
    visitor.follow("Perks")
    visitor.page.get_by_role("button", name=f"Be {name}", exact=True).first.click()
    visitor.page.wait_for_load_state()


def row(page: Page, words: str) -> str:
    return page.get_by_role("row").filter(has_text=words).first.inner_text()


def test_from_the_idea_to_one_line_in_the_list(address: str, browser: Browser) -> None:
    with a_visitor(browser, address) as visitor:
        page = visitor.page
        visitor.looks("demo-guide")
        page.get_by_text("The file of the campaign").first.click()
        file = page.locator("#file").inner_text()

        # Mara writes it, is told what is wrong with it, and mends it.
        be(visitor, "Mara")
        visitor.follow("Write a campaign")
        write(page, file.replace("opted_in: perks", "opted_inn: perks", 1))
        found = page.locator("#check")
        expect(found).to_contain_text("did you mean", timeout=PATIENCE)
        visitor.pictured("demo-fault")
        write(page, file)
        expect(found).to_contain_text("Examples that pass: 3 of 3", timeout=PATIENCE)
        expect(found).to_contain_text("Whom it would reach", timeout=PATIENCE)
        visitor.press("Save as a version")
        visitor.sees("Headphones for New York", "The version is loaded")
        visitor.press("Make a preview")
        visitor.sees("The preview is on record", "somebody else has to approve it")

        be(visitor, "Noor")
        visitor.follow("headphones-nyc")
        visitor.follow("look at it")
        visitor.sees("Whom it would reach", "Where they are")
        visitor.pictured("demo-preview")
        page.go_back()
        visitor.press("Approve this version")
        visitor.sees("You approved this version")

        be(visitor, "Mara")
        visitor.follow("headphones-nyc")
        visitor.press("Open it")
        visitor.sees("The campaign is open")
        visitor.pictured("demo-open")

        # Ben lives in Alabama.
        be(visitor, "Ben")
        visitor.follow("Headphones for New York")
        visitor.sees("Not open to you", "Why not", "outside New York City", "From: your device")
        assert page.get_by_role("link", name="Claim it").count() == 0
        visitor.pictured("demo-refused", "phone")

        # Ana lives in Brooklyn.
        be(visitor, "Ana")
        visitor.follow("Headphones for New York")
        visitor.follow("Claim it")
        visitor.sees("$129.00")
        page.get_by_label("I have read what I have to disclose").check()
        visitor.press("Claim it")
        assert "It is yours" in visitor.said()

        # Nothing is sent before she has confirmed what she was told.
        be(visitor, "Finn")
        assert "waits for their acknowledgement" in row(page, "ana.brooklyn")
        visitor.looks("demo-waits")
        be(visitor, "Ana")
        visitor.follow("Claims")
        visitor.follow("Harbor Ear")
        visitor.press("I have read it, and will disclose")
        visitor.sees("You have read it")

        be(visitor, "Finn")
        visitor.follow("ana.brooklyn")
        page.get_by_label("Carrier").fill("UPS")
        page.get_by_label("Tracking number").fill("1Z 999 AA1 0123")
        visitor.looks("demo-ship")
        visitor.press("Record the shipment")
        assert "The shipment is recorded" in visitor.said()

        # Shipped is not received.
        be(visitor, "Cora")
        visitor.follow("Disclosure lists")
        visitor.sees("Nobody is on this list")

        be(visitor, "Ana")
        visitor.follow("Claims")
        visitor.follow("Harbor Ear")
        visitor.sees("1Z 999 AA1 0123")
        visitor.press("Yes, I received it")
        assert "It is on record that you have it" in visitor.said()
        page.get_by_label("The address of your post").fill("https://social.example/ana/headphones")
        visitor.press("Tell us about your post")
        visitor.sees("https://social.example/ana/headphones", "not looked at yet")
        visitor.pictured("demo-received", "phone")

        be(visitor, "Cora")
        visitor.follow("Posts")
        visitor.follow("https://social.example/ana/headphones")
        page.get_by_label("Yes, nobody can miss it").check()
        visitor.press("Record it")
        assert "Your judgement is on record" in visitor.said()
        visitor.follow("Disclosure lists")
        rows = page.get_by_role("rowheader")
        expect(rows).to_have_count(1)
        line = row(page, "ana.brooklyn")
        assert re.search(r"Harbor Ear.*129\.00.*person", line, re.DOTALL), line
        assert "not yet" not in line
        visitor.pictured("demo-list")
        visitor.follow("ana.brooklyn")
        visitor.sees("What happened to the unit", "1Z 999 AA1 0123")
        visitor.pictured("demo-recipient")

        visitor.follow("Staff log")
        visitor.follow("Erasures")
        page.get_by_role("link", name=re.compile("gone_")).click()
        visitor.sees("The receipt of an erasure", "the person", "reservations")
        visitor.looks("demo-erasure")

        visitor.follow("Perks")
        assert page.get_by_role("heading", name="done").count() == 8
        visitor.looks("demo-done")
