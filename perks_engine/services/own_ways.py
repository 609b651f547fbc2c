"""How somebody can mend it themselves that something is not known of them: by what the rule asks, and by the
sources that it accepts. What none of these ways leads to, others have to show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from perks_engine.campaigns.catalogue import DEFAULT_SOURCE
from perks_engine.domain.evidence import CLAIMED
from perks_engine.domain.rules import Condition, Rule, WordIn, WordsMatch, conditions

LOCATION, COUNTRY, BORN_ON = "location", "country", "born_on"
DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Ways:
    """`words` are the attributes that they say something of; `verified` that an address counts which staff
    has verified; `others` what is unknown and that they can do nothing about here."""

    device: bool = False
    country: bool = False
    verified: bool = False
    birth_date: bool = False
    words: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def ways_of(rule: Rule, unknown: Collection[str], own: Collection[str]) -> Ways:
    """`own` are the attributes that people say of themselves."""
    asked = [one for one in conditions(rule) if one.about.attribute in unknown]
    titles = {one.about.attribute: one.about.title for one in asked}
    words = tuple(name for name in titles if name in own and _takes(asked, DEFAULT_SOURCE, name))
    birth_date = _takes(asked, DEFAULT_SOURCE, BORN_ON)
    device = _takes(asked, DEVICE, LOCATION)
    country = _takes(asked, CLAIMED, LOCATION, COUNTRY)
    verified = _takes(asked, "verified_address", LOCATION, COUNTRY)
    open_to = {
        *words,
        *((BORN_ON,) if birth_date else ()),
        *((LOCATION,) if device or verified else ()),
        *((LOCATION, COUNTRY) if country or verified else ()),
    }
    others = tuple(title for name, title in titles.items() if name not in open_to)
    return Ways(device, country, verified, birth_date, words, others)


def named_words(rules: Iterable[Rule]) -> Mapping[str, list[str]]:
    """The words that the rules ask for, by attribute: what there is to choose from."""
    named: dict[str, set[str]] = {}
    for rule in rules:
        for one in conditions(rule):
            if isinstance(one, WordIn | WordsMatch) and not one.about.is_register:
                named.setdefault(one.about.attribute, set()).update(one.words)
    return {name: sorted(words) for name, words in named.items()}


def _takes(asked: Iterable[Condition], source: str, *attributes: str) -> bool:
    return any(one.about.attribute in attributes and one.about.accept.takes(source) for one in asked)
