"""Slips by class: a fault of structure is shown by an editor too, a fault of meaning only by the engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import perks_engine
from perks_engine.campaigns.yaml_source import plain, read_yaml
from tests.campaigns.reading import CAMPAIGN, Faults, changed, ruled, with_example

COMMITTED = Path(perks_engine.__file__).parent / "schema" / "campaign.schema.json"

HARMLESS = [
    changed("  per_person: 1\n", ""),
    changed("  reservation: 48h\n", ""),
    changed("promotion: {allowed: false}\n", ""),
    changed("2027-03-01T09:00Z", "2027-03-01t09:00z"),
    changed("2027-03-01T09:00Z", "2027-03-01 09:00:00.5+01:00"),
    changed("20.00 USD", "20 USD"),
    changed("20.00 USD", "20.0000 CLF"),
    changed("48h", "48 h"),
    ruled("at_least: 1\nof: [{opted_in: perks}]"),
    ruled("location: {postal_code: 10001, accept: verified_address}"),
    ruled("location: {postal_code: ['02108', 100*], postal_country: US, accept: [verified_address]}"),
    ruled("score: {at_least: 20, at_most: 60, source: reach}"),
    ruled("verified_creator: {is: true, source: [profile], max_age: {profile: 3d}}"),
    with_example("{}"),
    with_example("{score: {reach: {value: 71, observed_at: 2027-01-01T00:00Z, note: a look}}}"),
    with_example("{score: {value: 71}, country: {claimed: US}}"),
    with_example("{location: [{ip: [40.7, -73.9], accuracy: 5 km}, {claimed: Lisbon}]}"),
    with_example("{relation_to_brand: {other-brand: [kin]}, followers: {}, topics: []}"),
]

STRUCTURE = [
    # values
    changed("20.00 USD", "20.005 USD"),
    # keys
    changed("brand: sample-brand\n", ""),
    changed("  name: Spring box\n", ""),
    changed("  closes: 2027-03-31T18:00Z\n", ""),
    changed("  connection: received_item\n", ""),
    changed("quantity: 10", "quantity: 10\n  colour: red"),
    changed("promotion:", "promotions:"),
    changed("{allowed: false}", "{}"),
    # names, texts and words
    changed("spring-box", "Spring-Box"),
    changed("spring-box", "spring--box"),
    changed("A box in spring", "2027"),
    changed("A box in spring", "'  '"),
    changed("A box in spring", "x" * 121),
    changed("kind: item", "kind: gadget"),
    changed("received_item", "[received_item]"),
    # numbers, amounts, spans and times
    changed("quantity: 10", "quantity: 0"),
    changed("quantity: 10", "quantity: 10000001"),
    changed("quantity: 10", "quantity: 10.5"),
    changed("quantity: 10", "quantity: '10'"),
    changed("per_person: 1\n", "per_person: 1001\n"),
    changed("20.00 USD", "20.00"),
    changed("20.00 USD", "20,00 USD"),
    changed("20.00 USD", "USD 20.00"),
    changed("20.00 USD", "20.00 usd"),
    changed("20.00 USD", "20.00 USX"),
    changed("20.00 USD", "20.00 XAU"),
    changed("20.00 USD", "20.00000 USD"),
    changed("48h", "48"),
    changed("48h", "0h"),
    changed("48h", "two days"),
    changed("2027-03-01T09:00Z", "2027-03-01T09:00"),
    changed("2027-03-01T09:00Z", "2027-03-01"),
    changed("2027-03-01T09:00Z", "2027-03-01T09Z"),
    changed("{allowed: false}", "{allowed: no}"),
    # rules
    ruled("[]"),
    ruled("{}"),
    ruled("opted_in: perks\ncountry: US"),
    ruled("of: [{opted_in: perks}]"),
    ruled("at_least: 1"),
    ruled("at_least: 0\nof: [{opted_in: perks}]"),
    ruled("at_least: 1\nof: [{opted_in: perks}]\nany: [{opted_in: perks}]"),
    ruled("any: []"),
    ruled("not: [{opted_in: perks}]"),
    ruled("shoe_size: 43"),
    # conditions
    ruled("opted_in: []"),
    ruled("opted_in: [perks, perks]"),
    ruled("age: 18"),
    ruled("age: {source: profile}"),
    ruled("age: {at_least: 131}"),
    ruled("score: {between: [20, 60], at_most: 50}"),
    ruled("score: {between: [20]}"),
    ruled("score: {at_least: 20, max_age: 30}"),
    ruled("followers: {at_least: 100}"),
    ruled("topics: {any_of: [food], all_of: [travel]}"),
    ruled("language: french"),
    ruled("country: USA"),
    ruled("creator_tier: platinum"),
    ruled("verified_creator: 'true'"),
    ruled("earlier_receipts: {at_most: 0}"),
    ruled("location: {device: [40.7, -73.9]}"),
    ruled("location: {within: 25 mi}"),
    ruled("location: {within: 25 mi, of: [40.7, -73.9, 3]}"),
    ruled("location: {within: 25 mi, of: [40.7, -273.9]}"),
    ruled("location: {country: US, region: US-NY}"),
    ruled("location: {country: US, postal_country: US}"),
    ruled("location: {country: US, accept: [gps]}"),
    ruled("location: {country: US, max_age: {gps: 1d}}"),
    ruled("location: {postal_code: 123456789012, accept: verified_address}"),
    ruled("location: {postal_code: 606**, accept: verified_address}"),
    # guards and examples
    CAMPAIGN + "guards: []\n",
    CAMPAIGN + "guards: [{same_point: {at_most: 0}}]\n",
    CAMPAIGN + "guards: [{same_point: {at_most: 5}, unknown_share: {at_most: 5%, over: 1h}}]\n",
    CAMPAIGN + "guards: [{unknown_share: {over: 1h}}]\n",
    CAMPAIGN + "guards: [{unknown_share: {at_most: 5%, at_least: 1%}}]\n",
    CAMPAIGN + "guards: [{unknown_share: {at_most: 5%, after: 0}}]\n",
    CAMPAIGN + "guards: [{eligible_share: {off_preview: 15%}}]\n",
    CAMPAIGN + "guards: [{near_edge_share: {within: 1 km}}]\n",
    CAMPAIGN + "guards: [{area_share: {at_most: 5%}}]\n",
    CAMPAIGN + "guards: [{area_share: {country: US, region: US-NY, at_most: 5%}}]\n",
    CAMPAIGN + "guards: [{area_share: {within: 5 km, at_most: 5%}}]\n",
    CAMPAIGN + "guards: [{area_share: {country: US, accept: device, at_most: 5%}}]\n",
    CAMPAIGN + "guards: [{source_share: {at_most: 5%}}]\n",
    CAMPAIGN + "guards: [{source_share: {from: device, only_from: device, at_most: 5%}}]\n",
    CAMPAIGN + "guards: [{source_share: {of: weather, from: device, at_most: 5%}}]\n",
    CAMPAIGN + "guards: [{grants: {at_most: 5}}]\n",
    CAMPAIGN + "guards: [{unknown_share: {at_most: 5, over: 1h}}]\n",
    CAMPAIGN + "examples: [{name: somebody, person: {}}]\n",
    CAMPAIGN + "examples: [{name: somebody, person: {}, verdict: yes}]\n",
    CAMPAIGN + "examples: [{name: somebody, person: {}, verdict: unknown, because: nothing}]\n",
    with_example("{age: 30}"),
    with_example("{born_on: 1 April 1990}"),
    with_example("{score: high}"),
    with_example("{location: []}"),
    with_example("{location: [[{device: [40.7, -73.9]}]]}"),
    with_example("{location: {device: [40.7, -73.9], claimed: Lisbon}}"),
    with_example("{location: {device: [40.7, -73.9], radius: 5 m, accuracy: 5 m}}"),
    with_example("{location: {verified_address: {}}}"),
    with_example("{followers: 12000}"),
    with_example("{earlier_receipts: [{brand: other-brand}]}"),
    with_example("{opted_in: {}}"),
]

MEANING = [
    (changed("2027-03-31T18:00Z", "2026-03-31T18:00Z"), "before it opens"),
    (changed("2027-03-31T18:00Z", "2027-02-30T18:00Z"), "is not a date and time"),
    (changed("per_person: 1\n", "per_person: 11\n"), "one person may have 11 of only 10"),
    (changed("disclosure_gift", "disclosure_gfit"), "there is no template"),
    (ruled("not: {blocked_by: brand}"), "would grant to somebody of whom nothing is known"),
    (ruled("at_least: 2\nof: [{opted_in: perks}]"), "a whole number from 1 to 1"),
    (ruled("score: {between: [60, 20]}"), "the range from 60 to 20 is empty"),
    (ruled("location: {inside: areas/nyc_borough}"), "there is no area 'areas/nyc_borough'"),
    (ruled("location: {within: 25 mi, of: Springfield}"), "'Springfield' fits several places"),
    (ruled("location: {within: 0 m, of: [40.7, -73.9]}"), "the circle has an impossible size"),
    (ruled("location: {region: US-NY, accept: [ip]}"), "ip cannot place anybody"),
    (with_example("{born_on: 1990-04-31}"), "'1990-04-31' is not a day of the calendar"),
    (CAMPAIGN + "guards: [{unknown_share: {at_most: 101%, over: 1h}}]\n", "is more than the whole"),
]


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads(COMMITTED.read_text(encoding="utf-8")))


def what_differs(text: str) -> str:
    """The lines that the small campaign has not: the name of the test."""
    known = CAMPAIGN.splitlines()
    gone = [f"no {line.strip()}" for line in known if line not in text.splitlines()]
    new = [line.strip() for line in text.splitlines() if line not in known]
    return (" ".join(new) or " ".join(gone))[:80]


@pytest.mark.parametrize("text", HARMLESS, ids=what_differs)
def test_what_is_well_is_well_for_both(schema: Draft202012Validator, faults: Faults, text: str) -> None:
    assert faults(text) == []
    assert schema.is_valid(plain(read_yaml(text.encode(), "box.yaml")))


@pytest.mark.parametrize("text", STRUCTURE, ids=what_differs)
def test_a_fault_of_structure_is_one_for_both(
    schema: Draft202012Validator, faults: Faults, text: str
) -> None:
    found = faults(text)
    assert found
    assert all("expected " in fault for fault in found), found
    assert not schema.is_valid(plain(read_yaml(text.encode(), "box.yaml")))


@pytest.mark.parametrize(("text", "message"), MEANING, ids=[what_differs(text) for text, _ in MEANING])
def test_a_fault_of_meaning_is_beyond_a_schema(
    schema: Draft202012Validator, faults: Faults, text: str, message: str
) -> None:
    [found] = faults(text)
    assert message in found
    assert schema.is_valid(plain(read_yaml(text.encode(), "box.yaml")))
