"""How fast a rule is decided: for one person, and for a population, beside what others offer.

    make bench-rules           ARGS="--sizes 200000 1000000" for a shorter run

Everything is measured in one run on the same seeded people, one process after the other: each contender over
a population has a process of its own, so that its peak memory is its own. Read the ratios: a figure of one
machine, or one day, is not one of another.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SIZES = (200_000, 1_000_000, 10_000_000)
RESULTS = Path(__file__).parent / "results" / "rules.json"
WAYS = {"duckdb": "DuckDB SQL by hand", "polars": "Polars by hand", "ours": "population"}


def run(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def measure_all(folder: str, sizes: list[int]) -> dict[str, Any]:
    files = {size: str(Path(folder) / f"{size}.parquet") for size in sizes}
    for size, file in files.items():
        run("rules_people", file, str(size))
    one = json.loads(run("rules_one_person", files[sizes[0]]))
    sets: dict[str, dict[str, Any]] = {}
    for size, file in files.items():
        sets[str(size)] = {way: json.loads(run(f"rules_population_{way}", file)) for way in WAYS}
    return {"one_person": one, "population": sets}


def ratios(found: dict[str, Any]) -> dict[str, float]:
    rates, sets = found["one_person"]["rates"], found["population"]
    sizes = sorted(map(int, sets))
    largest, smaller = sets[str(sizes[-1])], sets[str(sizes[-2])]
    grown = sizes[-1] / sizes[-2]
    return {
        "compiled_vs_hand": rates["compiled"] / rates["by hand"],
        "compiled_vs_zen": rates["compiled"] / rates["zen-engine"],
        "explained_vs_zen": rates["explained"] / rates["zen-engine"],
        "population_vs_duckdb": largest["ours"]["seconds"] / largest["duckdb"]["seconds"],
        "population_peak_mb": largest["ours"]["peak_mb"],
        "growth": largest["ours"]["seconds"] / (grown * smaller["ours"]["seconds"]),
    }


def disagreement(found: dict[str, Any]) -> dict[str, int]:
    """By size how many people the haversine puts elsewhere than the geodesic does. Stops where the engine's
    own executions differ, or DuckDB's from Polars', or more than one in a thousand is put elsewhere."""
    one, sets = found["one_person"]["counts"], found["population"]
    smallest = min(sets, key=int)
    assert sets[smallest]["ours"]["counts"] == one["compiled"], "compiled and population"
    assert sets[smallest]["duckdb"]["counts"] == one["by hand"], "Python and SQL by hand"
    moved: dict[str, int] = {}
    for size, ways in sets.items():
        assert ways["duckdb"]["counts"] == ways["polars"]["counts"], "DuckDB and Polars"
        theirs, ours = ways["duckdb"]["counts"], ways["ours"]["counts"]
        moved[size] = sum(abs(theirs[verdict] - ours[verdict]) for verdict in ours) // 2
        assert moved[size] <= int(size) / 1000, f"{size}: {moved[size]} people are put elsewhere"
    return moved


def report(found: dict[str, Any]) -> None:
    one = found["one_person"]
    hand = one["rates"]["by hand"]
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, best of three\n")
    print(f"{'one person':20} {'per second':>12} {'of by hand':>11} {'people':>8}")
    for title, rate in one["rates"].items():
        print(f"{title:20} {rate:12,.0f} {rate / hand:11.3f} {one['sizes'][title]:8,}")
    print(f"\n{'population':20} {'people':>11} {'seconds':>8} {'of DuckDB':>10} {'peak MB':>8}")
    for size, ways in found["population"].items():
        for way, title in WAYS.items():
            seconds, peak_mb = ways[way]["seconds"], ways[way]["peak_mb"]
            ratio = seconds / ways["duckdb"]["seconds"]
            print(f"{title:20} {int(size):11,} {seconds:8.3f} {ratio:10.2f} {peak_mb:8.0f}")
    print("\nput elsewhere by the haversine, net:", json.dumps(found["moved"]))
    print(json.dumps(found["ratios"], indent=2))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    options.add_argument("--keep", type=Path, default=RESULTS, help="where the results go")
    chosen = options.parse_args()
    if len(chosen.sizes) < 2:
        options.error("two sizes at least, or there is no growth to tell")
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory() as folder:
        found = measure_all(folder, sorted(chosen.sizes))
    load.append(os.getloadavg()[0])
    found["moved"] = disagreement(found)
    found["ratios"] = ratios(found)
    report(found)
    print(f"load average {load[0]:.1f} before, {load[1]:.1f} after: of a busy machine believe no ratio")
    told = {
        **{name: round(value, 3) for name, value in found["ratios"].items()},
        "measured_on": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "load_average_before_and_after": [round(one, 2) for one in load],
        **{name: found[name] for name in ("one_person", "population", "moved")},
    }
    chosen.keep.parent.mkdir(parents=True, exist_ok=True)
    chosen.keep.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
