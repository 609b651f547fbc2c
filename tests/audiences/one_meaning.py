"""Holds the three executions of a rule against each other on one engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from hypothesis import strategies as st

from perks_engine.audiences.codes import Code
from perks_engine.audiences.columns import Usual
from perks_engine.audiences.engines import Engine
from perks_engine.audiences.expression import code_column
from perks_engine.audiences.people_table import people_table
from perks_engine.audiences.population import Population
from perks_engine.domain.compiled import compile_rule
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.reasons import CONDITION, Reason
from perks_engine.domain.rows import ValueType, asked_by, usable
from perks_engine.domain.rules import Rule, conditions
from perks_engine.domain.verdict import Mark
from tests.domain.zones import ATLAS
from tests.strategies import LOCATION_SOURCES, VALUE_SOURCES, cases, people

VOCABULARY = {
    "location": Usual(LOCATION_SOURCES, "device"),
    **{
        name: Usual(VALUE_SOURCES, "profile")
        for name in ("born_on", "signed_on", "country", "topics", "creator_tier", "verified_creator")
    },
    **{name: Usual(VALUE_SOURCES, "profile") for name in ("score", "followers", "inner_rank")},
}


@dataclass(frozen=True, slots=True)
class Crowd:
    """A rule asked of several people at a moment."""

    rule: Rule
    people: tuple[Person, ...]
    now: datetime


@st.composite
def crowds(draw: st.DrawFn, most: int = 4) -> Crowd:
    case = draw(cases())
    asked = [one.about.attribute for one in conditions(case.rule)]
    more = draw(st.lists(people(case.now, asked), max_size=most - 1))
    named = [replace(person, person_id=f"p{number}") for number, person in enumerate([case.person, *more])]
    return Crowd(case.rule, tuple(as_recorded(case.rule, person) for person in named), case.now)


def as_recorded(rule: Rule, person: Person) -> Person:
    """The person without lines of the engine's registers that the engine would not write."""
    types: dict[tuple[str, str], ValueType] = {
        (one.attribute, one.key): one.type for one in asked_by(rule) if one.is_register
    }
    facts = [
        fact
        for fact in person.evidence
        if (fact.attribute, fact.key) not in types
        or usable(types[fact.attribute, fact.key], fact.value) is not None
    ]
    return replace(person, evidence=tuple(facts))


def divergence(crowd: Crowd, engine: Engine) -> str:
    """The first person of whom the executions say different things, and what; or nothing."""
    table = engine.put(people_table(crowd.people, crowd.rule, crowd.now, VOCABULARY))
    population = Population(engine, table, VOCABULARY, ATLAS)
    rows = {row["id"]: row for row in population.under(crowd.rule, crowd.now).rows()}
    program = compile_rule(crowd.rule, ATLAS)
    for person in crowd.people:
        reason = explain(crowd.rule, person, crowd.now, ATLAS)
        compiled = program.verdict(person, crowd.now)
        row = rows[person.person_id]
        codes = [Code(row[code_column(number)]) for number in range(len(conditions(crowd.rule)))]
        marks = [
            Mark.MET if code is Code.MET else Mark.NOT_MET if code is Code.NOT_MET else Mark.UNKNOWN
            for code in codes
        ]
        if reason.verdict is compiled is row["verdict"] and marks == list(_marks(reason)):
            continue
        return (
            f"explained {reason.verdict}, compiled {compiled}, as a set {row['verdict']} by {codes}\n"
            f"rule {crowd.rule}\nperson {person}\nat {crowd.now}"
        )
    return ""


def _marks(reason: Reason) -> Iterator[Mark]:
    if reason.node == CONDITION:
        yield reason.mark
    for child in reason.children:
        yield from _marks(child)
