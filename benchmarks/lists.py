"""Lists, exports and the audit at a million: how long they take, and whether memory stays flat.

    python -m benchmarks.lists [--lines 5000 10000 100000 1000000] [--only csv json xlsx pdf tax audit]

A SQLite database is filled with people who received a phone; then each job runs in a process of its own, over
so many lines, and says its time and its peak memory (RSS). What is measured goes into
`benchmarks/results/lists.json`, beside what stands there. With `--folder` the database is kept, so that a
long run can be made in steps of growing lines.
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
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from perks_engine.bootstrap import Application, packaged, rule_book
from perks_engine.delivery.log_files import add_key
from perks_engine.exports.disclosure_document import MOST_LINES
from perks_engine.exports.disclosure_sheet import MOST_ROWS
from perks_engine.exports.tax_files import tax_csv
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.list_records import Chosen, FileKind, Form
from perks_engine.settings import Settings
from perks_engine.storage.engine import make_engine
from perks_engine.storage.migrate import upgrade

BRAND, CAMPAIGN = "northwind-phones", "phone-launch-nyc"
STAFF = Actor("benchmark", Role.OPERATOR, (ALL_BRANDS,))
AT = "2026-01-05 12:00:00.000000"
JOBS = ("csv", "json", "xlsx", "pdf", "tax", "audit")
RESULTS = Path(__file__).parent / "results" / "lists.json"
MOST = {"pdf": MOST_LINES, "xlsx": MOST_ROWS - 1}
"""How many lines a form takes at most; a longer list is refused, and so not measured."""
KEY = Path("log.key")

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :end)"
_ROWS = (
    f"""{_NUMBERS} INSERT INTO person (person_id, handle, language, joined_at)
        SELECT 'p' || i, 'h' || i, 'en', '{AT}' FROM n""",
    f"""{_NUMBERS} INSERT INTO naming (person_id, field, value, recorded_at)
        SELECT 'p' || i, 'handle', 'h' || i, '{AT}' FROM n""",
    f"""{_NUMBERS} INSERT INTO decision
          (decision_id, person_id, campaign, version, purpose, verdict, reason, standing, evidence,
          decided_at)
        SELECT 'dec_' || i, 'p' || i, '{CAMPAIGN}', :v, 'claim', 'eligible', '{{}}', '[]', '[]', '{AT}'
        FROM n""",
    f"""{_NUMBERS} INSERT INTO claim
          (claim_id, person_id, campaign, version, decision_id, outcome, created_at, reserved_until)
        SELECT 'clm_' || i, 'p' || i, '{CAMPAIGN}', :v, 'dec_' || i, 'granted', '{AT}', '{AT}' FROM n""",
    f"""{_NUMBERS} INSERT INTO message
          (message_id, person_id, campaign, claim_id, kind, purpose, channel, subject, body_text, body_html,
          state, created_at)
        SELECT 'msg_' || i, 'p' || i, '{CAMPAIGN}', 'clm_' || i, 'disclosure_instruction', 'account', 'email',
          '', '', '', 'sent', '{AT}' FROM n""",
    f"""{_NUMBERS} INSERT INTO entry (campaign, claim_id, person_id, move, source, target, units, evidence,
          reference, note, occurred_at, recorded_at, recorded_by)
        SELECT '{CAMPAIGN}', 'clm_' || i, 'p' || i, 'deliver', 'in_transit', 'recipient', 1, 'carrier',
          '1Z' || i, '', '{AT}', '{AT}', 'benchmark' FROM n""",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Lists, exports and the audit at a million.")
    parser.add_argument("--lines", type=int, nargs="+", default=[5_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--only", nargs="*", choices=JOBS, default=JOBS)
    parser.add_argument("--folder", type=Path, help="where the database is kept; a temporary one if left out")
    parser.add_argument("--keep", type=Path, default=RESULTS, help="where the results go")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        print(json.dumps(run(given.job, given.folder)))
        return
    with TemporaryDirectory(prefix="perks-lists-") as name:
        folder: Path = given.folder or Path(name)
        if not (folder / "perks.db").exists():
            folder.mkdir(parents=True, exist_ok=True)
            make_database(folder)
        print(f"{'job':8}{'lines':>12}{'seconds':>10}{'lines/s':>12}{'peak MB':>10}")
        for lines in sorted(given.lines):
            fill(folder, lines)
            for job in given.only:
                if lines <= MOST.get(job, lines):
                    told = in_a_process_of_its_own(job, folder)
                    keep(given.keep, job, lines, told)
                    print(
                        f"{job:8}{lines:>12,}{told['seconds']:>10.1f}{lines / told['seconds']:>12,.0f}"
                        f"{told['peak_mb']:>10.0f}",
                        flush=True,
                    )


def keep(file: Path, job: str, lines: int, told: dict[str, float]) -> None:
    """Put one figure beside those that are kept."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known.setdefault(job, {})[str(lines)] = {
        "seconds": round(told["seconds"], 1),
        "lines_per_second": round(lines / told["seconds"]),
        "peak_mb": round(told["peak_mb"]),
        "measured_on": datetime.now(UTC).date().isoformat(),
        "load_average": round(os.getloadavg()[0], 1),
    }
    for sizes in known.values():
        ordered = sorted(sizes.items(), key=lambda one: int(one[0]))
        sizes.clear()
        sizes.update(ordered)
    file.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def make_database(folder: Path) -> None:
    """An empty database with the sample campaign loaded and opened."""
    engine = make_engine(url_of(folder))
    upgrade(engine)
    engine.dispose()
    add_key(folder / KEY, "bench.example/log")
    application = engine_over(folder)
    rules = rule_book(Settings(), packaged("rules") / "catalogue.yaml")
    file = rules.reader.read_file(packaged("rules") / "campaigns" / f"{CAMPAIGN}.yaml")
    application.campaigning.load(rules.loadable(file), "benchmark")
    application.close()


