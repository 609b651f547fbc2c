"""The published schema against the engine, by a fuzzer that reads nothing else: what the schema allows is
accepted, what it does not is refused, and each answer is one that it describes. All checks are on.

By day each route is walked in one of the roles that may call it, by night (`make nightly`) in all of them,
on both databases and with many more examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.web.access_rules import RULES, WITHOUT_CREDENTIAL
from perks_engine.web.app import create_app
from tests.engine_room import Room, served
from tests.web.access_world import IS_NIGHT, ON, World, world

NOBODY = "nobody"
CALLERS = (NOBODY, *Role)
REFUSED_IN_MEANING = "request.invalid"
"""The code of what the schema rules out. Everything else that is refused as input has a code of its own, for
what no schema can say (that one number is to be above another, that an address is one of a mailbox)."""


def walked_by(caller: str) -> set[str]:
    """The routes that are walked as `caller`: by night all that they may call, by day their share."""
    if caller == NOBODY:
        return set(WITHOUT_CREDENTIAL)
    if IS_NIGHT:
        return {route for route, rule in RULES.items() if caller in rule.roles()}
    dealt = {route: rule.roles()[at % len(rule.roles())] for at, (route, rule) in enumerate(RULES.items())}
    return {route for route, role in dealt.items() if role == caller}


def test_by_day_too_each_route_is_walked() -> None:
    assert set().union(*(walked_by(caller) for caller in CALLERS)) == {*RULES, *WITHOUT_CREDENTIAL}
    assert all(walked_by(caller) for caller in CALLERS)


@pytest.fixture(params=ON)
def there(request: pytest.FixtureRequest) -> Iterator[World]:
    room: Room = request.getfixturevalue(request.param)
    with served(room.engine) as base:
        made = world(room, base)
        yield made
        made.http.close()


@pytest.mark.parametrize("caller", CALLERS)
def test_the_engine_is_as_its_schema_says(there: World, caller: str) -> None:
    schema = published(there, caller)
    faults: dict[tuple[str, ...], str] = {}
    asked = 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            faults[event.label, type(event.value).__name__] = repr(event.value)
        if isinstance(event, events.ScenarioFinished):
            asked += len(event.recorder.interactions)
            for where, checks in event.recorder.checks.items():
                for check in checks:
                    if check.failure_info is not None:
                        exchange = event.recorder.interactions.get(where)
                        kind = type(check.failure_info.failure).__name__
                        label = event.recorder.cases[where].value.operation.label
                        faults[label, kind] = told(check.failure_info.failure, exchange)
    assert faults == {}, "\n\n".join(f"{' '.join(where)}: {fault}" for where, fault in faults.items())
    assert asked > 3 * len(walked_by(caller)), "the walk was cut short"


def told(failure: Any, exchange: Any) -> str:
    """What was asked, what came, and what is wrong about it."""
    words = f"{failure.title}: {failure.message}"
    if exchange is None:
        return words
    asked, answer = exchange.request, exchange.response
    body, content = str(asked.body)[:300], str(answer.content)[:300] if answer is not None else "nothing"
    return f"{words}\n  {asked.method} {asked.uri[:300]} {body}\n  {answer and answer.status_code} {content}"


def published(there: World, caller: str) -> Any:
    """The schema as the engine publishes it, with one of everything that its paths can be about."""
    app = create_app(there.room.engine)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=configured(there, caller))
    ids = {**there.ids, "year": "2026", "purpose": "moments", "channel": "email"}
    numbers = count()

    @schema.hook
    def map_path_parameters(_context: object, path_parameters: dict[str, Any] | None) -> Any:
        """What a path is about is there two times of three, where any of its kind was asked for."""
        for name, value in (path_parameters or {}).items():
            is_any = value in range(1, 2**53) if isinstance(value, int) else is_a_word(value)
            if name in ids and is_any and next(numbers) % 3:
                path_parameters = {**(path_parameters or {}), name: ids[name]}
        return path_parameters

    @schema.hook
    def map_headers(_context: object, headers: Any) -> Any:
        """A key that was used before is another matter, and comes up often enough as it is."""
        if headers and is_a_word(headers.get("Idempotency-Key")) and next(numbers) % 3:
            headers["Idempotency-Key"] = f"key-{next(numbers)}"
        return headers

    @schema.hook
    def filter_failure(_context: object, failure: Any, _case: object, response: Any) -> bool:
        """What is well formed may still be refused for its meaning, or for what changed since it was seen."""
        is_refused = type(failure).__name__ == "RejectedPositiveData" and response.status_code in (412, 422)
        return not is_refused or response.json()["code"] == REFUSED_IN_MEANING

    assert [map_path_parameters, map_headers, filter_failure]
    walked = walked_by(caller)
    return schema.include(lambda one: f"{one.operation.method.upper()} {one.operation.path}" in walked)


def is_a_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) < 40 and value.isascii() and value.isalnum()


def configured(there: World, caller: str) -> SchemathesisConfig:
    phases: dict[str, Any] = {
        "coverage": {"enabled": True},
        "examples": {"enabled": True},
        "fuzzing": {"enabled": True},
        "stateful": {"enabled": True, "generation": {"max-examples": 100 if IS_NIGHT else 2}},
    }
    made: dict[str, Any] = {
        "seed": 11,
        "phases": phases,
        "generation": {"max-examples": 100 if IS_NIGHT else 2, "database": "none"},
        # A body that is refused for its size alone is refused, too.
        "checks": {
            "negative_data_rejection": {
                "expected-statuses": [400, 401, 403, 404, 405, 406, 409, 413, 415, 422]
            }
        },
    }
    if not IS_NIGHT:
        made["generation"]["deterministic"] = True
    if caller != NOBODY:
        token = there.token(Role(caller), (ALL_BRANDS,), "ana" if caller == Role.INFLUENCER else None)
        made["headers"] = {"Authorization": f"Bearer {token}"}
    return SchemathesisConfig.from_dict(made)
