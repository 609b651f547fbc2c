"""What an operator sees of a run: decisions, stock, queues and guards, counted where each is known."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as families
from sqlalchemy import event

from perks_engine.bootstrap.metrics import SHARED, Metrics
from perks_engine.jobs import turn_of
from perks_engine.services.access import Role
from perks_engine.storage.engine import make_engine
from tests.engine_room import ALABAMA, PHONE, Client, Room, in_brooklyn, served, with_log_key

DASHBOARD = Path(__file__).parents[2] / "deploy" / "grafana" / "perks.json"
TOKEN = "token of the monitor"
GONE = 4_194_305
"""The number of no process: beyond the most that Linux gives."""
SAYS_SO = "{claimed: New York City}"


def watched(room: Room) -> Room:
    room.engine.settings = room.engine.settings.model_copy(update={"metrics_token": TOKEN})
    return room


def scraped(base: str, path: str = "/metrics") -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, in the order of the labels' names."""
    answer = httpx.get(base + path, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return samples(answer.text)


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (one.name, *(one.labels[name] for name in sorted(one.labels))): one.value
        for family in families(text)
        for one in family.samples
    }


def test_nobody_reads_metrics_without_the_token(sqlite_room: Room, sqlite_base: str) -> None:
    for path in ("/metrics", "/metrics/database"):
        closed = httpx.get(sqlite_base + path, headers={"Authorization": "Bearer x"}, timeout=30)
        assert (closed.status_code, closed.json()["code"]) == (404, "request.no_such_path")
    watched(sqlite_room)
    operator = sqlite_room.token(Role.OPERATOR)
    for sent in ("", "Bearer", f"Basic {TOKEN}", f"Bearer {operator}", f"Bearer {TOKEN}x"):
        refused = httpx.get(f"{sqlite_base}/metrics", headers={"Authorization": sent}, timeout=30)
        assert refused.status_code == 401, sent


def test_decisions_claims_and_what_was_unknown(room: Room, base: str) -> None:
    watched(room).campaign(quantity="3", guards="[{grants: {at_most: 10, over: 1h}}]")
    answers: list[httpx.Response] = []
    for person, location in (("ana", in_brooklyn(1)), ("ben", ALABAMA), ("cy", SAYS_SO)):
        client = Client(base, room.token(Role.INFLUENCER, room.person(person, location)))
        answers += [client.claim("key"), client.claim("key")]
    assert [one.status_code for one in answers] == [201, 201, 403, 403, 403, 403]
    found = scraped(base)
    counted = {key: value for key, value in found.items() if key[0].startswith("perks_") and value}
    assert counted["perks_decisions_total", PHONE, "eligible"] == 1, "the same key is the same decision"
    assert counted["perks_decisions_total", PHONE, "ineligible"] == 1
    assert counted["perks_decisions_total", PHONE, "unknown"] == 1
    assert counted["perks_claims_total", PHONE, "granted"] == 1
    assert counted["perks_claims_total", PHONE, "refused"] == 2
    assert counted["perks_decision_reasons_total", "location.outside", "ineligible"] == 1
    code = "location.source_not_accepted"
    assert counted["perks_unknown_evidence_total", "location", code] == 1
    assert counted["perks_request_seconds_count", "POST", "/v1/claims", "403"] == 4
    assert counted["perks_database_connections_limit",] == room.engine.settings.pool_size
    assert ("perks_database_connections_in_use",) not in counted, "all are back"
    for name in ("ana", "ben", "cy"):
        assert not any(name in label for key in found for label in key)
    known = scraped(base, "/metrics/database")
    assert known["perks_stock_units", PHONE] == 2
    assert known["perks_guard_distance", PHONE, "grants", "0"] == pytest.approx(0.9)
    turn_of(room.engine, "seal")()
    told = {name for name, *_ in {**scraped(base), **known}}
    asked = set(re.findall(r"\bperks_\w+(?=[\s{\[)])", " ".join(drawn())))
    assert asked - told == set(), "the dashboard draws what an engine at work tells"
    assert len(asked) > 10


def drawn() -> Iterator[str]:
    """What each curve of the dashboard for Grafana asks for."""
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield target["expr"] + " "


