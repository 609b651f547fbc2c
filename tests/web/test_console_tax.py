"""The page of values for tax, as compliance reads it."""

from __future__ import annotations

import re

from perks_engine.services.access import Role
from tests.engine_room import BRAND, Room
from tests.web.access_world import world
from tests.web.console_room import desk, served_here


def test_values_for_tax_are_by_person_and_brand_beside_the_threshold(room: Room) -> None:
    with served_here(room) as base, desk(room, base, Role.COMPLIANCE) as browser:
        world(room, base)
        page = browser.get("/console/tax").text
        assert ("ana.handle" in page, "$449.00" in page, "below the threshold" in page) == (True, True, True)
        [link] = re.findall(r'href="(/v1/tax/2026\?format=csv)"', page)
        assert "ana.handle" in browser.get(link).text
        before = browser.get("/console/tax", params={"year": "2025", "brand": BRAND}).text
        assert "Nobody received anything in this year" in before
        assert f"format=csv&amp;brand={BRAND}" in before
        for year, told in (("2027", "has not begun"), ("1066", "from 1900 on"), ("soon", "is no year")):
            refused = browser.get("/console/tax", params={"year": year})
            assert (refused.status_code, told in refused.text) == (422, True), refused.text
