"""The rule for one person at a time; `python -m benchmarks.rules_one_person FILE` prints rates as JSON.

The contenders take turns, three rounds over, and the best round of each counts.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq

from benchmarks import rules_by_hand, rules_peers
from benchmarks.rules_question import NOW, Counts, verdict_name
from benchmarks.rules_rule import ATLAS, RULE
from perks_engine.domain.compiled import compile_rule
from perks_engine.domain.evidence import REGISTER, Evidence, Location, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Disc
from perks_engine.domain.verdict import Verdict, verdict_of

ROUNDS = 3
SLOW = 5_000
"""People for libraries that take longer than the others for all."""


@dataclass(frozen=True)
class Contender:
    """`ask` answers for one of `inputs`; `name` turns what it answers into the name of a verdict."""

    title: str
    ask: Callable[[Any], Any]
    inputs: Sequence[Any]
    name: Callable[[Any], str] = str


def person_of(record: dict[str, Any]) -> Person:
    """The evidence behind a row of the file."""
    facts = [Evidence("opted_in", frozenset(record["opted_in"]), REGISTER, datetime(2026, 1, 1, tzinfo=UTC))]
    for attribute, key, source in (
        ("born_on", "", "profile"),
        ("score", "", "reach"),
        ("topics", "", "profile"),
        ("followers", "instagram", "profile"),
    ):
        column = ".".join(part for part in (attribute, key, source) if part)
        value = record[column]
        if value is not None:
            told = frozenset(value) if isinstance(value, list) else value
            facts.append(Evidence(attribute, told, source, record[f"{column}.at"], key))
    if record["location.device.lat"] is not None:
        disc = Disc(*(record[f"location.device.{part}"] for part in ("lat", "lon", "radius_m")))
        facts.append(Evidence("location", Location(disc), "device", record["location.device.at"]))
    return Person(record["id"], tuple(facts))


def seconds_for(contender: Contender) -> float:
    ask = contender.ask
    start = time.perf_counter()
    for one in contender.inputs:
        ask(one)
    return time.perf_counter() - start


def main(path: str) -> None:
    people = [person_of(record) for record in pq.read_table(path).to_pylist()]
    program = compile_rule(RULE, ATLAS)
    rows = [program.layout.row(person) for person in people]
    facts = [rules_peers.facts_of(row) for row in rows]
    few = facts[:SLOW]
    few_for_celpy = [rules_peers.celpy_facts(one) for one in few]
    peers = [
        Contender("zen-engine", rules_peers.with_zen(), facts, _two_valued),
        Contender("cel", rules_peers.with_cel(), facts, _two_valued),
        Contender("cel-python", rules_peers.with_cel_python(), few_for_celpy, _two_valued),
        Contender("json-logic-qubit", rules_peers.with_json_logic(), few, _two_valued),
        Contender("rule-engine", rules_peers.with_rule_engine(), few, _two_valued),
    ]
    ours = [
        Contender("by hand", rules_by_hand.verdict, rows, verdict_name),
        Contender("compiled", program.at(NOW), rows),
        Contender("explained", program.traces_at(NOW), rows, _traced),
        Contender("in words", lambda one: explain(RULE, one, NOW, ATLAS), people[: 4 * SLOW], _explained),
        Contender("row", program.layout.row, people, lambda _: ""),
    ]
    contenders = [*ours, *peers]
    counts = {one.title: _counts(one) for one in contenders}
    _require_agreement(counts, rows)
    gc.collect()
    gc.freeze()
    best = dict.fromkeys((one.title for one in contenders), float("inf"))
    for _ in range(ROUNDS):
        for one in contenders:
            best[one.title] = min(best[one.title], seconds_for(one) / len(one.inputs))
    rates = {title: 1 / seconds for title, seconds in best.items()}
    sizes = {one.title: len(one.inputs) for one in contenders}
    print(json.dumps({"rates": rates, "sizes": sizes, "counts": counts}))


def _two_valued(answer: object) -> str:
    return "eligible" if answer else "not eligible"


def _traced(trace: Any) -> str:
    return str(verdict_of(trace[0].mark))


def _explained(reason: Any) -> str:
    return str(reason.verdict)


def _counts(contender: Contender) -> Counts:
    return dict(Counter(contender.name(contender.ask(one)) for one in contender.inputs))


def _require_agreement(counts: dict[str, Counts], rows: Sequence[Any]) -> None:
    """The explained verdicts are the compiled ones, and every peer finds as many eligible people as the hand
    does among the same (both go by the haversine)."""
    compiled = compile_rule(RULE, ATLAS).at(NOW)
    assert counts["explained"] == counts["compiled"], "explained"
    asked = sum(counts["in words"].values())
    assert counts["in words"] == dict(Counter(str(compiled(row)) for row in rows[:asked])), "in words"
    for title in ("zen-engine", "cel", "cel-python", "json-logic-qubit", "rule-engine"):
        among = rows[: sum(counts[title].values())]
        wanted = sum(rules_by_hand.verdict(row) is True for row in among)
        assert counts[title].get(str(Verdict.ELIGIBLE), 0) == wanted, (title, counts[title], wanted)


if __name__ == "__main__":
    main(sys.argv[1])
