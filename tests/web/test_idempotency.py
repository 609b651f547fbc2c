"""Every write is sent twice: what is answered the second time, and that nothing was done twice."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.web.access_rules import RULES
from perks_engine.web.write_rules import AFTERWARDS, FOR_EVER, WITHOUT_KEY, Again
from tests.engine_room import Client, Room, served
from tests.web.access_world import BODIES, ON, World, world
from tools.idempotency import text, writes

KEYED = {route for route, has_key in writes() if has_key}
WORDS = ("why", "text", "note", "reason", "label", "wrong", "place", "url", "publisher", "name", "campaign")
"""Fields of bodies that can be another without being wrong."""


def test_every_write_has_a_key_or_a_reason_to_have_none() -> None:
    """A new route that writes takes `Idempotency-Key`, or says in web/write_rules.py why it need not."""
    assert {route for route, has_key in writes() if not has_key} == set(WITHOUT_KEY)
    assert AFTERWARDS | FOR_EVER <= KEYED


def test_the_document_is_made_from_the_routes() -> None:
    """After a change: `python -m tools.idempotency`."""
    written = (Path(__file__).parents[2] / "docs" / "idempotency.md").read_text(encoding="utf-8")
    assert written == text()


@pytest.fixture(params=ON)
def there(request: pytest.FixtureRequest) -> Iterator[World]:
    room: Room = request.getfixturevalue(request.param)
    with served(room.engine) as base:
        made = world(room, base)
        yield made
        made.http.close()


def bearer(there: World, route: str) -> str:
    role = RULES[route].roles()[0]
    return there.token(role, (ALL_BRANDS,), "ana" if role is Role.INFLUENCER else None)


OTHERS: dict[str, Any] = {
    "POST /v1/claims/{claim}/denial": {"why": "not my door"},
    "POST /v1/posts/{post}/judgements": {"outcome": "unclear"},
    "POST /v1/webhooks/{webhook}/replay": {"since": "2026-12-01T00:00:00Z"},
    "POST /v1/webhooks/{webhook}/secret": {"overlap_h": 3},
}
ALIKE = {
    "POST /v1/claims/{claim}/acknowledgement",
    "POST /v1/claims/{claim}/receipt",
    "POST /v1/disputes/{dispute}/files",
}
"""What cannot ask for anything else, but by another path."""
NOT_NOW = {
    "POST /v1/campaigns/{campaign}/approval",
    "POST /v1/carrier-reports/{report}/retry",
    "POST /v1/check-ins",
    "POST /v1/claims/{claim}/approval",
    "POST /v1/claims/{claim}/cancellation",
    "POST /v1/claims/{claim}/disputes",
    "POST /v1/disputes/{dispute}/withdrawal",
    "POST /v1/fulfillments",
    "POST /v1/incidents/{incident}/application",
    "POST /v1/incidents/{incident}/approval",
    "POST /v1/incidents/{incident}/jobs/{job}/cancellation",
    "POST /v1/incidents/{incident}/plan",
    "POST /v1/incidents/{incident}/replay",
    "POST /v1/promotions/{promotion}/publication",
    "POST /v1/promotions/{promotion}/retraction",
    "POST /v1/promotions/{promotion}/takedown",
    "POST /v1/redemptions",
    "POST /v1/tokens/{token}/secret",
    "POST /v1/claims",
}
"""What this person's claim is beyond, or who asks may not do to it: refused both times alike. Tests of their
own show each of them done under a key."""


def other(route: str) -> Any:
    """The usual body of a route with another word in it, or another one."""
    found = copy.deepcopy(BODIES.get(route))
    for name in WORDS:
        if isinstance(found, dict) and name in found:
            return found | {name: f"{found[name]}x"}
    return OTHERS.get(route)


def test_under_a_key_a_write_is_done_once(there: World) -> None:
    faults: list[str] = []
    for number, route in enumerate(sorted(KEYED & set(RULES))):
        token, key = bearer(there, route), f"once-{number}"
        first = there.ask(route, token, key=key)
        if first.is_error != (route in NOT_NOW):
            faults.append(f"{route}: {first.status_code} {first.text}")
        rows, again = there.rows(), there.ask(route, token, key=key)
        # A secret is shown once.
        told = {name: one for name, one in first.json().items() if name != "secret"}
        if (again.status_code, again.json()) != (first.status_code, told):
            faults.append(f"{route}: {first.text}, and then {again.status_code} {again.text}")
        if there.rows() != rows:
            faults.append(f"{route}: sent again, it left something behind")
        if route not in ALIKE | NOT_NOW:
            changed = there.ask(route, token, key=key, body=other(route))
            if (changed.status_code, changed.json().get("code")) != (409, "idempotency.conflict"):
                faults.append(f"{route}, with another body: {changed.status_code} {changed.text}")
    assert faults == [], "\n" + "\n".join(faults)


def test_what_asks_for_a_state_or_brings_bytes_changes_nothing_the_second_time(there: World) -> None:
    faults: list[str] = []
    gone = ("DELETE /v1/record", "DELETE /v1/people", "DELETE /v1/session")
    for route, why in sorted(WITHOUT_KEY.items(), key=lambda one: (one[0].startswith(gone), one[0])):
        if why not in (Again.STATE, Again.BYTES) or route not in RULES or route.endswith("/session"):
            continue
        token = bearer(there, route)
        first = there.ask(route, token)
        rows, again = there.rows(), there.ask(route, token)
        changed = {name for name, count in there.rows().items() if count != rows[name]} - {"data_request"}
        if changed:
            faults.append(f"{route}: the second time it changed {changed}")
        is_ended = route.startswith("DELETE") and again.status_code in (401, 404)
        if not is_ended and again.status_code != first.status_code:
            faults.append(
                f"{route}: {first.status_code} {first.text}, and then {again.status_code} {again.text}"
            )
    assert faults == [], "\n" + "\n".join(faults)


def test_a_grant_stays_the_answer_to_its_key_for_ever(room: Room, base: str) -> None:
    """Others are forgotten after 30 days."""
    room.campaign()
    ana = Client(base, room.token(Role.INFLUENCER, room.person("ana")))
    granted = ana.claim("the first")
    assert granted.status_code == 201
    assert ana.claim("the second").status_code == 409
    room.clock.move(days=400)
    room.engine.chores.run("retention")
    removed = {one["what"]: one["rows"] for one in room.engine.records.retaining.removed()}
    assert removed["answers to requests"] == 1
    again = ana.claim("the first")
    assert (again.status_code, again.text) == (201, granted.text)
    other_claim = ana.post("/v1/claims", {"campaign": "no-such-campaign"}, "the first")
    assert (other_claim.status_code, other_claim.json()["code"]) == (409, "idempotency.conflict")
