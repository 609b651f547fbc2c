"""A browser, and an engine to look at. Both last for a module: while Playwright runs, its loop is that of the
thread, and tests of other modules may want one of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, chromium
from tests.engine_room import Room, make_room, served, with_log_key
from tests.mail_server import PostOffice, post_office


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Never skipped: `make test` finds a browser, or installs one."""
    path = chromium()
    assert path, "there is no Chromium; `apt-get install chromium`, or name one in PERKS_TEST_BROWSER"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield made
        made.close()


@dataclass(frozen=True)
class Town:
    """An engine that is served and sends letters, with the phone campaign open."""

    room: Room
    base: str
    office: PostOffice

    def session(self, person: str) -> str:
        with self.room.engine.store.write() as tx:
            return self.room.engine.sessions.for_person(tx, person)[1]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, cache: Path, migrated_sqlite: Path) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    shutil.copyfile(migrated_sqlite, folder / "perks.db")
    room = make_room(f"sqlite:///{folder / 'perks.db'}", folder, cache)
    with_log_key(room)
    with post_office() as office, served(room.engine) as base:
        more = {
            "smtp_url": office.url,
            "mail_from": "Our Perks <perks@shop.example>",
            "public_url": base,
            "postal_address": "Our Perks | 1 Example Street",
        }
        room.engine.settings = room.engine.settings.model_copy(update=more)
        room.campaign()
        yield Town(room, base, office)
    room.engine.close()
