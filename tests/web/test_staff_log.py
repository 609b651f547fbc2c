"""What staff does stands in a log that nobody can change, and compliance can read."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from perks_engine.cli.main import app
from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.web.page_rules import PAGE_RULES, UNCHANGED, WATCHED_PAGES
from tests.engine_room import BRAND, PHONE, Client, Room, with_log_key
from tests.web.console_room import desk, sent

EVERYWHERE = (ALL_BRANDS,)
_KINDS = ("brand", "campaign", "claim", "dispute", "export", "incident", "post", "promotion", "webhook")
"""What paths name that is a brand's."""


def actions(client: Client, **which: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/staff-actions", **which)
    assert answer.status_code == 200, answer.text
    return answer.json()["actions"]


def told(found: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Without looks at the log itself."""
    return [
        (one["by"], one["route"], one["about"], one["person"], one["status"], one["code"])
        for one in found
        if one["route"] != "GET /v1/staff-actions"
    ]


def test_each_write_and_each_look_at_whole_data_is_on_record(room: Room, base: str) -> None:
    room.campaign()
    ana = Client(base, room.token(Role.INFLUENCER, room.person("ana")))
    claim = ana.claim("c").json()["claim"]
    warehouse = Client(base, room.token(Role.FULFILLMENT))
    keeper = Client(base, room.token(Role.COMPLIANCE, brands=EVERYWHERE))
    record = {"claim": claim, "move": "ship", "occurred_at": "2026-12-02T15:00:00Z"}
    assert warehouse.post("/v1/fulfillments", {"records": [record]}).status_code == 200
    assert warehouse.get("/v1/campaigns").status_code == 200
    assert warehouse.post(f"/v1/claims/{claim}/approval", {"decision": "approve"}).status_code == 403
    held = keeper.post("/v1/people/ana/holds", {"why": "a court asked"})
    assert held.status_code == 201
    assert keeper.get("/v1/people/ana/record").status_code == 200
    assert keeper.post("/v1/people/ana@mail.example/holds", {"why": "a court asked"}).status_code == 404
    hold, compliance = held.json()["hold"], f"{Role.COMPLIANCE} of *"
    assert keeper.post(f"/v1/holds/{hold}/lifting", {"why": "it is over"}).status_code == 200
    found = actions(keeper)
    assert told(found) == [
        (compliance, "POST /v1/holds/{hold}/lifting", f"hold={hold}", None, 200, ""),
        (compliance, "POST /v1/people/{person}/holds", "", None, 404, "person.unknown"),
        (compliance, "GET /v1/people/{person}/record", "", "ana", 200, ""),
        (compliance, "POST /v1/people/{person}/holds", "", "ana", 201, ""),
        (f"{Role.FULFILLMENT} of {BRAND}", "POST /v1/claims/{claim}/approval", "", None, 403, "access.role"),
        (f"{Role.FULFILLMENT} of {BRAND}", "POST /v1/fulfillments", "", None, 200, ""),
    ], "what ana did herself, and what the warehouse only looked at, are no actions of staff"
    assert found[0]["credential"] == keeper.get("/v1/identity").json()["credential"]
    assert len({str(one["request"]) for one in found}) == len(found)
    assert told(actions(keeper, person="ana", route="POST /v1/people/{person}/holds")) == [told(found)[3]]
    assert told(actions(keeper, about=f"hold={hold}")) == [told(found)[0]]
    assert told(actions(keeper, by=f"{Role.FULFILLMENT} of {BRAND}", limit="1")) == [told(found)[4]]
    assert told(actions(keeper, until=room.clock().isoformat())) == []
    after = keeper.get("/v1/staff-actions", by=f"{Role.FULFILLMENT} of {BRAND}", limit="1").json()["next"]
    assert told(actions(keeper, by=f"{Role.FULFILLMENT} of {BRAND}", cursor=str(after))) == [told(found)[5]]


def test_only_compliance_reads_it_and_that_they_did_stands_in_it(sqlite_room: Room, sqlite_base: str) -> None:
    brand = Client(sqlite_base, sqlite_room.token(Role.BRAND_MANAGER))
    assert brand.get("/v1/staff-actions").json()["code"] == "access.role"
    keeper = Client(sqlite_base, sqlite_room.token(Role.COMPLIANCE, brands=EVERYWHERE))
    assert [(one["by"], one["status"]) for one in actions(keeper)] == [
        (f"{Role.BRAND_MANAGER} of {BRAND}", 403),
    ]


def test_compliance_of_one_brand_sees_what_was_done_to_it(room: Room, base: str) -> None:
    room.campaign()
    claim = Client(base, room.token(Role.INFLUENCER, room.person("ana"))).claim("c").json()["claim"]
    everywhere = Client(base, room.token(Role.COMPLIANCE, brands=EVERYWHERE))
    ours = Client(base, room.token(Role.COMPLIANCE))
    theirs = Client(base, room.token(Role.COMPLIANCE, brands=("lakeside-tea",)))
    for brands in (("lakeside-tea",), EVERYWHERE):
        manager = Client(base, room.token(Role.BRAND_MANAGER, brands=brands))
        manager.post(f"/v1/claims/{claim}/approval", {"decision": "approve"})
    assert everywhere.get("/v1/people/ana/record").status_code == 200
    command = "perks campaign pause"
    terminal = CliRunner()
    url = room.engine.engine.url.render_as_string(hide_password=False)
    for campaign, ended in ((PHONE, 0), (PHONE, 1), ("nowhere@mail.example", 2)):
        typed = ["campaign", "pause", campaign, "--why", "a leak", "--by", "otto", "--database", url]
        assert terminal.invoke(app, typed, prog_name="perks").exit_code == ended
    approval, state = "POST /v1/claims/{claim}/approval", f"campaign={PHONE}"
    manager = f"{Role.BRAND_MANAGER} of *"
    assert [one[:3] for one in told(actions(ours))] == [
        ("otto", command, state),
        ("otto", command, state),
        (manager, approval, f"claim={claim}"),
    ], "and neither the record of a person nor what others tried at their own brand"
    assert [one[3:] for one in told(actions(ours))][:2] == [
        (None, 409, "campaign.state"),
        (None, 200, ""),
    ]
    assert [one[1:] for one in told(actions(theirs))] == [(approval, "", None, 404, "claim.unknown")]
    assert ("otto", command, "", None, 404, "campaign.unknown") in told(actions(everywhere))


def test_the_brand_of_whatever_a_path_names_is_looked_up(room: Room) -> None:
    with room.engine.store.read() as tx:
        assert {kind: tx.staff_actions.brand_of(kind, "x_1") for kind in _KINDS} == dict.fromkeys(_KINDS)


def test_nobody_changes_it_and_an_erasure_takes_the_person_alone(room: Room, base: str) -> None:
    room.campaign()
    room.person("ana")
    keeper = Client(base, room.token(Role.COMPLIANCE, brands=EVERYWHERE))
    assert keeper.get("/v1/people/ana/record").status_code == 200
    for change in ("DELETE FROM staff_action", "UPDATE staff_action SET acted_by = 'x'"):
        with pytest.raises(IntegrityError, match="append_only"), room.engine.engine.begin() as connection:
            connection.execute(text(change))
    pseudonym = keeper.delete("/v1/people/ana/record").json()["pseudonym"]
    assert told(actions(keeper)) == [
        (f"{Role.COMPLIANCE} of *", "DELETE /v1/people/{person}/record", "", None, 200, ""),
        (f"{Role.COMPLIANCE} of *", "GET /v1/people/{person}/record", "", pseudonym, 200, ""),
    ]


def test_what_cannot_be_written_down_is_not_acknowledged(sqlite_room: Room, sqlite_base: str) -> None:
    with_log_key(sqlite_room)
    sqlite_room.person("ana")
    keeper = Client(sqlite_base, sqlite_room.token(Role.COMPLIANCE, brands=EVERYWHERE))
    with sqlite_room.engine.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON staff_action "
                "BEGIN SELECT RAISE(ABORT, 'no room left'); END"
            )
        )
    body = {"why": "a court asked"}
    answer = keeper.post("/v1/people/ana/holds", body, "the same")
    assert (answer.status_code, answer.json()["code"]) == (503, "staff_log.unavailable")
    assert answer.headers["retry-after"] == "5"
    with desk(sqlite_room, sqlite_base, Role.COMPLIANCE, "noor", EVERYWHERE) as browser:
        browser.headers["Accept-Language"] = "fr"
        for page in (browser.get("/console/lists"), sent(browser, "/console/log", "/console/log")):
            assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
            assert page.headers["retry-after"] == "5"
            assert "Il n’a pas été possible de le consigner" in page.text
            assert "est peut-être déjà fait" in page.text, "and not that nothing was done"
    with sqlite_room.engine.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER full"))
    assert actions(keeper) == []
    again = keeper.post("/v1/people/ana/holds", body, "the same")
    assert again.status_code == 201, again.text
    assert len(keeper.get("/v1/people/ana/holds").json()["holds"]) == 1
    assert told(actions(keeper))[0][3:] == ("ana", 201, "")


def test_a_request_that_broke_is_on_record_as_well(sqlite_room: Room, sqlite_base: str) -> None:
    keeper = Client(sqlite_base, sqlite_room.token(Role.COMPLIANCE, brands=EVERYWHERE))
    sqlite_room.person("ana")
    with sqlite_room.engine.engine.begin() as connection:
        connection.execute(text("ALTER TABLE legal_hold RENAME TO gone"))
    assert keeper.post("/v1/people/ana/holds", {"why": "a court asked"}).status_code >= 500
    [broken] = actions(keeper)
    assert broken["status"] in (500, 503)
    assert httpx.get(f"{sqlite_base}/v1/staff-actions").status_code == 401


def test_a_look_at_whole_data_on_a_page_is_on_record_too(sqlite_room: Room, sqlite_base: str) -> None:
    sqlite_room.campaign()
    claim = sqlite_room.received(sqlite_room.person("ana"))
    looks = [
        ("GET /console/lists", "", 200),
        ("GET /console/exports/{export}", "", 404),
        ("GET /console/recipients/{claim}", f"claim={claim}", 200),
        ("GET /console/staff-log", "", 200),
        ("GET /console/tax", "", 200),
    ]
    assert {route for route, _, _ in looks} == WATCHED_PAGES
    assert PAGE_RULES.keys() >= WATCHED_PAGES | UNCHANGED
    with desk(sqlite_room, sqlite_base, Role.COMPLIANCE, "noor", EVERYWHERE) as browser:
        for route, _, status in looks:
            path = route.removeprefix("GET ").replace("{claim}", claim).replace("{export}", "exp_none")
            assert browser.get(path).status_code == status
    keeper = Client(sqlite_base, sqlite_room.token(Role.COMPLIANCE, brands=EVERYWHERE))
    found = [(one["route"], one["about"], one["status"]) for one in reversed(actions(keeper, by="noor"))]
    assert found == looks
    with desk(sqlite_room, sqlite_base, Role.BRAND_MANAGER, "mara") as writer:
        hidden = re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)">', writer.get("/console/editor").text
        )
        checked = writer.post("/console/editor/check", data={**dict(hidden), "source": "campaign: a"})
        assert "the key &#39;brand&#39; is missing" in checked.text
    assert actions(keeper, by="mara") == [], "what is looked at with each pause in writing, and kept nowhere"
