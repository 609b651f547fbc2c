"""Staff signs a browser in by a token: which may, from where, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from perks_engine.services.access import Permission, Role
from tests.engine_room import BRAND, NO_AUTHORITIES, Room
from tests.web.console_room import BROWSER, served_here


@pytest.fixture
def base(room: Room) -> Iterator[str]:
    with served_here(room) as url:
        yield url


def test_staff_signs_in_by_a_token_that_ends_the_session_with_it(room: Room, base: str) -> None:
    issue = room.engine.tokens.issue
    token, text = issue(Role.COMPLIANCE, "t", (BRAND,), lifetime=timedelta(hours=1), holder="noor")
    with _visitor(base) as browser:
        assert 'action="/sign-in/token"' in browser.get("/sign-in").text
        wrong = browser.post("/sign-in/token", data={"token": "perks.x.y"})
        assert (wrong.status_code, "unknown, expired or ended" in wrong.text) == (403, True)
        for named in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
            {"Origin": base, "Sec-Fetch-Site": "same-site"},
        ):
            elsewhere = browser.post("/sign-in/token", data={"token": text}, headers=named)
            assert (elsewhere.status_code, "set-cookie" in elsewhere.headers) == (403, False)
        home = browser.post("/sign-in/token", data={"token": text}, follow_redirects=True)
        assert home.url.path == "/console/campaigns"
        assert "noor" in home.text
        room.engine.tokens.revoke(token.token_id)
        assert browser.get("/console/campaigns").headers["location"] == "/sign-in"
    room.person("ana")
    narrow = (Permission.SEE_CAMPAIGNS,)
    others = (
        (issue(Role.COMPLIANCE, "t", (BRAND,)), "no human stands behind"),
        (issue(Role.INFLUENCER, "t", person_id="ana"), "sign in by a link"),
        (
            issue(Role.COMPLIANCE, "t", (BRAND,), holder="noor", permissions=narrow),
            "made for single permissions",
        ),
    )
    for (_, other), why in others:
        with _visitor(base) as browser:
            refused = browser.post("/sign-in/token", data={"token": other})
            assert (refused.status_code, why in refused.text) == (403, True), why


def _visitor(base: str) -> httpx.Client:
    return httpx.Client(base_url=base, headers=BROWSER, verify=NO_AUTHORITIES, timeout=30)
