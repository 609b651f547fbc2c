"""The rule over a population by this engine; `python -m benchmarks.rules_population_ours FILE`."""

from __future__ import annotations

import sys

from benchmarks.rules_question import NOW, Counts, measure
from benchmarks.rules_rule import ATLAS, RULE, VOCABULARY
from perks_engine.audiences import engines
from perks_engine.audiences.population import Population


def main(path: str) -> None:
    engine = engines.connect("duckdb")

    def ask() -> Counts:
        people = engine.backend.read_parquet(path)
        found = Population(engine, people, VOCABULARY, ATLAS).under(RULE, NOW).verdicts()
        return {str(verdict): count for verdict, count in found.items()}

    measure(ask)


if __name__ == "__main__":
    main(sys.argv[1])
