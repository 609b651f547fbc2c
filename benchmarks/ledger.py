"""How fast claims are granted: beside `pgbench -N` on the same server, and beside sqlite3 by hand.

    make bench-ledger          ARGS="--seconds 2 --parts pg" for a shorter run

A claim is the whole of it, as a server's worker does it but for HTTP: what is known is read, the rule
decided and explained, letters rendered; decision, claim, letters and answer are written, guards counted, the
ledger entry appended with its balances. The clients are threads of two servers' processes, those of the
references processes of their own, and they share the machine with the server. Everything of a part runs in
one run, each reference before and after what is held against it. Read the ratios: a figure of one machine, or
one day, is not one of another.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.ledger_by_hand import (
    claim_bare,
    claim_bare_together,
    claim_by_hand,
    pgbench_rate,
    prepare_pgbench,
)
from benchmarks.ledger_clients import Rate, claim_by_service, drive, shared_out
from benchmarks.ledger_filler import grow
from benchmarks.ledger_ground import bring_in, engine_on, open_campaigns, warm_up
from benchmarks.ledger_limit import claims_by_pgbench, keep_pattern
from benchmarks.ledger_stages import stage_times
from benchmarks.ledger_writer import claim_written
from perks_engine.bootstrap import Application
from perks_engine.services.claim_ports import MOST_TOGETHER
from tests.postgres_server import fresh_database, running_postgres

RESULTS = Path(__file__).parent / "results" / "ledger.json"
CONNECTIONS = (1, 4, 16)
CAMPAIGNS = [f"campaign-{number}" for number in range(16)]
BARE = [f"bare-{number}" for number in range(16)]
TOGETHER = [f"together-{number}" for number in range(16)]
WRITTEN = [f"written-{number}" for number in range(16)]
BY_PGBENCH = {"rows by pgbench": 1, "rows by pgbench together": MOST_TOGETHER}
PARTS = ("pg", "sqlite", "growth")
SERVERS = 2
"""Processes that claims are made in, as many as the machine has cores; the clients are their threads."""
WARM = 700
"""Claims of a campaign before those that are measured: then its guards are far from their limits. Before some
600 a share of 5 % could be left by claims that are not seen yet, so that each is counted alone."""

PEOPLE = 20_000
FEW, MANY = 10_000, 1_000_000


def ground(url: str, folder: Path, names: Sequence[str], hot: Sequence[str] = ()) -> Application:
    """An engine whose campaigns are open and warmed up by the last of its people."""
    quickly = f"{url}{'&' if '?' in url else '?'}options=-csynchronous_commit%3Doff"
    engine = engine_on(quickly if url.startswith("postgresql") else url, folder)
    engine.migrate()
    open_campaigns(engine, names, folder)
    open_campaigns(engine, hot, folder, hot=True)
    bring_in(engine, PEOPLE)
    if url.startswith("postgresql"):
        warm_up(engine, [*names, *hot], people(PEOPLE - WARM, PEOPLE))
    engine.close()
    engine = engine_on(url, folder)
    warm_up(engine, [*names, *hot], people(PEOPLE - WARM - 1, PEOPLE - WARM))
    engine.engine.dispose()
    return engine


def people(begin: int, end: int) -> list[str]:
    return [f"p{number}" for number in range(begin, end)]


def claims(
    engine: Application, who: Sequence[str], campaigns: Sequence[str], at_once: int, seconds: float
) -> Rate:
    turns = shared_out(at_once, who, campaigns)
    return drive(partial(claim_by_service, engine), turns, seconds, SERVERS)


def on_postgresql(server: str, folder: Path, seconds: float) -> dict[str, Any]:
    reference = fresh_database(server, "bench_pgbench")
    prepare_pgbench(reference)
    hot = [f"hot-{at_once}" for at_once in CONNECTIONS]
    one = [f"one-{at_once}" for at_once in CONNECTIONS]
    url = fresh_database(server, "bench_claims")
    engine = ground(url, folder, [*CAMPAIGNS, *WRITTEN, *one, "stages", BARE[0]], hot)
    of_pgbench = [
        f"of-{of}-{at_once}-{client}"
        for of in BY_PGBENCH.values()
        for at_once in CONNECTIONS
        for client in range(at_once)
    ]
    open_campaigns(
        engine, [*BARE[1:], *TOGETHER, *of_pgbench], folder
    )  # by hand nothing is counted, so that they need no warming up
    engine.engine.dispose()
    pattern = people(PEOPLE - WARM - 1, PEOPLE - WARM)[0]
    keep_pattern(url, pattern, BARE[0])
    by_hand = partial(claim_bare, engine, pattern, BARE[0])
    by_hand_together = partial(claim_bare_together, engine, pattern, BARE[0])
    found: dict[str, Any] = {}
    for place, at_once in enumerate(CONNECTIONS):
        part = (PEOPLE - 1_000) // 3
        loads = {
            "16 campaigns": (people(place * part, (place + 1) * part), CAMPAIGNS),
            "one hot campaign": (people(0, PEOPLE - 1_000), [hot[place]]),
            "one campaign, not hot": (people(0, PEOPLE - 1_000), [one[place]]),
        }
        before = pgbench_rate(reference, at_once, seconds)
        rates: dict[str, Any] = {
            name: asdict(claims(engine, *load, at_once, seconds)) for name, load in loads.items()
        }
        bare, together = (shared_out(at_once, loads["16 campaigns"][0], names) for names in (BARE, TOGETHER))
        rates["bare psycopg"] = asdict(drive(by_hand, bare, seconds))
        rates["bare psycopg together"] = asdict(drive(by_hand_together, together, seconds, SERVERS))
        halves = loads["16 campaigns"][0][::2], loads["16 campaigns"][0][1::2]
        for who, is_counted in zip(halves, (False, True), strict=True):
            write = partial(claim_written, engine, people(PEOPLE - 999, PEOPLE)[0], is_counted)
            name = "our writer, counting" if is_counted else "our writer alone"
            rates[name] = asdict(drive(write, shared_out(at_once, who, WRITTEN), seconds, SERVERS))
        for name, of in BY_PGBENCH.items():
            rates[name] = claims_by_pgbench(url, f"of-{of}-{at_once}", at_once, of, seconds)
        after = pgbench_rate(reference, at_once, seconds)
        found[str(at_once)] = {"pgbench": (before + after) / 2, "pgbench rounds": [before, after], **rates}
    found["stages"] = stage_times(engine, "stages", people(0, 300))
    return found


def on_sqlite(folder: Path, seconds: float) -> dict[str, Any]:
    engine = ground(f"sqlite:///{folder}/bench.db", folder, [*CAMPAIGNS, "stages"])
    found: dict[str, Any] = {}
    part = (PEOPLE - 1_000) // (2 * len(CONNECTIONS))
    pattern = people(PEOPLE - WARM - 1, PEOPLE - WARM)[0]
    for place, at_once in enumerate(CONNECTIONS):
        mine = people(2 * place * part, (2 * place + 1) * part)
        theirs = people((2 * place + 1) * part, (2 * place + 2) * part)
        turns = shared_out(at_once, theirs, CAMPAIGNS)
        half = len(turns[0]) // 2
        by_hand = partial(claim_by_hand, engine, pattern, CAMPAIGNS[0])
        before = drive(by_hand, [one[:half] for one in turns], seconds)
        ours = claims(engine, mine, CAMPAIGNS, at_once, seconds)
        after = drive(by_hand, [one[half:] for one in turns], seconds)
        found[str(at_once)] = {
            "by hand": (before.per_second + after.per_second) / 2,
            "by hand rounds": [asdict(before), asdict(after)],
            "16 campaigns": asdict(ours),
        }
    found["stages"] = stage_times(engine, "stages", people(0, 300))
    return found


def as_it_grows(server: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Claims with few entries in the ledger and with many, by turns."""
    engines: dict[int, Application] = {}
    for size in (FEW, MANY):
        engine = ground(fresh_database(server, f"bench_{size}"), folder, CAMPAIGNS)
        grow(engine, CAMPAIGNS, 1, size - WARM * len(CAMPAIGNS))
        engine.engine.dispose()
        engines[size] = engine
    rounds: dict[int, list[Rate]] = {FEW: [], MANY: []}
    part = (PEOPLE - 1_000) // 4
    for turn, size in enumerate((FEW, MANY, MANY, FEW, FEW, MANY, MANY, FEW)):
        who = people(turn // 2 * part, (turn // 2 + 1) * part)
        rounds[size].append(claims(engines[size], who, CAMPAIGNS, 4, seconds))
    return {str(size): [asdict(one) for one in rates] for size, rates in rounds.items()}


def keys(found: dict[str, Any]) -> dict[str, float]:
    """The figures that the targets are about, as far as they were measured. Both databases are held against
    their reference at 16 connections, SQLite against the most that sqlite3 does by hand at any number."""
    result: dict[str, float] = {}
    if "pg" in found:
        at_16 = found["pg"]["16"]
        result["pg_16_campaigns_vs_pgbench"] = at_16["16 campaigns"]["per_second"] / at_16["pgbench"]
        result["pg_hot_vs_pgbench"] = at_16["one hot campaign"]["per_second"] / at_16["pgbench"]
        result["pg_16_campaigns_vs_bare"] = (
            at_16["16 campaigns"]["per_second"] / at_16["bare psycopg"]["per_second"]
        )
        for name, key in (
            ("our writer alone", "pg_writer_alone"),
            ("our writer, counting", "pg_writer_counting"),
        ):
            result[f"{key}_vs_pgbench"] = at_16[name]["per_second"] / at_16["pgbench"]
        result["pg_rows_alone_vs_pgbench"] = at_16["rows by pgbench together"] / at_16["pgbench"]
        result["pg_p99_ms"] = at_16["16 campaigns"]["p99_ms"]
    if "sqlite" in found:
        rows = found["sqlite"]
        best = max(row["by hand"] for row in (rows[str(at_once)] for at_once in CONNECTIONS))
        result["sqlite_vs_raw"] = rows["16"]["16 campaigns"]["per_second"] / best
        for at_once in map(str, CONNECTIONS):
            ours = rows[at_once]["16 campaigns"]["per_second"]
            result[f"sqlite_vs_raw_at_{at_once}"] = ours / rows[at_once]["by hand"]
    if "growth" in found:
        spent = {size: sum(one["p50_ms"] for one in rates) for size, rates in found["growth"].items()}
        result["cost_1m_vs_10k"] = spent[str(MANY)] / spent[str(FEW)]
    return result


def report(found: dict[str, Any]) -> None:
    for part, reference in (("pg", "pgbench"), ("sqlite", "by hand")):
        if part not in found:
            continue
        print(
            f"\n{'PostgreSQL' if part == 'pg' else 'SQLite':24} {'connections':>11} {'per second':>11}"
            f" {'of ' + reference:>11} {'p50 ms':>8} {'p99 ms':>8} {'client µs':>10}"
        )
        for at_once in map(str, CONNECTIONS):
            row = found[part][at_once]
            print(f"{reference:24} {at_once:>11} {row[reference]:11,.0f} {1:11.2f}")
            for name, rate in row.items():
                if isinstance(rate, dict):
                    share = rate["per_second"] / row[reference]
                    print(
                        f"{name:24} {at_once:>11} {rate['per_second']:11,.0f} {share:11.3f}"
                        f" {rate['p50_ms']:8.1f} {rate['p99_ms']:8.1f} {rate['cpu_us']:10,.0f}"
                    )
                elif isinstance(rate, float) and name != reference:
                    print(f"{name:24} {at_once:>11} {rate:11,.0f} {rate / row[reference]:11.3f}")
        print(
            "one claim alone, µs: "
            + ", ".join(f"{name} {us:,.0f}" for name, us in found[part]["stages"].items())
        )
    for size, rates in found.get("growth", {}).items():
        print(f"{int(size):9,} entries: " + ", ".join(f"{one['per_second']:,.0f}/s" for one in rates))
    print(json.dumps(found["keys"], indent=2))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options.add_argument("--keep", type=Path, default=RESULTS, help="where the results go")
    chosen = options.parse_args()
    found = json.loads(chosen.keep.read_text(encoding="utf-8")) if chosen.keep.is_file() else {}
    for part in chosen.parts:
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if part == "sqlite":
                found[part] = on_sqlite(folder, chosen.seconds)
            else:
                with running_postgres(folder / "server", durable=True) as server:
                    measure = on_postgresql if part == "pg" else as_it_grows
                    found[part] = measure(server, folder, chosen.seconds)
        found.setdefault("runs", {})[part] = {
            "at": datetime.now(UTC).isoformat(timespec="minutes"),
            "cores": os.cpu_count(),
            "load average before and after": [load, os.getloadavg()[0]],
        }
        found["keys"] = keys(found)
        found |= found["keys"]
        chosen.keep.parent.mkdir(exist_ok=True)
        chosen.keep.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    report(found)


if __name__ == "__main__":
    main()
