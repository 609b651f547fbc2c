"""An incident that hit people, from its replay to the letter of each: how long planning and applying take.

    python -m benchmarks.incidents_applied [--people 200 5000] [--on sqlite postgresql] [--profile FILE]

A database is filled with people who fit the sample campaign, each of whom claims and is granted a unit by the
engine itself. Then it is found that devices are not to be believed: the decisions are replayed, the plan is
made, approved and applied, so that each person's unit comes back to stock and a letter is queued for them.
The claims of the same run are what the figures are compared with: a person of a plan and a claim are one
transaction each, with one entry of the ledger. What is measured goes into
`benchmarks/results/incidents_applied.json`.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import resource
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ledger_ground import SAMPLE, bring_in, engine_on, open_campaigns
from perks_engine.bootstrap import Application
from perks_engine.domain.progress import unreported
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.incident_correction import Corrected, Distrust
from perks_engine.services.incident_records import Scope
from perks_engine.storage.engine import make_engine
from perks_engine.storage.migrate import upgrade
from tests.postgres_server import fresh_database, running_postgres

MARA, NOOR = (Actor(name, Role.COMPLIANCE, (ALL_BRANDS,), holder=name) for name in ("mara", "noor"))
RESULTS = Path(__file__).parent / "results" / "incidents_applied.json"
PARTS = ("claiming", "replaying", "planning", "applying")


def main() -> None:
    parser = argparse.ArgumentParser(description="An incident, from its replay to the letter of each.")
    parser.add_argument("--people", type=int, nargs="+", default=[200, 5_000])
    parser.add_argument("--on", nargs="+", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql"))
    parser.add_argument("--keep", type=Path, default=RESULTS, help="where the results go")
    parser.add_argument("--profile", type=Path, help="where to keep a profile of the application")
    given = parser.parse_args()
    print(f"{'on':12}{'people':>8}" + "".join(f"{one:>12}" for one in (*PARTS, "peak MB")) + "  ms a person")
    found = json.loads(given.keep.read_text(encoding="utf-8")) if given.keep.is_file() else {}
    for on in given.on:
        with TemporaryDirectory(prefix="perks-incident-") as name, server(on, Path(name)) as database:
            for people in given.people:
                told = measured(database, Path(name), people, given.profile)
                found.setdefault(on, {})[str(people)] = told
                given.keep.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
                each = "".join(f"{told[part]['ms_a_person']:12.1f}" for part in PARTS)
                print(f"{on:12}{people:>8,}{each}{told['peak_mb']:>12}", flush=True)


@contextmanager
def server(on: str, folder: Path) -> Generator[Callable[[str], str]]:
    """Gives the URL of an empty database of some name."""
    if on == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.db"
        return
    with running_postgres(folder / "server", durable=True) as url:
        yield lambda name: fresh_database(url, name)


def measured(
    database: Callable[[str], str], folder: Path, people: int, profile: Path | None
) -> dict[str, Any]:
    url = database(f"crowd_of_{people}")
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    application = engine_on(url, folder / "cache")
    open_campaigns(application, [SAMPLE], folder)
    bring_in(application, people)
    found: dict[str, Any] = {"load_average": round(os.getloadavg()[0], 1)}
    with timed(found, "claiming", people):
        for number in range(people):
            answer = application.claiming.claim(f"p{number}", SAMPLE, "a key")
            assert answer["outcome"] == "granted", answer
    scope = Scope(campaign=SAMPLE)
    incident = str(application.incidents.open(MARA, scope, "Devices were wrong.")["incident"])
    with timed(found, "replaying", people):
        finish(application, application.incident_jobs.ask_replay(MARA, incident, NO_DEVICES))
    with timed(found, "planning", people):
        planned = application.incident_plan.plan(MARA, incident)
    application.incidents.approve(NOOR, incident, planned["history"][-1]["numbers"]["hash"])
    watching = cProfile.Profile() if profile else None
    if watching:
        watching.enable()
    with timed(found, "applying", people):
        finish(application, application.incident_jobs.ask_apply(MARA, incident))
    if watching and profile:
        watching.dump_stats(profile)
    numbers = application.incidents.show(MARA, incident)["history"][-1]["numbers"]
    assert (numbers["letters"], numbers["actions"]["void"]) == (people, people), numbers
    application.close()
    found["applying_to_claiming"] = ratio(found, "applying")
    found["planning_to_claiming"] = ratio(found, "planning")
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    found["measured_on"] = datetime.now(UTC).date().isoformat()
    return found


NO_DEVICES = Corrected(distrust=(Distrust("device"),))


def finish(application: Application, job: dict[str, Any]) -> None:
    assert application.incident_jobs.finish(job["job"], unreported)


@contextmanager
def timed(found: dict[str, Any], part: str, people: int) -> Generator[None]:
    """Seconds, and those of this process's processor: the server of PostgreSQL works beside it."""
    began, worked = time.monotonic(), time.process_time()
    yield
    seconds, worked = time.monotonic() - began, time.process_time() - worked
    found[part] = {
        "seconds": round(seconds, 2),
        "processor_seconds": round(worked, 2),
        "ms_a_person": round(seconds / people * 1_000, 2),
    }


def ratio(found: dict[str, Any], part: str) -> float:
    """To what a claim takes, by the processor's time: the clock says little while others work."""
    return round(found[part]["processor_seconds"] / found["claiming"]["processor_seconds"], 2)


if __name__ == "__main__":
    main()
