"""What a person, a claim and a unit received cost on PostgreSQL: bytes on disk and seconds of processor.

    .venv/bin/python -m benchmarks.scale          --people 20000 --claims 4000 for more to measure

People are brought in and claim, one after the other, as a server's worker does it but for HTTP; half of the
units are shipped and delivered, and the log is sealed. After each step the disk is asked what every table and
its indexes take, and the system what the engine and the database's own processes have used. The rest is
multiplied: what a million costs, and what 100 million would.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.ledger_ground import bring_in, engine_on, open_campaigns, warm_up
from perks_engine.bootstrap import Application
from perks_engine.delivery.log_files import add_key
from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from tests.postgres_server import fresh_database, running_postgres

RESULTS = Path(__file__).parent / "results" / "scale.json"
CAMPAIGN = "campaign-0"
WARM = 300
"""Claims before those that are measured: until then guards look at each claim alone."""
STAFF = Actor("bench", Role.OPERATOR, (ALL_BRANDS,), holder="bench")
_SIZES = text(
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Meter:
    """`data` is the folder of the database server."""

    engine: Application
    data: Path

    def sizes(self) -> dict[str, int]:
        """Bytes of each table with its indexes; parts of the ledger count together."""
        found: dict[str, int] = {}
        with self.engine.engine.connect() as connection:
            connection.execute(text("CHECKPOINT"))
            for name, size in connection.execute(_SIZES):
                table = name.rstrip("0123456789").rstrip("_")
                found[table] = found.get(table, 0) + size
        return found

    def seconds(self) -> tuple[float, float]:
        """Of processor, used so far by this process, and by the database's."""
        first = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            number = int(stat.parent.name)
            if number == first:
                ticks += sum(map(int, fields[11:15]))  # with its children that ended
            elif int(fields[1]) == first:
                ticks += sum(map(int, fields[11:13]))
        return time.process_time(), ticks / _TICK

    def step(self, count: int, work: Callable[[], None]) -> dict[str, Any]:
        """What one of `count` costs."""
        before, used = self.sizes(), self.seconds()
        work()
        now, after = self.seconds(), self.sizes()
        grown = {name: (size - before.get(name, 0)) / count for name, size in after.items()}
        by_table = {
            name: round(one) for name, one in sorted(grown.items(), key=lambda it: -it[1]) if one >= 1
        }
        return {
            "measured": count,
            "bytes": round(sum(grown.values())),
            "bytes_by_table": by_table,
            "engine_ms": round(1_000 * (now[0] - used[0]) / count, 3),
            "database_ms": round(1_000 * (now[1] - used[1]) / count, 3),
        }


def measured(engine: Application, data: Path, people: int, claims: int) -> dict[str, Any]:
    meter = Meter(engine, data)
    found = {"person": meter.step(people, lambda: bring_in(engine, people))}
    warm_up(engine, [CAMPAIGN], [f"p{people - 1 - number}" for number in range(WARM)])
    kept: list[str] = []

    def claim() -> None:
        claimed = (engine.claiming.claim(f"p{number}", CAMPAIGN, "bench") for number in range(claims))
        kept.extend(str(one["claim"]) for one in claimed)

    found["claim"] = meter.step(claims, claim)
    asked = f"p{claims + 1}"

    def look() -> None:
        for _ in range(500):
            engine.claiming.perk(asked, CAMPAIGN)

    found["decision shown"] = meter.step(500, look)
    received = kept[: claims // 2]

    def receive() -> None:
        for one in received:
            for move in (MoveKind.SHIP, MoveKind.DELIVER):
                row = Fulfillment(one, move, engine.clock(), reference=f"trk {one}")
                engine.fulfilling.record([row], STAFF)

    found["unit received"] = meter.step(len(received), receive)
    entries = WARM + claims + 2 * len(received)
    found["entry sealed"] = meter.step(entries, lambda: _seal(engine))
    return found


def _seal(engine: Application) -> None:
    engine.sealing.seal()


def extrapolated(found: dict[str, Any]) -> dict[str, Any]:
    """Of a million people who hold three kinds of evidence, and of a million claims of which half are
    received; then of 100 million people, each with a claim a year over five years."""
    person, claim, unit = found["person"], found["claim"], found["unit received"]
    sealed = found["entry sealed"]
    per_claim = claim["bytes"] + 0.5 * unit["bytes"] + 2 * sealed["bytes"]
    ms = {name: claim[name] + 0.5 * unit[name] + 2 * sealed[name] for name in ("engine_ms", "database_ms")}
    gigabyte, million, hour = 1e9, 1e6, 3.6e6
    return {
        "GB per million people": round(person["bytes"] * million / gigabyte, 2),
        "GB per million claims": round(per_claim * million / gigabyte, 2),
        "engine hours per million claims": round(ms["engine_ms"] * million / hour, 2),
        "database hours per million claims": round(ms["database_ms"] * million / hour, 2),
        "100 million people, TB": round(person["bytes"] * 1e8 / 1e12, 2),
        "500 million claims, TB": round(per_claim * 5e8 / 1e12, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--claims", type=int, default=2_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="perks-scale-") as name:
        folder, data = Path(name), Path(name) / "data"
        data.mkdir()
        with running_postgres(data, durable=True) as server:
            engine = engine_on(fresh_database(server, "scale"), folder)
            engine.migrate()
            add_key(folder / "log.key", "scale.example/log")
            engine.settings = engine.settings.model_copy(update={"log_key": folder / "log.key"})
            open_campaigns(engine, [CAMPAIGN], folder)
            found = measured(engine, data, given.people, given.claims)
            engine.close()
    told = {"load_before": os.getloadavg()[0], "each": found, "together": extrapolated(found)}
    RESULTS.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
