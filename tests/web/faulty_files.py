"""Campaign files with faults of many kinds, for the pages that tell them; and the words of files themselves,
which are the same in each language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perks_engine.bootstrap import RuleBook
from perks_engine.campaigns.catalogue import builtin_catalogue

SHAPES = """\
campaign: Spring Box
brand: our-brand
titel: A box
perk:
  kind: itme
  fair_market_value: 20.00 USX
  quantity: many
  per_person: 0
  reservation: 48 hours
  hot: yes
  parts: [{name: lid, fair_market_value: 1.00 USD}]
window: {opens: 2027-03-01, closes: soon}
eligibility:
  all:
    - opted_inn: perks
    - age: {at_least: 18, between: [1, 2]}
      score: {at_least: 5}
    - location: {inside: areas/nyc_boroghs}
    - location: {within: 0 km, of: NY}
    - location: {inside: Nowhere at all}
    - location: {region: Springfield}
    - location: {postal_code: "1000112"}
    - location: {inside: areas/nyc_boroughs, accept: claimed}
    - at_least: 3
      of: [country: UK]
    - any: []
    - topics: {}
    - not: 5
disclosure: {connection: received_item, instruct: 1}
examples:
  - name: somebody
    person: {born_on: 1990-02-30, location: {device: [40,7, -73,9]}, strange: 1}
    verdict: yes
  - verdict: eligible
"""
MEANING = """\
campaign: spring-box
brand: our-brand
title: Give us 5 stars
perk: {kind: item, name: A box, fair_market_value: 20.00 USD, quantity: 1, per_person: 2}
window: {opens: 2027-03-01T09:00Z, closes: 2027-03-01T08:00Z}
eligibility: {not: {country: US}}
disclosure: {connection: received_item, instruct: templates/messages/disclosure_gyft}
guards:
  - near_edge_share: {within: 1 km, at_most: 10%}
  - unknown_share: {at_most: 100%, over: 1h}
  - source_share: {of: location, from: device, at_most: 5%}
  - source_share: {of: score, from: reach, at_most: 5%}
"""
FILES = {
    "no YAML": "campaign: [one\nbrand: two\n",
    "a key twice": "campaign: one\ncampaign: one\n",
    "empty": "",
    "nothing but a list": "- one\n",
    "its shapes": SHAPES,
    "what it means": MEANING,
}


def words_of_files(book: RuleBook) -> Iterator[str]:
    """Keys and values of the schema, names that only this deployment has, and what stands in the files."""
    own = book.catalogue.attributes.keys() - builtin_catalogue().attributes.keys()
    yield from (book.catalogue[name].title for name in own)
    yield from ("YAML", "USX", "USD", "GB", "true", "false")
    yield from _keys(book.reader.schema())
    yield from (
        *book.reader.templates,
        *book.atlas.area_names(),
        "perk.fair_market_value",
        "disclosure.instruct",
    )
    yield from (
        f"'{place.qualified_name}'" for name in ("NY", "New York") for place in book.atlas.places(name)
    )
    for text in FILES.values():
        yield from re.findall(r"\w[\w./-]*(?: \w+)*", text)


def abouts(told: Any) -> Iterator[str]:
    """What keys are for, as the editor tells it."""
    if about := told.get("about"):
        yield about
    for inner in told.get("keys", {}).values():
        yield from abouts(inner)


def _keys(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _keys(one)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from map(str, schema.get("enum", ()))
        for inner in schema.values():
            yield from _keys(inner)
