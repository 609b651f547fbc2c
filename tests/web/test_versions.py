"""Two versions of a campaign side by side, on a page of the console and over HTTP."""

from __future__ import annotations

import re

import pytest

from perks_engine.services import comparing
from perks_engine.services.access import Role
from perks_engine.web.pages import console_versions
from tests.engine_room import PHONE, Client, Room
from tests.web.console_room import desk


def test_two_versions_stand_side_by_side(room: Room, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, line by line, and by who gains and who loses; many people are judged when somebody asks."""
    room.campaign()
    room.person("ana")
    room.person("ben", born_on="2000-04-01")
    old = room.engine.campaigning.show(PHONE)["version"]
    room.clock.move(minutes=1)
    new = room.load(quantity="400", **{"- age": "{at_least: 30}"})
    path, both = f"/console/campaigns/{PHONE}/versions", {"old": old, "new": new}
    with desk(room, base, Role.BRAND_MANAGER) as browser:
        page = browser.get(path).text
        counted = browser.get(path, params={**both, "count": "few"}).text
        part = browser.get(path, params=both, headers={"HX-Request": "true"}).text
        back = browser.get(path, params={"old": new, "new": old, "count": "few"}).text
        once = browser.get(path, params={"old": new, "new": new}).text
        missing = browser.get(path, params={"old": "feed"})
        monkeypatch.setattr(console_versions, "MOST_PEOPLE", 1)
        many = browser.get(path, params={"count": "few"}).text
        whole = browser.get(path, params={"count": "everybody"}).text
    with desk(room, base, Role.COMPLIANCE) as browser:
        theirs = browser.get(path, params={"count": "everybody"}).text
    _the_same_over_http(room, base, old, new, monkeypatch)
    assert re.search(r"perk.quantity</code></th><td[^>]*><del>500", page)
    assert "Units: 400 in place of 500, 100 fewer." in page
    assert "The older one is live" in page
    assert "quantity: <del>500</del>" in page
    assert "quantity: <ins>400</ins>" in page
    assert f"?old={old}&amp;new={new}&amp;count=few" in page
    for shown in (counted, part, whole):
        assert "no longer eligible</dt><dd>−1</dd>" in shown
        assert "eligible → not eligible: 1" in shown
        assert "ben" not in shown
    assert "<html" not in part
    assert "newly eligible</dt><dd>+1</dd>" in back
    assert "This goes back" in back
    assert "You chose one version twice" in once
    assert missing.status_code == 404
    assert "More than 1 people" in many
    assert "Look at all of them now" in many
    assert "Who runs the campaign can look at all of them here." in theirs


def _the_same_over_http(room: Room, base: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/v1/campaigns/{PHONE}/diff"
    mara, noor = (Client(base, room.token(role)) for role in (Role.BRAND_MANAGER, Role.COMPLIANCE))
    stranger = Client(base, room.token(Role.BRAND_MANAGER, brands=("other-brand",)))
    versions = noor.get(f"/v1/campaigns/{PHONE}").json()["versions"]
    assert [one["version"] for one in versions] == [old, new]
    answer = noor.get(path)
    assert answer.status_code == 200, answer.text
    assert "ben" not in answer.text
    told = answer.json()
    assert (told["live"], told["old"]["version"], told["new"]["version"]) == (old, old, new)
    assert told["sentences"][0].startswith("Units: 400 in place of 500, 100 fewer.")
    assert {"path": "perk.quantity", "old": "500", "new": "400"} in told["changes"]
    lines = [(one["kind"], one["text"].strip()) for one in told["lines"]]
    assert lines.index(("gone", "quantity: 500")) + 1 == lines.index(("come", "quantity: 400"))
    people = told["people"]
    assert (people["people"], people["gained"], people["lost"], people["eligible"]) == (
        2,
        0,
        1,
        {"old": 2, "new": 1},
    )
    [turned] = people["transitions"]
    assert (turned["old"], turned["new"], turned["people"]) == ("eligible", "ineligible", 1)
    assert [(one["new_required"], one["people"]) for one in turned["turns"]] == [("age of at least 30", 1)]

    back = mara.get(path, old=new[:12], new="live").json()
    assert (back["people"]["gained"], back["people"]["lost"]) == (1, 0)
    nobody = mara.get(path, people="nobody").json()
    assert (nobody["people"], nobody["not_judged"]) == (None, "not_asked")
    assert mara.get(path, old="live", new="live").json()["not_judged"] == "same_rule"
    monkeypatch.setattr(comparing, "MOST_PEOPLE", 1)
    many = mara.get(path).json()
    assert (many["people"], many["not_judged"]) == (None, "too_many")
    assert "more than 1 people are on record" in many["why_not_judged"]
    assert mara.get(path, people="everybody").json()["people"]["lost"] == 1

    refused = [
        noor.get(path, people="everybody"),
        mara.get(path, old="feed"),
        mara.get(path, people="some"),
        stranger.get(path),
    ]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (403, "access.role"),
        (404, "campaign.version_unknown"),
        (422, "request.invalid"),
        (404, "campaign.unknown"),
    ]
    assert f"there are: {old[:12]}" in refused[1].json()["detail"]
