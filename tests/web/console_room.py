"""A brand's staff at its desks: browsers that are signed in, and one of everything that pages are about."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

import httpx

from perks_engine.services.access import Role
from perks_engine.services.session_records import Session
from tests.engine_room import BRAND, NO_AUTHORITIES, Room, served

BROWSER = {"Accept": "text/html"}


@contextmanager
def served_here(room: Room) -> Generator[str]:
    """The address of the engine, which knows it as its own."""
    with served(room.engine) as url:
        room.engine.settings = room.engine.settings.model_copy(update={"public_url": url})
        yield url


@contextmanager
def desk(
    room: Room, base: str, role: Role, holder: str = "mara", brands: tuple[str, ...] = (BRAND,)
) -> Generator[httpx.Client]:
    """A browser that a member of staff is signed in with."""
    now = room.clock()
    asked = Session("", "", role.value, now, now, None, holder, brands)
    with room.engine.store.write() as tx:
        _, text = room.engine.sessions.start(tx, asked)
    with httpx.Client(
        base_url=base, headers=BROWSER, cookies={"perks-session": text}, verify=NO_AUTHORITIES, timeout=30
    ) as browser:
        yield browser


def sent(browser: httpx.Client, path: str, to: str, **fields: str | list[str]) -> httpx.Response:
    """A form of the page at `path`, sent to `to` with what the page itself put into it; redirects are
    followed, as browsers do."""
    page = browser.get(path)
    assert page.status_code == 200, page.text
    found = re.search(rf'<form[^>]*action="{re.escape(to)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found, f"the page {path} has no form for {to}"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found[1]))
    return browser.post(to, data={**hidden, **fields}, follow_redirects=True)
