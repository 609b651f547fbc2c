"""What `make bench-ledger` claims from: a migrated database, its campaigns open, its people on record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from sqlalchemy import insert

from perks_engine.bootstrap import Application, packaged, rule_book
from perks_engine.cli.samples import open_today
from perks_engine.domain.codec import value_to_json
from perks_engine.domain.evidence import Location
from perks_engine.domain.geography import Disc
from perks_engine.services.records import PreviewRecord
from perks_engine.settings import Settings
from perks_engine.storage import tables

SAMPLE = "phone-launch-nyc"
OPENING = datetime.now(UTC)
"""When the run began: a served engine has the clock of the machine."""

UNITS = 400_000
"""More than any run can claim: refusals would be cheaper than grants."""


@dataclass(frozen=True)
class RunningClock:
    """Starts with the run, and goes on as any clock, also where that of the machine is set meanwhile."""

    began: float = field(default_factory=monotonic)

    def __call__(self) -> datetime:
        return OPENING + timedelta(seconds=monotonic() - self.began)


def engine_on(url: str, cache: Path, pool_size: int = 8) -> Application:
    settings = Settings(database_url=url, cache=cache, rules=packaged("rules"), pool_size=pool_size)
    return Application(settings, RunningClock(), rule_book(settings))


def open_campaigns(
    engine: Application, names: Sequence[str], folder: Path, hot: bool = False, units: int = UNITS
) -> None:
    """Campaigns like the sample, guards included, open today."""
    for name in names:
        file = folder / f"{name}.yaml"
        file.write_text(_sample(name, hot, units), encoding="utf-8")
        version = str(
            engine.campaigning.load(engine.rules.loadable(engine.rules.reader.read_file(file)), "m")[
                "version"
            ]
        )
        nobody = {"people": 0, "eligible": 0, "ineligible": 0, "unknown": 0}
        with engine.store.write() as tx:
            tx.campaigns.add_preview(PreviewRecord(version, "m", engine.clock(), nobody))
        engine.campaigning.approve(name, "n")
        engine.campaigning.open(name, "m")


def _sample(name: str, hot: bool, units: int) -> str:
    text = (packaged("rules") / "campaigns" / f"{SAMPLE}.yaml").read_text(encoding="utf-8")
    text = open_today(text.replace(f"campaign: {SAMPLE}", f"campaign: {name}"), OPENING)
    quantity = f"quantity: {units}\n  hot: true" if hot else f"quantity: {units}"
    return re.sub(r"quantity: \d+", quantity, text)


def bring_in(engine: Application, count: int) -> None:
    """People who fit the sample, each on a point of their own, far from the city's edge: `p0`, `p1` …"""
    random = Random(2012)
    people = ((f"p{number}", _facts(random)) for number in range(count))
    with engine.engine.execution_options(perks_writes=True).begin() as connection:
        for some in _by_thousands(people):
            connection.execute(insert(tables.person), [_person(person) for person, _ in some])
            connection.execute(insert(tables.consent), [_consent(person) for person, _ in some])
            facts = [_evidence(person, *fact) for person, facts in some for fact in facts]
            connection.execute(insert(tables.evidence), facts)


def _by_thousands(people: Iterator[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    yield from iter(lambda: list(islice(people, 1_000)), [])


def _facts(random: Random) -> list[tuple[str, str, str, Any]]:
    point = Disc(round(random.uniform(40.650, 40.665), 6), round(random.uniform(-73.950, -73.935), 6), 30.0)
    return [
        ("born_on", "", "profile", datetime(1990, 4, 1, tzinfo=UTC).date()),
        ("score", "", "reach", 71.0),
        ("topics", "", "profile", frozenset({"technology"})),
        ("location", "", "device", Location(disc=point)),
    ]


def _person(person: str) -> dict[str, Any]:
    return {
        "person_id": person,
        "handle": f"{person}.handle",
        "email": f"{person}@example.org",
        "name": f"Person {person[1:]}",
        "language": "en",
        "joined_at": OPENING - timedelta(days=3),
    }


def _consent(person: str) -> dict[str, Any]:
    when = OPENING - timedelta(days=3)
    words = {"purpose": "perks", "channel": "email", "given": True, "how": "form"}
    return {"person_id": person, **words, "acted_at": when, "recorded_at": when}


def _evidence(person: str, attribute: str, key: str, source: str, value: Any) -> dict[str, Any]:
    when = OPENING - timedelta(hours=1)
    kind = {"attribute": attribute, "key": key, "source": source, "note": ""}
    return {
        "person_id": person,
        **kind,
        "value": value_to_json(value),
        "observed_at": when,
        "recorded_at": when,
    }


def warm_up(engine: Application, campaigns: Sequence[str], people: Sequence[str]) -> None:
    """Claims until the guards are far from their limits: before, a campaign's claims are counted alone."""
    for campaign in campaigns:
        for person in people:
            answer = engine.claiming.claim(person, campaign, f"warm {campaign}")
            assert answer["outcome"] == "granted", answer
