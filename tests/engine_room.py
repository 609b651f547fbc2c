"""A whole engine for a test: its clock can be set, its campaigns opened in one line, and it can be served."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from perks_engine.bootstrap import Application, RuleBook, packaged, rule_book
from perks_engine.campaigns.people_file import PeopleReader
from perks_engine.cli.people_commands import newcomer
from perks_engine.delivery.log_files import add_key
from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.campaigning import LoadedFile
from perks_engine.services.records import PreviewRecord
from perks_engine.settings import Settings
from perks_engine.web.app import create_app
from tests.recorder import recorded

PHONE = "phone-launch-nyc"
BRAND = "northwind-phones"
OPENING = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
STAFF = Actor("test staff", Role.OPERATOR, (ALL_BRANDS,), holder="test staff")

BROOKLYN = "{device: [40.6782, -73.9442], radius: 30 m}"
ALABAMA = "{device: [33.5186, -86.8104], radius: 30 m}"


def in_brooklyn(number: int) -> str:
    """A point in Brooklyn of one's own, so that no guard sees people piled up; for numbers up to 999."""
    return f"{{device: [40.6{500 + number // 20:03}, -73.9{400 + number % 20:03}], radius: 30 m}}"


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    now: datetime = OPENING

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Room:
    """The engine and short words for what tests do to it."""

    engine: Application
    clock: SetClock
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict[str, str])

    def campaign(self, name: str = PHONE, **changes: str) -> None:
        """Load, preview, approve and open a sample campaign; `changes` replace values of its YAML,
        `campaign="another"` its name, `quantity="1"` the line `quantity: …`, `guards="[…]"` all of them."""
        self.load(name, **changes)
        self.opened(changes.get("campaign", name))

    def opened(self, campaign: str) -> None:
        """Preview, approve and open what is loaded."""
        with self.engine.store.read() as tx:
            record = tx.campaigns.get(campaign)
        assert record is not None
        # What a preview shows is tested where previews are; here somebody has seen one.
        nobody = {"people": 0, "eligible": 0, "ineligible": 0, "unknown": 0}
        with self.engine.store.write() as tx:
            tx.campaigns.add_preview(PreviewRecord(record.latest, "mara", self.clock(), nobody))
        self.engine.campaigning.approve(campaign, "noor")
        self.engine.campaigning.open(campaign, "mara")

    def load(self, name: str = PHONE, **changes: str) -> str:
        """Load a sample campaign, and no more; returns its version."""
        file = sample_loaded(self.engine.settings.cache, sample(name, **changes))
        loaded = self.engine.campaigning.load(file, "mara")
        return str(loaded["version"])

    def person(self, person_id: str, location: str = BROOKLYN, **changes: str) -> str:
        """Somebody who fits the phone campaign but for `changes`; returns the id."""
        facts = {
            "born_on": "1990-04-01",
            "score": "{reach: 71}",
            "topics": "[technology]",
            "location": location,
            **changes,
        }
        lines = "\n".join(f"  {name}: {value}" for name, value in facts.items() if value)
        joined = (self.clock() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%MZ")
        self.people(
            f"- id: {person_id}\n  handle: {person_id}.handle\n"
            f"  consents: [{{purpose: perks, given_at: {joined}, how: test form}}]\n{lines}\n"
        )
        return person_id

    def people(self, text: str) -> None:
        file = self.folder / "people.yaml"
        file.write_text(text, encoding="utf-8")
        reader = PeopleReader(self.engine.rules.catalogue, self.engine.rules.atlas)
        entries = reader.read_file(file, self.clock())
        self.engine.people.bring_in([newcomer(entry, self.clock()) for entry in entries])

    def claim(self, person_id: str, key: str = "", campaign: str = PHONE) -> dict[str, Any]:
        return dict(self.engine.claiming.claim(person_id, campaign, key or f"key of {person_id}"))

    def record(self, claim: str, *moves: str, note: str = "", evidence: str = "") -> None:
        """Record moves one after the other, now."""
        for move in moves:
            row = Fulfillment(claim, MoveKind(move), self.clock(), evidence, f"ref {move}", note)
            self.engine.fulfilling.record([row], STAFF)

    def ship(self, claim: str, tracking_number: str) -> None:
        row = Fulfillment(claim, MoveKind.SHIP, self.clock(), reference=tracking_number)
        self.engine.fulfilling.record([row], STAFF)

    def received(self, person_id: str) -> str:
        """Claim, ship and deliver; returns the claim."""
        claim = self.claim(person_id)
        assert claim["outcome"] == "granted", claim
        self.record(claim["claim"], "ship", "deliver")
        return str(claim["claim"])

    def worked_off(self, staff: Client, asked: httpx.Response) -> dict[str, Any]:
        """The incident, once a worker has done the job that was asked for."""
        assert asked.status_code == 202, asked.text
        self.engine.chores.run("incidents")
        job = staff.get(asked.headers["Location"]).json()
        assert job["state"] == "done", job
        return staff.get(f"/v1/incidents/{job['incident']}").json()

    def listed(self, as_of: datetime | None = None, brand: str = BRAND) -> list[str]:
        """Who is on the disclosure list, by person."""
        with self.engine.disclosing.lines(STAFF, brand, as_of) as (_, lines):
            return [line.person for line in lines]

    def token(self, role: Role, person: str | None = None, brands: tuple[str, ...] = (BRAND,)) -> str:
        name = f"{role}/{person}/{brands}"
        if name not in self.tokens:
            reach = () if person else brands
            holder = None if person else f"{role} of {' '.join(brands)}"
            self.tokens[name] = self.engine.tokens.issue(role, name, reach, person, holder=holder)[1]
        return self.tokens[name]


def sample(name: str = PHONE, **changes: str) -> str:
    """The YAML of a sample campaign, with the values of some keys replaced."""
    text = (packaged("rules") / "campaigns" / f"{name}.yaml").read_text(encoding="utf-8")
    if "guards" in changes:
        text, count = re.subn(r"(?m)^guards:\n(?:  .*\n)+", f"guards: {changes.pop('guards')}\n", text)
        assert count == 1, f"{name} has no guards"
    for key, value in changes.items():
        text, count = re.subn(rf"(?m)^(\s*){key}: .*$", rf"\g<1>{key}: {value}", text, count=1)
        assert count == 1, f"no line '{key}:' in {name}"
    return text


@cache
def sample_rules(gazetteer: Path) -> RuleBook:
    """The rules that travel with the engine, read once for all tests of a process."""
    return rule_book(Settings(cache=gazetteer, rules=packaged("rules")))


@cache
def sample_loaded(gazetteer: Path, campaign: str) -> LoadedFile:
    """A campaign by its YAML, read and its examples run once for all tests of a process."""
    rules = sample_rules(gazetteer)
    return rules.loadable(rules.reader.read(campaign.encode(), "campaign.yaml"))


def make_room(url: str, folder: Path, gazetteer: Path) -> Room:
    clock = SetClock()
    rules = sample_rules(gazetteer)
    # Tests ask more often than people do, all from one address; `tests/web/test_rates.py` sets limits.
    unlimited = {"rate_per_token": "off", "rate_per_address": "off"}
    update = {"database_url": url, "files": folder / "files", **unlimited}
    settings = rules.settings.model_copy(update=update)
    return Room(Application(settings, clock, rules), clock, folder)


def with_log_key(room: Room) -> None:
    """Gives the engine a key to sign its log with; before anything is sealed."""
    add_key(room.folder / "log.key", "shop.example/log")
    room.engine.settings = room.engine.settings.model_copy(update={"log_key": room.folder / "log.key"})


_FIRST_REQUEST = threading.Lock()
"""FastAPI builds its routes with the first request; two servers of one process share them."""


class _PromptServer(uvicorn.Server):
    """Goes when it is told to, where uvicorn looks ten times a second and then waits for a tenth more: there
    are more than a thousand of these in the tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop = asyncio.new_event_loop()
        self._told = asyncio.Event()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self.serve(sockets))

    def leave(self) -> None:
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - they are uvicorn's
            await asyncio.sleep(0.002)


@contextmanager
def served(engine: Application) -> Generator[str]:
    """The engine behind a real server on a free port of this machine, for as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    app = recorded(create_app(engine))
    config = uvicorn.Config(app, port=port, log_level="warning", lifespan="off")
    server = _PromptServer(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.002)
        with _FIRST_REQUEST:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60, verify=NO_AUTHORITIES)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.leave()
        thread.join(10)


# Made once: a client of its own would read all authorities of the world for each request.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def new_key() -> str:
    return uuid.uuid4().hex


class Client:
    """One bearer of a token, speaking HTTP."""

    def __init__(self, base: str, token: str) -> None:
        self.base = base
        self.token = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **params: str) -> httpx.Response:
        with self._session() as session:
            return session.get(path, params=params)

    def post(self, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """Under `key`, or one that is new; an empty one is none."""
        headers = {"Idempotency-Key": new_key() if key is None else key} if key != "" else {}
        with self._session() as session:
            return session.post(path, json=body, headers=headers)

    def patch(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        with self._session() as session:
            return session.patch(path, json=body, headers={"Idempotency-Key": key or new_key()})

    def put(self, path: str, body: Any = None) -> httpx.Response:
        with self._session() as session:
            return session.put(path, json=body)

    def delete(self, path: str) -> httpx.Response:
        with self._session() as session:
            return session.delete(path)

    def claim(self, key: str, campaign: str = PHONE) -> httpx.Response:
        return self.post("/v1/claims", {"campaign": campaign}, key)

    def _session(self) -> httpx.Client:
        return httpx.Client(base_url=self.base, headers=self.token, timeout=30, verify=NO_AUTHORITIES)
