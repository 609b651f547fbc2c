"""Examples in the published schema: one wherever text is asked or answered, each as the schema says."""

from __future__ import annotations

from typing import Any

import httpx
from jsonschema import Draft202012Validator

from perks_engine.web.access_rules import RULES, WITHOUT_CREDENTIAL
from perks_engine.web.schema_examples import examples, places
from tools.api_examples import chosen, lacking, published, validator


def test_wherever_one_can_be_shown_there_is_one() -> None:
    """After a change of the API: `python -m tools.api_examples`."""
    schema = published()
    assert lacking(schema, examples()) == []
    assert set(examples()) == {place.name for place in places(schema)}, "some are of nothing any more"
    asked = {place.route for place in places(schema)}
    whole = {route for route in (*RULES, *WITHOUT_CREDENTIAL) if route in asked}
    assert len(whole) > 120


def test_each_is_as_its_schema_says() -> None:
    schema = published()
    faults = [
        f"{place.name}: {error.json_path}: {error.message}"
        for place in places(schema)
        for error in validator(schema, place).iter_errors(examples()[place.name])
    ]
    assert faults == [], "\n".join(faults)


def test_what_the_schema_no_longer_allows_is_no_example_any_more() -> None:
    """The check itself: a field that was renamed, a value of another type, or one that lacks is seen."""
    schema = published()
    [place] = [one for one in places(schema) if one.name == "POST /v1/claims 201 application/json"]
    good: dict[str, Any] = dict(examples()[place.name])
    fits = validator(schema, place).is_valid
    assert fits(good)
    assert not fits(good | {"renamed": "x"})
    assert not fits(good | {"reasons": "none"})
    assert not fits({name: one for name, one in good.items() if name != "claim"})


def test_of_what_was_seen_the_fullest_is_kept_and_a_good_one_stays() -> None:
    schema = published()
    name = "POST /v1/claims asks application/json"
    seen = {
        "route": "POST /v1/claims",
        "status": 201,
        "sent": "application/json",
        "media": "",
        "answered": None,
    }
    given = [{**seen, "asked": {"campaign": one}} for one in ("a-much-longer-name", "a-name", "<script>")]
    given.append({**seen, "asked": {"unknown": "x"}})
    assert chosen(schema, given, {})[name] == {"campaign": "a-name"}
    assert chosen(schema, given, {name: {"campaign": "before"}})[name] == {"campaign": "before"}
    assert chosen(schema, given, {name: {"was": "so"}})[name] == {"campaign": "a-name"}


def test_a_running_engine_publishes_them(sqlite_base: str) -> None:
    schema = httpx.get(f"{sqlite_base}/openapi.json", timeout=60).json()
    claims = schema["paths"]["/v1/claims"]["post"]
    asked = claims["requestBody"]["content"]["application/json"]
    assert asked["example"]["campaign"]
    refused = claims["responses"]["401"]["content"]["application/problem+json"]["examples"]["problem"]
    told = schema["components"]["examples"][refused["$ref"].rpartition("/")[2]]["value"]
    assert (told["status"], told["code"]) == (401, "access.token")
    Draft202012Validator.check_schema(schema["components"]["schemas"]["Claim"])