def test_what_waits_is_late_from_when_it_could_have_been_done(room: Room, base: str) -> None:
    with_log_key(watched(room))
    room.campaign()
    room.person("ana", email="ana@mail.example")
    room.claim("ana")
    room.clock.move(minutes=5)
    known = scraped(base, "/metrics/database")
    assert known["perks_queue_waiting", "messages"] == 2
    assert known["perks_queue_lag_seconds", "messages"] == 300
    # What was supplied to the stock, and the reservation.
    assert known["perks_queue_waiting", "seal"] == 2
    assert known["perks_queue_lag_seconds", "seal"] == 300
    room.engine.sealing.seal()
    assert scraped(base, "/metrics/database")["perks_queue_waiting", "seal"] == 2, "one reading serves 5 s"
    room.clock.move(seconds=5)
    known = scraped(base, "/metrics/database")
    assert (known["perks_queue_waiting", "seal"], known["perks_queue_lag_seconds", "seal"]) == (0, 0)


def test_without_a_key_nothing_is_late_to_be_sealed(sqlite_room: Room, sqlite_base: str) -> None:
    watched(sqlite_room).campaign()
    assert ("perks_queue_waiting", "seal") not in scraped(sqlite_base, "/metrics/database")


def statements(room: Room) -> list[tuple[str, Any]]:
    """What one reading asks of the database, with what is filled in."""
    found: list[tuple[str, Any]] = []

    def said(_on: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        found.append((statement, values))

    event.listen(room.engine.engine, "before_cursor_execute", said)
    try:
        room.engine.measuring.now()
    finally:
        event.remove(room.engine.engine, "before_cursor_execute", said)
    return found


def test_a_reading_costs_the_same_however_much_was_recorded(room: Room) -> None:
    """As many queries, none of which goes through what was ever recorded."""
    with_log_key(room)
    room.campaign(guards="[{unknown_share: {at_most: 90%}}]")
    room.claim(room.person("ana", in_brooklyn(1)))
    room.engine.measuring.now()
    room.clock.move(seconds=10)
    before = statements(room)
    for number in range(2, 8):
        room.received(room.person(f"p{number}", in_brooklyn(number)))
    room.engine.sealing.seal()
    room.clock.move(seconds=10)
    after = statements(room)
    assert len(after) == len(before) <= 16
    plans = "\n".join(_plan(room, *one) for one in after)
    whole = re.findall(r"(?m)(?:Seq Scan on|^SCAN) (\w+)(?! (?:\w+ )?USING (?:COVERING )?INDEX ix)", plans)
    grow = {"entry", "log_leaf", "claim", "decision", "message", "event_delivery", "person", "holding"}
    assert set(whole) & grow == set(), plans


def _plan(room: Room, statement: str, values: Any) -> str:
    """How the database would go about it, were every table large."""
    with room.engine.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            return "\n".join(str(row[3]) for row in rows)
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", values)
        return "\n".join(str(row[0]) for row in rows)


def test_turns_of_the_scheduler_by_how_they_ended(sqlite_room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room = watched(sqlite_room)
    turn_of(room.engine, "seal")()
    monkeypatch.setattr(type(room.engine.chores), "run", lambda _self, _name: None)
    turn_of(room.engine, "seal")()

    def broken(_self: object, _name: str) -> int:
        raise RuntimeError

    monkeypatch.setattr(type(room.engine.chores), "run", broken)
    with pytest.raises(RuntimeError):
        turn_of(room.engine, "seal")()
    with served(room.engine) as base:
        found = scraped(base)
    for outcome in ("done", "elsewhere", "failed"):
        assert found["perks_chore_runs_total", "seal", outcome] == 1
    assert found["perks_chore_seconds_count", "seal"] == 1
    assert found["perks_chore_done_timestamp_seconds", "seal"] > 1_700_000_000


def test_processes_of_one_server_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of them is asked tells what all have counted; what one that died had in use is in use no
    more."""
    from_before = Metrics()
    monkeypatch.setenv(SHARED, str(tmp_path))
    ours = Metrics()
    ours.requested("GET", "/v1/perks", 200, 0.01)
    ours.watch_pool(make_engine(f"sqlite:///{tmp_path / 'x.db'}"), 8)
    for file in tmp_path.glob(f"*_{os.getpid()}.db"):
        shutil.copyfile(file, file.with_name(file.name.replace(f"_{os.getpid()}.", f"_{GONE}.")))
    told = samples(ours.text().decode())
    key = ("perks_request_seconds_count", "GET", "/v1/perks", "200")
    assert told[key] == 2
    assert told["perks_database_connections_limit",] == 8
    assert key not in samples(from_before.text().decode())
