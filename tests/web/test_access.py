"""Every route with every role, about what is theirs and what is not: what the table says is what happens.

The table is `web/access_rules.py`, and docs/access.md is made from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.web.access_rules import RULES, WITHOUT_CREDENTIAL, Rule, Whose
from perks_engine.web.app import create_app
from tests.engine_room import BRAND, Room, served
from tests.web.access_world import ABOUT_A_BODY, MISSING, NAMED_BRAND, ON, World, world
from tools.access import text

OTHER = "other-brand"
STAFF = [role for role in Role if role is not Role.INFLUENCER]
NOT_OWNED = {"GET /v1/perks/{campaign}"}
"""What is about something that belongs to nobody: influencers see all campaigns."""
ONCE = {"POST /v1/holds/{hold}/lifting"}
NOTHING_TO_SHOW = {"POST /v1/check-ins", "POST /v1/redemptions"}
"""There is no code for what is sent by post."""
ENDS = ("DELETE /v1/record", "DELETE /v1/people/{person}/record")
"""What leaves nothing to ask about: last, and on holds that are lifted by then."""
LEAVES_A_TRACE = {"api_token", "data_request", "disclosure_export", "idempotency"}
"""Tables in which it is written down that somebody asked."""


def test_the_document_is_made_from_the_rules() -> None:
    """After a change: `python -m tools.access`."""
    written = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
    assert written == text()


def test_every_route_stands_in_the_table_and_nothing_else_does(sqlite_room: Room) -> None:
    schema = create_app(sqlite_room.engine).openapi()
    found = {
        f"{method.upper()} {path}": bool(operation.get("security"))
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    }
    assert {route for route, closed in found.items() if closed} == set(RULES)
    assert {route for route, closed in found.items() if not closed} == set(WITHOUT_CREDENTIAL)


@pytest.fixture(params=ON)
def there(request: pytest.FixtureRequest) -> Iterator[World]:
    """Of a deployment that does not count requests: the walk has more of them than one caller may send."""
    room: Room = request.getfixturevalue(request.param)
    uncounted = {"rate_per_token": "off", "rate_per_address": "off"}
    room.engine.settings = room.engine.settings.model_copy(update=uncounted)
    with served(room.engine) as base:
        made = world(room, base)
        yield made
        made.http.close()


def objects(route: str) -> list[str]:
    """What the path of a route names."""
    return [name for name in re.findall(r"{(\w+)}", route) if name in MISSING]


def reach(rule: Rule) -> tuple[str, ...]:
    return (ALL_BRANDS,) if rule.whose is Whose.ALL else (BRAND,)


def told(world_: World, route: str, token: str | None, **more: Any) -> tuple[int, str, str]:
    """The status, the code, and the words without what was asked about."""
    answer = world_.ask(route, token, **more)
    words = answer.text
    for value in sorted({*world_.ids.values(), *MISSING.values()}, key=len, reverse=True):
        words = words.replace(value, "…") if len(value) > 3 else re.sub(rf"post {value}\b", "post …", words)
    code = answer.json().get("code", "") if "json" in answer.headers.get("content-type", "") else ""
    return answer.status_code, code if answer.status_code >= 400 else "", words


def missing(route: str) -> dict[str, str]:
    """The last thing that a route names is one that is not there."""
    return {name: MISSING[name] for name in objects(route)[-1:]}


def test_every_route_with_every_role_and_with_what_is_somebody_elses(there: World) -> None:
    faults: list[str] = []
    before = there.rows()

    def expect(what: str, found: object, wanted: object) -> None:
        if found != wanted:
            faults.append(f"{what}: {found}, not {wanted}")

    for route, rule in RULES.items():
        for name, token in (("nobody", None), ("a forged token", "perks.tok_x.y"), ("a JWT", "a.b.c")):
            expect(f"{route} by {name}", told(there, route, token)[:2], (401, "access.token"))
        for role in STAFF if Role.INFLUENCER in rule.roles() else Role:
            if role not in rule.roles():
                person = "ana" if role is Role.INFLUENCER else None
                token = there.token(role, (ALL_BRANDS,), person)
                found = told(there, route, token)
                expect(f"{route} by {role}", found[:2], (403, "access.role"))
                if objects(route):
                    expect(f"{route} by {role}, hint", told(there, route, token, ids=missing(route)), found)
        for role in rule.roles():
            if role is not Role.OPERATOR:
                _stranger(there, route, rule, role, expect)
    after = there.rows()
    changed = {name for name in after if after[name] != before[name]} - LEAVES_A_TRACE
    expect("tables that strangers changed", changed, set())
    assert faults == [], "\n" + "\n".join(faults)


def _stranger(there: World, route: str, rule: Rule, role: Role, expect: object) -> None:
    """The role may, and it is not theirs."""
    assert callable(expect)
    is_person = role is Role.INFLUENCER
    token = there.token(role, (OTHER,), "ben" if is_person else None)
    what = f"{route} by a stranger in the role {role}"
    if rule.whose is Whose.CREDENTIAL or route in NOT_OWNED:
        return
    if rule.whose is Whose.CREDENTIALS:
        expect(what, told(there, route, token)[:2], (403, "access.role"))
        return
    if rule.whose is Whose.ALL:
        found = told(there, route, token)
        expect(what, found[:2], (403, "access.brand"))
        if objects(route):
            expect(f"{what}, hint", told(there, route, token, ids=missing(route)), found)
        return
    if objects(route):
        found = told(there, route, token)
        expect(what, found[0], 404)
        expect(f"{what}, hint", told(there, route, token, ids=missing(route)), found)
    elif route in ABOUT_A_BODY:
        found = told(there, route, token)
        expect(what, found[0], ABOUT_A_BODY[route])
        if found[0] == 404:
            expect(f"{what}, hint", told(there, route, token, ids=MISSING), found)
    elif route.startswith("GET "):
        answer = there.ask(route, token)
        shown = [one for name, one in there.ids.items() if name != "campaign" and len(one) > 3]
        expect(f"{what}, leaks", [one for one in shown if one in answer.text], [])
        expect(what, answer.status_code in (200, 422), True)
    if route in NAMED_BRAND:
        named = told(there, route, token, query=NAMED_BRAND[route])
        expect(f"{what}, the brand named", named[:2], (403, "access.brand"))


def test_who_may_does(there: World) -> None:
    """What the table allows is not refused as if it were not there, about what is one's own."""
    faults: list[str] = []
    routes = sorted(RULES, key=_gently)
    for route in routes:
        rule = RULES[route]
        for role in rule.roles():
            if (route.startswith("DELETE") or route in ONCE) and role is not rule.roles()[0]:
                continue  # the first has ended it
            if "/session" in route or (rule.whose is Whose.CREDENTIALS and role is not Role.OPERATOR):
                continue  # of sessions see test_signing_in, of one's own token test_tokens
            brands = (ALL_BRANDS,) if role is Role.OPERATOR else reach(rule)
            token = there.token(role, brands, "ana" if role is Role.INFLUENCER else None)
            query = NAMED_BRAND.get(route)
            answer = there.ask(route, token, query=query)
            status, code = answer.status_code, answer.json().get("code", "") if answer.is_error else ""
            is_access = status == 403 and code.startswith(("access.", "token."))
            if (
                is_access
                or (status == 404 and route not in NOTHING_TO_SHOW)
                or status in (401, 405, 415, 500)
            ):
                faults.append(f"{route} by {role}: {answer.status_code} {answer.text[:200]}")
    assert faults == [], "\n" + "\n".join(faults)


def _gently(route: str) -> tuple[object, ...]:
    """What only looks goes first, and what ends something after all else, the smaller part of it first."""
    return route in ENDS, route.startswith("DELETE"), route.startswith("P"), -len(route)


def test_a_token_of_single_permissions_is_refused_elsewhere_before_it_is_looked_at(there: World) -> None:
    """By the table, whatever the services look at first."""
    narrowed = there.room.engine.tokens.issue(
        *(Role.COMPLIANCE, "t", (ALL_BRANDS,)),
        permissions=(next(iter(RULES["GET /v1/tax/{year}"].permissions)),),
    )[1]
    for route, rule in RULES.items():
        if Role.COMPLIANCE not in rule.roles() or not rule.permissions or "/tax/" in route:
            continue
        found = there.ask(route, narrowed)
        assert found.status_code == 403, f"{route} {found.text}"
        assert json.loads(found.text)["code"] in ("access.permission", "access.role"), route
    assert there.ask("GET /v1/tax/{year}", narrowed).status_code == 200
