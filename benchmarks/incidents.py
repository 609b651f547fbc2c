"""An incident over 100,000 decisions, replayed: how fast, and whether memory stays flat.

    python -m benchmarks.incidents [--decisions 10000 100000] [--only few all]

A SQLite database is filled with decisions of the sample campaign, each on the evidence of somebody at a point
of their own in Brooklyn; one in a hundred rests on a verified address, the others on a phone. Then they are
replayed, in a process of its own, without that source: `few` distrusts the address, `all` the phones, so that
almost every decision comes out otherwise, is explained twice and is written down. What is measured goes into
`benchmarks/results/incidents.json`, beside what stands there.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from perks_engine.bootstrap import Application, packaged, rule_book
from perks_engine.campaigns.people_file import PeopleReader
from perks_engine.cli.people_commands import newcomer
from perks_engine.domain.codec import evidence_to_json
from perks_engine.domain.progress import unreported
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.gate import CLAIM
from perks_engine.services.incident_correction import Corrected, Distrust
from perks_engine.services.incident_records import Scope
from perks_engine.services.records import PreviewRecord
from perks_engine.settings import Settings
from perks_engine.storage.engine import make_engine
from perks_engine.storage.migrate import upgrade

CAMPAIGN = "phone-launch-nyc"
STAFF = Actor("benchmark", Role.COMPLIANCE, (ALL_BRANDS,), holder="benchmark")
NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 3, tzinfo=UTC)
"""When all of them have been made."""
RESULTS = Path(__file__).parent / "results" / "incidents.json"
DISTRUSTED = {"few": "verified_address", "all": "device"}
PERSON = """
- id: model
  handle: model.example
  consents: [{purpose: perks, given_at: 2026-11-01T00:00Z, how: form}]
  born_on: 1990-04-01
  score: {reach: 71}
  topics: [technology]
  location: {device: [40.6782, -73.9442], radius: 30 m}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="An incident over many decisions, replayed.")
    parser.add_argument("--decisions", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--only", nargs="*", choices=tuple(DISTRUSTED), default=tuple(DISTRUSTED))
    parser.add_argument("--keep", type=Path, default=RESULTS, help="where the results go")
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        print(json.dumps(replay(Path(given.job[0]), given.job[1])))
        return
    columns = ("decisions", "hit", "seconds", "a second", "of CPU", "peak MB")
    print(f"{'replay':8}" + "".join(f"{one:>10}" for one in columns))
    for decisions in sorted(given.decisions):
        with TemporaryDirectory(prefix="perks-incidents-") as folder:
            fill(Path(folder), decisions)
            for what in given.only:
                told = in_a_process_of_its_own(Path(folder), what)
                keep(given.keep, what, decisions, told)
                print(
                    f"{what:8}{decisions:>10,}{told['hit']:>10,.0f}{told['seconds']:>10.1f}"
                    f"{decisions / told['seconds']:>10,.0f}{decisions / told['processor_s']:>10,.0f}"
                    f"{told['peak_mb']:>10.0f}",
                    flush=True,
                )


def keep(file: Path, what: str, decisions: int, told: dict[str, float]) -> None:
    """Put one figure beside those that are kept."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known.setdefault(what, {})[str(decisions)] = {
        "hit": int(told["hit"]),
        "seconds": round(told["seconds"], 1),
        "processor_seconds": round(told["processor_s"], 1),
        "decisions_per_second": round(decisions / told["seconds"]),
        "decisions_per_processor_second": round(decisions / told["processor_s"]),
        "peak_mb": round(told["peak_mb"]),
        "measured_on": datetime.now(UTC).date().isoformat(),
        "load_average": round(os.getloadavg()[0], 1),
    }
    file.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def fill(folder: Path, decisions: int) -> None:
    """Decisions as the gate would have recorded them, without the triggers."""
    engine = make_engine(url_of(folder))
    upgrade(engine)
    engine.dispose()
    application = engine_over(folder)
    rules = rule_book(Settings(), packaged("rules") / "catalogue.yaml")
    file = rules.reader.read_file(packaged("rules") / "campaigns" / f"{CAMPAIGN}.yaml")
    loaded = application.campaigning.load(rules.loadable(file), "benchmark")
    nobody = {"people": 0, "eligible": 0, "ineligible": 0, "unknown": 0}
    with application.store.write() as tx:
        tx.campaigns.add_preview(PreviewRecord(str(loaded["version"]), "benchmark", NOW, nobody))
    application.campaigning.approve(CAMPAIGN, "somebody else")
    application.campaigning.open(CAMPAIGN, "benchmark")
    people = folder / "people.yaml"
    people.write_text(PERSON, encoding="utf-8")
    reader = PeopleReader(application.rules.catalogue, application.rules.atlas)
    application.people.bring_in([newcomer(one, NOW) for one in reader.read_file(people, NOW)])
    with application.store.read() as tx:
        record = tx.campaigns.get(CAMPAIGN)
        assert record is not None
        decision = application.gate.decide(tx, "model", record, CLAIM, NOW)
    evidence = json.dumps(evidence_to_json(decision.evidence))
    application.close()

    def rows() -> Iterator[tuple[str, ...]]:
        for number in range(decisions):
            theirs = evidence.replace("40.6782", f"40.{650_000 + number % 40_000}")
            if number % 100 == 0:
                theirs = theirs.replace('"device"', '"verified_address"')
            at = f"2026-12-02 {15 + number // 36_000 % 8}:{number // 600 % 60:02}:00.{number % 600:06}"
            yield (
                f"dec_{number:09}",
                f"p{number}",
                CAMPAIGN,
                decision.version,
                str(decision.verdict),
                theirs,
                at,
            )

    with closing(sqlite3.connect(folder / "perks.db")) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.executemany(
            """INSERT INTO decision (decision_id, person_id, campaign, version, purpose, verdict, reason,
            standing, evidence, decided_at) VALUES (?, ?, ?, ?, 'claim', ?, '{}', '[]', ?, ?)""",
            rows(),
        )
        database.commit()


def in_a_process_of_its_own(folder: Path, what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.incidents", "--job", str(folder), what]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def replay(folder: Path, what: str) -> dict[str, float]:
    """Replay it as a job; its seconds, whom it hit, and the most memory that this process ever had."""
    application = engine_over(folder, LATER)
    scope = Scope(campaign=CAMPAIGN)
    incident = str(application.incidents.open(STAFF, scope, "A source was wrong.")["incident"])
    corrected = Corrected(distrust=(Distrust(DISTRUSTED[what]),))
    began, worked = time.monotonic(), time.process_time()
    job = application.incident_jobs.ask_replay(STAFF, incident, corrected)
    assert application.incident_jobs.finish(job["job"], unreported)
    seconds, worked = time.monotonic() - began, time.process_time() - worked
    numbers = application.incidents.show(STAFF, incident)["history"][-1]["numbers"]
    assert numbers["not_as_recorded"] == 0, numbers
    application.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "processor_s": worked, "hit": numbers["people"], "peak_mb": peak}


def engine_over(folder: Path, now: datetime = NOW) -> Application:
    return Application(Settings(database_url=url_of(folder)), lambda: now)


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'perks.db'}"


if __name__ == "__main__":
    main()
