"""A member of staff at their desk: signed in as staff does it, by a token, pasted once."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from playwright.sync_api import Browser, Page

from perks_engine.services.access import ALL_BRANDS, Role
from tests.browser.looking import Visit, visiting
from tests.engine_room import Room


@contextmanager
def at_a_desk(
    browser: Browser, room: Room, base: str, role: Role, holder: str, expected: int = 0, **more: Any
) -> Generator[Visit]:
    life = timedelta(days=1)
    _, token = room.engine.tokens.issue(role, "t", (ALL_BRANDS,), lifetime=life, holder=holder)
    with visiting(browser, base, expected=expected, **more) as visit:
        visit.go("/sign-in")
        visit.page.get_by_text("Staff: sign in with a token").click()
        visit.page.get_by_label("Token").fill(token)
        visit.page.locator("form[action='/sign-in/token'] button").click()
        visit.sees(holder, "Campaigns")
        yield visit


def write(page: Page, text: str) -> None:
    """In place of all that the editor holds, as who pastes it."""
    page.locator(".cm-content").wait_for()  # until then the label is that of the text area beneath
    page.get_by_label("The campaign file").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def written(page: Page) -> str:
    """What would be sent."""
    return page.locator("#source").input_value()
