"""How fast the service answers over HTTP: beside a bare route, beside the ledger alone, and at an opening.

    make bench-http            ARGS="--seconds 2 --people 4000" for a shorter run

PostgreSQL and two server processes share the machine with whoever asks. In one run:
  1. reads: one perk with the verdict and its reasons, between two rounds of a bare FastAPI route that does
     one indexed SELECT on the same server,
  2. the list of all perks,
  3. claims over 16 campaigns, beside the same claims made without HTTP (what `make bench-ledger` measures),
  4. openings, by Locust: people who look, claim and look again, for 500 units. First by a few thousand, with
     ever more of them there at once, until no more are served for it: there the service is saturated, and
     who comes beside only waits longer. Then all of them, with as many at once as saturate it.
Read the ratios: a figure of one machine, or one day, is not one of another.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from benchmarks.ledger import CAMPAIGNS, PEOPLE, claims, ground, people
from benchmarks.ledger_ground import OPENING, open_campaigns
from benchmarks.load import Load, drive, get, post_json
from perks_engine.bootstrap import Application, packaged
from perks_engine.storage import key_tables, tables
from tests.postgres_server import fresh_database, running_postgres

RESULTS = Path(__file__).parent / "results" / "http.json"
PROCESSES = 2
CLIENTS = 16
AT_ONCE = (4, 8, 16, 32, 64)
"""People who are there at the same time; nothing waits between what they ask."""
SATURATED = 0.95
"""Of the most requests per second that were answered: as many people as get so far are enough."""

UNITS = 500
FIVE_HUNDRED = "opening"
SECRET = "bench"
_TOKEN_SPAN = 5_000


@contextmanager
def serving(command: Sequence[str], port: int, environment: dict[str, str]) -> Generator[int]:
    """A server of `PROCESSES` processes on the port, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_answer(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _await_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not answer within a minute")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tokens(engine: Application, who: Sequence[str]) -> dict[str, str]:
    """A token for each person."""
    secret_hash = hashlib.sha256(SECRET.encode()).hexdigest()
    rows = [_token_row(person, secret_hash) for person in who]
    with engine.engine.execution_options(perks_writes=True).begin() as connection:
        for begin in range(0, len(rows), _TOKEN_SPAN):
            connection.execute(insert(key_tables.api_token), rows[begin : begin + _TOKEN_SPAN])
    return {person: f"perks.tok_{person}.{SECRET}" for person in who}


def _token_row(person: str, secret_hash: str) -> dict[str, Any]:
    return {
        "token_id": f"tok_{person}",
        "secret_hash": secret_hash,
        "label": person,
        "role": "influencer",
        "brands": [],
        "person_id": person,
        "issued_by": "bench",
        "created_at": OPENING,
    }


def measured(port: int, requests: Iterator[bytes], seconds: float) -> dict[str, Any]:
    """What `CLIENTS` connections see, after a moment to warm up."""
    drive(port, partial(next, requests), CLIENTS, 1.0)
    return told(drive(port, partial(next, requests), CLIENTS, seconds))


def told(load: Load) -> dict[str, Any]:
    quantiles = {f"p{share}_ms": load.quantile(share / 100) * 1e3 for share in (50, 95, 99)}
    return {"per_second": load.per_second, **quantiles, "statuses": load.statuses}


def in_turn(make: Callable[[str], bytes], who: Sequence[str]) -> Iterator[bytes]:
    while True:
        yield from map(make, who)


def claims_once(of: dict[str, str], who: Sequence[str]) -> Iterator[bytes]:
    """A claim of each person in each campaign, never the same twice."""
    for campaign in CAMPAIGNS:
        body = json.dumps({"campaign": campaign})
        for person in who:
            yield post_json("/v1/claims", body, of[person], f"{person} {campaign}")


def steps(port: int, of: dict[str, str], who: Sequence[str], folder: Path) -> dict[str, Any]:
    """Openings with ever more people at once, each for units of its own."""
    return {
        str(at_once): opening(port, [of[one] for one in who], folder, _step(at_once), at_once)
        for at_once in AT_ONCE
    }


def _step(at_once: int) -> str:
    return f"{FIVE_HUNDRED}-{at_once}"


def saturating(stepped: Mapping[str, Any]) -> int:
    """The fewest people at once who are answered as often as any."""
    answered = {int(at_once): one["per_second"] for at_once, one in stepped.items()}
    return min(at_once for at_once, found in answered.items() if found >= SATURATED * max(answered.values()))


def opening(
    port: int, credentials: Sequence[str], folder: Path, campaign: str, at_once: int
) -> dict[str, Any]:
    """What Locust saw of all of them; `requests` by their names."""
    plan, found = folder / "opening.json", folder / "found"
    plan.write_text(json.dumps({"campaign": campaign, "tokens": credentials}))
    script = Path(__file__).parent / "http_opening.py"
    users = ["-u", str(at_once), "-r", str(at_once), "--host", f"http://127.0.0.1:{port}"]
    quiet = ["--headless", "--only-summary", "--json-file", str(found), "--exit-code-on-error", "0"]
    quiet += ["--csv", str(found)]
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(script), *users, *quiet],
        env={**os.environ, "PERKS_OPENING": str(plan)},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=1_200,
    )
    seconds = time.monotonic() - began
    stats = json.loads(found.with_suffix(".json").read_text(encoding="utf-8"))
    by_name = {one["name"]: _of_locust(one) for one in stats}
    failures = (folder / "found_failures.csv").read_text(encoding="utf-8").splitlines()[1:]
    lasted = max(one["last_request_timestamp"] for one in stats) - min(one["start_time"] for one in stats)
    return {
        "at_once": at_once,
        "seconds": seconds,
        "per_second": sum(one["num_requests"] for one in stats) / lasted,
        "requests": by_name,
        "failures": failures,
    }


