"""What changed between two versions of a campaign, by its path in the file and in words."""

from __future__ import annotations

import dataclasses
import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, get_args

from perks_engine.domain.campaign import Campaign, Part
from perks_engine.domain.codec import canonical_json, encode
from perks_engine.domain.guards import Guard
from perks_engine.domain.money import Money
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Condition, Not, Rule
from perks_engine.domain.words import age_in_words, required_words


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `path` as the file has it, and what stands there in words, "" where nothing does."""

    path: str
    old: str
    new: str


def campaign_changes(old: Campaign, new: Campaign) -> list[Change]:
    """Every difference between two versions but their examples: the terms in the order of the file, then the
    rule. Where there is none, the versions are the same."""
    before, after = (dict(_terms(one, "")) for one in (old, new))
    changes = [
        _change(path, before.get(path), after.get(path))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ]
    return [*changes, *rule_changes(old.eligibility, new.eligibility)]


def example_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Differences between examples, given by their names as texts that are equal where they say the same."""
    return [
        Change(
            f"examples: {name}",
            "there" if name in old else "",
            "" if name not in new else "changed" if name in old else "there",
        )
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def rule_changes(old: Rule, new: Rule, path: str = "eligibility") -> list[Change]:
    """The differences between two rules, node by node; what only stands in another order comes last."""
    if old == new:
        return []
    return list(_nodes(old, new, path)) or [Change(path, "the same conditions", "in another order")]


# --- terms


@dataclass(frozen=True, slots=True)
class _Said:
    """A value in words, and to the last digit."""

    words: str
    exactly: str


def _change(path: str, old: _Said | None, new: _Said | None) -> Change:
    if old is not None and new is not None and old.words == new.words:
        return Change(path, old.exactly, new.exactly)
    return Change(path, old.words if old else "", new.words if new else "")


_FILE_NAMES = {
    "name": "campaign",
    "window.opens_at": "window.opens",
    "window.closes_at": "window.closes",
    "promotion_allowed": "promotion.allowed",
    "approval_required": "approval.required",
    "feedback_after": "feedback.after",
}
_GUARDS = get_args(Guard)
_RULES = (AllOf, AnyOf, AtLeast, Not, *get_args(Condition))


def _terms(value: Any, path: str) -> Iterator[tuple[str, _Said]]:
    """Each plain value of a campaign with its path, but those of its own rule."""
    if isinstance(value, _RULES):
        if path != "eligibility":
            yield path, _Said(rule_in_words(value), canonical_json(value))
    elif isinstance(value, _GUARDS):
        yield path, _Said(str(value.healthy_words()), canonical_json(value))
    elif isinstance(value, Money) or not dataclasses.is_dataclass(value):
        if isinstance(value, tuple) and value and all(hasattr(one, "kind") for one in value):
            for name, one in _by_kind(value):
                yield from _terms(one, f"{path}.{name}")
        elif value not in (None, ()):
            yield path, _Said(_plain(value), canonical_json(value))
    else:
        for one in dataclasses.fields(value):
            inner = f"{path}.{one.name}".lstrip(".")
            yield from _terms(getattr(value, one.name), _FILE_NAMES.get(inner, inner))


def _by_kind(values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Things of a list by what kind they are, several of one kind told apart by their number."""
    seen: Counter[str] = Counter()
    for one in values:
        kind = str(one.kind)
        seen[kind] += 1
        yield kind if seen[kind] == 1 else f"{kind}[{seen[kind] - 1}]", one


def _plain(value: Any) -> str:
    match value:
        case Enum():
            return str(value.value).replace("_", " ")
        case bool():
            return "yes" if value else "no"
        case timedelta():
            return age_in_words(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case int() | float():
            return f"{value:,}"
        case tuple():
            return ", ".join(map(_plain, value))
        case str() | Money() | Part():
            return str(value)
        case _:
            return canonical_json(value)


# --- the rule


def _nodes(old: Rule, new: Rule, path: str) -> Iterator[Change]:
    if old == new:
        return
    match old, new:
        case ((AllOf() | AnyOf() | AtLeast()), (AllOf() | AnyOf() | AtLeast())):
            if (said := _joined(old)) != (says := _joined(new)):
                yield Change(path, said, says)
            yield from _lists(old, new, path)
        case Not(rule=inner), Not(rule=other):
            yield from _nodes(inner, other, f"{path}.not")
        case _:
            told, tells = rule_in_words(old), rule_in_words(new)
            if told == tells:
                told, tells = _told_apart(old, new)
            yield Change(path, told, tells)


def _lists(old: AllOf | AnyOf | AtLeast, new: AllOf | AnyOf | AtLeast, path: str) -> Iterator[Change]:
    """The parts of two nodes: those that are the same are set aside, those that are alike are compared."""
    free = list(range(len(old.rules)))
    became: dict[int, int] = {}
    for alike in (operator.eq, _is_alike):
        for place, rule in enumerate(new.rules):
            match = next((one for one in free if alike(old.rules[one], rule)), None)
            if place not in became and match is not None:
                became[place] = match
                free.remove(match)
    for place, rule in enumerate(new.rules):
        where = f"{path}.{_key(new)}[{place}]"
        if place in became:
            yield from _nodes(old.rules[became[place]], rule, where)
        else:
            yield Change(where, "", rule_in_words(rule))
    for one in free:
        yield Change(f"{path}.{_key(old)}[{one}]", rule_in_words(old.rules[one]), "")


def _is_alike(old: Rule, new: Rule) -> bool:
    """Whether one of two nodes is what became of the other."""
    match old, new:
        case ((AllOf() | AnyOf() | AtLeast()), (AllOf() | AnyOf() | AtLeast())):
            return any(one in new.rules or any(_is_alike(one, two) for two in new.rules) for one in old.rules)
        case Not(rule=inner), Not(rule=other):
            return _is_alike(inner, other)
        case ((AllOf() | AnyOf() | AtLeast() | Not()), _):
            return False
        case _, (AllOf() | AnyOf() | AtLeast() | Not()):
            return False
        case _:
            return (old.about.attribute, old.about.key) == (new.about.attribute, new.about.key)


def _key(rule: AllOf | AnyOf | AtLeast) -> str:
    """Below which key of a file the parts stand."""
    return {"all_of": "all", "any_of": "any"}.get(rule.kind, "of")


def _joined(rule: AllOf | AnyOf | AtLeast) -> str:
    match rule:
        case AllOf():
            return "all of these"
        case AnyOf():
            return "any one of these"
        case AtLeast(count=count):
            return f"at least {count} of these"


def rule_in_words(rule: Rule) -> str:
    """A whole rule on one line."""
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules) | AtLeast(rules=rules):
            return f"{_joined(rule)}: ({'; '.join(rule_in_words(one) for one in rules)})"
        case Not(rule=inner):
            return f"not: {rule_in_words(inner)}"
        case _:
            return str(required_words(rule))


def _told_apart(old: Rule, new: Rule) -> tuple[str, str]:
    """Two nodes of the same words, with what differs all the same: an area that was drawn anew."""
    before, after = dict(_flat(encode(old), "")), dict(_flat(encode(new), ""))
    differ = [path for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path)]

    def told(words: str, values: Mapping[str, str]) -> str:
        details = (f"{path} {values.get(path, 'none')}" for path in differ)
        return f"{words} ({', '.join(details)})"

    return told(rule_in_words(old), before), told(rule_in_words(new), after)


def _flat(data: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, inner in data.items():
            yield from _flat(inner, f"{path}.{name}".lstrip("."))
    elif data is not None:
        yield path, f"{data[:12]}…" if path.endswith("sha256") else canonical_json(data)
