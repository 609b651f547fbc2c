"""Holds the three executions of a rule against each other on one engine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from hypothesis import strategies as st

from perks_engine.audiences.codes import Code
from perks_engine.audiences.columns import Usual
from perks_engine.audiences.engines import Engine
from perks_engine.audiences.expression import code_column
from perks_engine.audiences.people_table import people_table
from perks_engine.audiences.population import Evaluation, Pattern, Population
from perks_engine.domain.codec import encode, evidence_to_json
from perks_engine.domain.compiled import compile_rule
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.reasons import CONDITION, Reason
from perks_engine.domain.rows import ValueType, asked_by, usable
from perks_engine.domain.rules import Rule, conditions
from perks_engine.domain.verdict import Mark, Verdict
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

IDS = ("p0", "p1", "Zoë 🎉", "'; DROP TABLE people; --", "p4", "p5")


Counted = dict[tuple[Verdict, Pattern], int]


@dataclass(frozen=True, slots=True)
class Crowd:
    """A rule asked of several people at a moment."""

    rule: Rule
    people: tuple[Person, ...]
    now: datetime


@st.composite
def crowds(draw: st.DrawFn, most: int = 6) -> Crowd:
    case = draw(cases())
    asked = [one.about.attribute for one in conditions(case.rule)]
    more = draw(st.lists(people(case.now, asked), max_size=most - 1))
    everybody = [case.person, *more]
    named = [replace(person, person_id=name) for name, person in zip(IDS, everybody, strict=False)]
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
    try:
        found = _read(evaluation(crowd, engine))
    finally:
        engine.sweep()
    program = compile_rule(crowd.rule, ATLAS)
    for person in crowd.people:
        explained = explain(crowd.rule, person, crowd.now, ATLAS)
        compiled = program.verdict(person, crowd.now)
        verdict, codes = found[person.person_id]
        marks = list(_marks(explained))
        if explained.verdict is compiled is verdict and [mark_of(code) for code in codes] == marks:
            continue
        said = f"explained {explained.verdict} by {[mark.value for mark in marks]}, compiled {compiled}, "
        said += f"as a set {verdict} by {[code.word for code in codes]}"
        return f"{said}\n{_told(crowd.rule, person, crowd.now)}"
    return ""


def evaluation(crowd: Crowd, engine: Engine) -> Evaluation:
    table = engine.put(people_table(crowd.people, crowd.rule, crowd.now, VOCABULARY))
    return Population(engine, table, VOCABULARY, ATLAS).under(crowd.rule, crowd.now)


def counted(crowd: Crowd, engine: Engine) -> tuple[Counted, Counted, Counted, Counted]:
    """How many people there are of each verdict and pattern: by the count, and one by one; and the same of
    those who were read once."""
    try:
        asked = evaluation(crowd, engine)
        once = asked.read_once()
        return _by_count(asked), _one_by_one(asked), _by_count(once), _one_by_one(once)
    finally:
        engine.sweep()


def _by_count(asked: Evaluation) -> Counted:
    return {(verdict, pattern): count for (verdict, pattern, _), count in asked.patterns().items()}


def _one_by_one(asked: Evaluation) -> Counted:
    return dict(Counter(_read(asked).values()))


def _read(asked: Evaluation) -> dict[str, tuple[Verdict, Pattern]]:
    """Verdict and codes of each person. Not through `rows`, for an order costs Spark two more jobs."""
    size = len(asked.sources)
    verdicts = {True: Verdict.ELIGIBLE, False: Verdict.INELIGIBLE, None: Verdict.UNKNOWN}
    return {
        row["id"]: (
            verdicts[row["verdict"]],
            tuple(Code(row[code_column(number)]) for number in range(size)),
        )
        for table in asked.parts()
        for row in asked.engine.fetch(table).to_pylist()
    }


def mark_of(code: Code) -> Mark:
    return Mark.MET if code is Code.MET else Mark.NOT_MET if code is Code.NOT_MET else Mark.UNKNOWN


def _marks(reason: Reason) -> Iterator[Mark]:
    if reason.node == CONDITION:
        yield reason.mark
    for child in reason.children:
        yield from _marks(child)


def _told(rule: Rule, person: Person, now: datetime) -> str:
    """Rule and person as data to read and to paste: a fact to a line."""
    facts = "\n".join(
        f"  {json.dumps(fact, ensure_ascii=False)}" for fact in evidence_to_json(person.evidence)
    )
    shown = json.dumps(encode(rule), ensure_ascii=False, indent=1)
    return f"at {now}\nperson {person.person_id}\n{facts}\nrule {shown}"