def fill(folder: Path, end: int) -> None:
    """People who received a phone, as rows, without the triggers: so many claims would take hours."""
    with closing(sqlite3.connect(folder / "perks.db")) as file:
        (first,) = file.execute("SELECT count(*) FROM person").fetchone()
        if first > end:
            raise SystemExit(f"{folder} holds {first:,} lines already; name a new folder for {end:,}")
        if first == end:
            return
        file.execute("PRAGMA synchronous=OFF")
        (version,) = file.execute("SELECT version FROM campaign_version").fetchone()
        triggers = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        for statement in _ROWS:
            file.execute(statement, {"first": first, "end": end, "v": version})
        for _, sql in triggers:
            file.execute(sql)
        file.commit()
        file.execute("ANALYZE")


def in_a_process_of_its_own(job: str, folder: Path) -> dict[str, float]:
    if job == "audit":
        seal(folder)
    command = [sys.executable, "-m", "benchmarks.lists", "--job", job, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def seal(folder: Path) -> None:
    application = engine_over(folder)
    application.sealing.seal()
    application.close()


def run(job: str, folder: Path) -> dict[str, float]:
    """Do one job; its seconds, and the most memory that this process ever had."""
    application = engine_over(folder)
    began = time.monotonic()
    match job:
        case "audit":
            found = application.auditing.audit(application.sealing.keys)
            assert not found.findings, found.findings[:3]
        case "tax":
            with (
                application.taxing.report(STAFF, 2026, BRAND) as report,
                (folder / "tax.csv").open("w", encoding="utf-8") as out,
            ):
                out.writelines(tax_csv(report))
        case _:
            form = Form(FileKind(job), "2")
            application.exporting.export(STAFF, Chosen(BRAND), form, folder / f"list.{job}")
    seconds = time.monotonic() - began
    application.close()
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def engine_over(folder: Path) -> Application:
    settings = Settings(database_url=url_of(folder), log_key=folder / KEY)
    return Application(settings)


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'perks.db'}"


if __name__ == "__main__":
    main()