def _of_locust(one: dict[str, Any]) -> dict[str, Any]:
    times = sorted((float(ms), count) for ms, count in one["response_times"].items())
    quantiles = {f"p{share}_ms": _quantile(times, share / 100) for share in (50, 95, 99)}
    seconds = one["last_request_timestamp"] - one["start_time"]
    return {
        "requests": one["num_requests"],
        "failures": one["num_failures"],
        "per_second": one["num_requests"] / seconds if seconds else 0.0,
        **quantiles,
    }


def _quantile(times: Sequence[tuple[float, int]], share: float) -> float:
    left = share * sum(count for _, count in times)
    for ms, count in times:
        left -= count
        if left <= 0:
            return ms
    return times[-1][0] if times else 0.0


def granted(engine: Application) -> int:
    with engine.engine.connect() as connection:
        asked = select(func.count()).where(
            tables.claim.c.campaign == FIVE_HUNDRED, tables.claim.c.outcome == "granted"
        )
        return int(connection.execute(asked).scalar_one())


def run(folder: Path, seconds: float, newcomers: int) -> dict[str, Any]:
    with running_postgres(folder / "server", durable=True) as server:
        url = fresh_database(server, "bench_http")
        engine = ground(url, folder, CAMPAIGNS)
        openings = [FIVE_HUNDRED, *map(_step, AT_ONCE)]
        open_campaigns(engine, openings, folder, hot=True, units=UNITS)
        who = people(0, PEOPLE - 1_000)
        of = tokens(engine, people(0, PEOPLE))
        engine.engine.dispose()
        environment = {
            "PERKS_DATABASE_URL": url,
            "PERKS_RULES": str(packaged("rules")),
            "PERKS_CACHE": str(folder),
        }
        found: dict[str, Any] = {}
        port, plain = _free_port(), _free_port()
        ours = ["perks_engine", "serve", "--port", str(port), "--workers", str(PROCESSES)]
        bare = ["benchmarks.http_bare", str(plain), str(PROCESSES)]
        with serving(ours, port, environment):
            with serving(bare, plain, environment):
                person = in_turn(lambda one: get(f"/people/{one}"), who)
                perk = in_turn(lambda one: get(f"/v1/perks/{CAMPAIGNS[0]}", of[one]), who)
                found["bare before"] = measured(plain, person, seconds)
                found["one perk"] = measured(port, perk, seconds)
                found["bare after"] = measured(plain, person, seconds)
            perks = in_turn(lambda one: get("/v1/perks", of[one]), who)
            found["all perks"] = measured(port, perks, seconds)
            found["claims"] = measured(port, claims_once(of, who[: len(who) // 2]), seconds)
            found["steps"] = steps(port, of, people(0, newcomers // len(AT_ONCE)), folder)
            enough = saturating(found["steps"])
            all_of_them = [of[one] for one in people(0, newcomers)]
            found["opening"] = opening(port, all_of_them, folder, FIVE_HUNDRED, enough)
        theirs = who[len(who) // 2 :]
        found["claims without HTTP"] = asdict(claims(engine, theirs, CAMPAIGNS, CLIENTS, seconds))
        found["granted"] = granted(engine)
        engine.close()
    found["keys"] = keys(found)
    return found


def keys(found: dict[str, Any]) -> dict[str, Any]:
    simple = (found["bare before"]["per_second"] + found["bare after"]["per_second"]) / 2
    claimed = found["opening"]["requests"]["claim"]
    loads = [one for one in found.values() if isinstance(one, dict) and "statuses" in one]
    broken = sum(count for load in loads for status, count in load["statuses"].items() if status >= 500)
    openings = [found["opening"], *found["steps"].values()]
    failed = sum(one["failures"] for opened in openings for one in opened["requests"].values())
    return {
        "reads_vs_bare": found["one perk"]["per_second"] / simple,
        "claims_vs_ledger": found["claims"]["per_second"] / found["claims without HTTP"]["per_second"],
        "claim_p99_ms": claimed["p99_ms"],
        "errors_5xx": broken + failed,
        "granted": found["granted"],
    }


def report(found: dict[str, Any]) -> None:
    print(f"\n{'':28} {'per second':>11} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}")
    rows = {name: one for name, one in found.items() if isinstance(one, dict) and "p50_ms" in one}
    rows |= {f"opening: {name}": one for name, one in found["opening"]["requests"].items()}
    for name, one in rows.items():
        shown = [one.get(f"p{share}_ms", float("nan")) for share in (50, 95, 99)]
        print(f"{name:28} {one['per_second']:11,.0f} " + " ".join(f"{value:8.1f}" for value in shown))
    print(f"\n{'people at once':>28} {'requests/s':>11} {'claim p50 ms':>13} {'claim p99 ms':>13}")
    for at_once, one in found["steps"].items():
        claimed = one["requests"]["claim"]
        print(f"{at_once:>28} {one['per_second']:11,.0f} {claimed['p50_ms']:13.1f} {claimed['p99_ms']:13.1f}")
    opened = found["opening"]
    for failure in opened["failures"]:
        print(f"failed: {failure}")
    taken = f"with {opened['at_once']} people at once, as many as saturate it, took {opened['seconds']:.1f} s"
    print(f"the opening {taken}; granted {found['granted']} of {UNITS}")
    print(json.dumps(found["keys"], indent=2))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--people", type=int, default=PEOPLE, help="of the opening")
    options.add_argument("--keep", type=Path, default=RESULTS, help="where the results go")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="perks-bench-") as name:
        found = run(Path(name), chosen.seconds, min(chosen.people, PEOPLE))
    report(found)
    chosen.keep.write_text(json.dumps(found["keys"] | {"all": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
