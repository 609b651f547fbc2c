"""`perks demo`: the whole story on a seeded engine in a temporary folder, served."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Annotated, Any

import typer

from perks_engine.bootstrap import Application, packaged
from perks_engine.campaigns.people_file import PeopleReader
from perks_engine.cli.output import JsonOption, announce, say
from perks_engine.cli.people_commands import newcomer
from perks_engine.cli.serving import listen, run_server, url_of
from perks_engine.cli.session import connected, operator, told
from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.jobs import start_scheduler
from perks_engine.services.access import Role

CAMPAIGN = "phone-launch-nyc"
BRAND = "northwind-phones"
HOST = "127.0.0.1"

PEOPLE = """
- id: ana
  handle: ana.brooklyn
  email: ana@example.com
  name: Ana
  born_on: 1990-04-01
  score: {reach: 71}
  topics: [technology]
  location: {device: [40.6782, -73.9442], radius: 30 m}
  consents: &opted_in
    - {purpose: perks, given_at: @JOINED@, how: the sign-up form of the demo}
- id: ben
  handle: ben.alabama
  email: ben@example.com
  name: Ben
  born_on: 1970-01-01
  score: {reach: 71}
  topics: [technology]
  location: {device: [33.5186, -86.8104], radius: 30 m}
  consents: *opted_in
- id: cleo
  handle: cleo.says
  email: cleo@example.com
  name: Cleo
  born_on: 1988-07-12
  score: {reach: 64}
  topics: [mobile]
  location: {claimed: New York City}
  consents: *opted_in
- id: dara
  handle: dara.queens
  email: dara@example.com
  name: Dara
  born_on: 1995-11-30
  score: {reach: 83}
  topics: [mobile]
  location: {device: [40.7282, -73.7949], radius: 25 m}
  consents: *opted_in
"""


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="the port; 0 takes a free one")] = 0,
    serve: Annotated[bool, typer.Option(help="serve it until Ctrl-C")] = True,
    as_json: JsonOption = False,
) -> None:
    """A seeded engine on SQLite in a temporary folder, served, with the story's people in it. With
    --json, one line holds its URL, the commands to try, and the tokens in them."""
    # The server raises the signal that stopped it once more: as an exit, so that the folder is removed.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with told(as_json), closing(listen(HOST, port, as_json)) as listener:
        folder = Path(tempfile.mkdtemp(prefix="perks-demo-"))
        try:
            _run(folder, listener, serve, as_json)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, listener: socket, serve: bool, as_json: bool) -> None:
    url = f"sqlite:///{folder / 'perks.db'}"
    os.environ["PERKS_DATABASE_URL"] = url
    if not as_json:
        say("Setting up: a database, the campaign of the New York phone, four people …")
    with connected(url, check_schema=False) as engine:
        engine.migrate()
        _seed(engine, folder)
        story = _story(engine, url_of(listener))
        announce(story, as_json, lambda: _tell(story))
        if not serve:
            return
        scheduler = start_scheduler(engine)
        try:
            run_server(listener, log_level="warning", only_json=as_json)
        finally:
            scheduler.shutdown()


def _seed(engine: Application, folder: Path) -> None:
    """Load, preview, approve and open the campaign; Dara has claimed and received her phone."""
    now = engine.clock()
    file = _open_now(folder, now)
    engine.campaigning.load(engine.rules.loadable(engine.rules.reader.read_file(file)), "mara (brand)")
    people = folder / "people.yaml"
    joined = (now - timedelta(days=3)).strftime("%Y-%m-%dT%H:%MZ")
    people.write_text(PEOPLE.replace("@JOINED@", joined), encoding="utf-8")
    entries = PeopleReader(engine.rules.catalogue, engine.rules.atlas).read_file(people, now)
    engine.people.bring_in([newcomer(entry, now) for entry in entries])
    engine.campaigning.preview(CAMPAIGN, "mara (brand)")
    engine.campaigning.approve(CAMPAIGN, "noor (brand)")
    engine.campaigning.open(CAMPAIGN, "mara (brand)")
    claim = engine.claiming.claim("dara", CAMPAIGN, "demo-dara")
    claim_id = claim["claim"]
    for move, reference in ((MoveKind.SHIP, "TRACK-0001"), (MoveKind.DELIVER, "TRACK-0001")):
        row = Fulfillment(claim_id, move, engine.clock(), reference=reference)
        engine.fulfilling.record([row], operator("warehouse"))


def _open_now(folder: Path, now: datetime) -> Path:
    """The sample campaign with a window around today, so that it can be claimed."""
    source = (packaged("rules") / "campaigns" / f"{CAMPAIGN}.yaml").read_text(encoding="utf-8")
    opens, closes = ((now + timedelta(days=days)).astimezone(UTC) for days in (-1, 14))
    window = f"window: {{opens: {opens:%Y-%m-%dT%H:%M}Z, closes: {closes:%Y-%m-%dT%H:%M}Z}}"
    file = folder / f"{CAMPAIGN}.yaml"
    file.write_text(re.sub(r"(?m)^window: .*$", window, source), encoding="utf-8")
    return file


def _story(engine: Application, base: str) -> dict[str, Any]:
    """Where the engine is, what to try on it, and the tokens that this needs."""

    def token(role: Role, person: str | None = None) -> str:
        brands = () if person else (BRAND,)
        return engine.access.issue(role, f"demo {person or role}", brands, person, timedelta(days=1))[1]

    def claim(person: str) -> str:
        return (
            f"curl -s -X POST {base}/v1/claims -H 'Authorization: Bearer {tokens[person]}' "
            f"-H 'Idempotency-Key: try-{person}' -H 'Content-Type: application/json' "
            f'-d \'{{"campaign": "{CAMPAIGN}"}}\''
        )

    tokens = {
        **{person: token(Role.INFLUENCER, person) for person in ("ana", "ben")},
        "compliance": token(Role.COMPLIANCE),
    }
    listing = (
        f"curl -s '{base}/v1/disclosures?brand={BRAND}&format=csv' "
        f"-H 'Authorization: Bearer {tokens['compliance']}'"
    )
    tries = (
        ("Ana in Brooklyn claims the phone: granted", claim("ana")),
        ("Ben in Alabama claims it: refused, with every reason", claim("ben")),
        ("The disclosure list of the brand: Dara, who received hers, and nobody else", listing),
    )
    return {
        "url": base,
        "commands": [{"shows": shows, "command": command} for shows, command in tries],
        "tokens": tokens,
        "messages": [
            {"to": message.person_id, "subject": message.subject}
            for message in reversed(engine.latest_messages(3))
        ],
    }


def _tell(story: dict[str, Any]) -> None:
    base = story["url"]
    say("")
    say(f"The engine is at {base}")
    say(f"  {base}/docs       the API, to try in a browser")
    say(f"  {base}/readyz     whether it is ready")
    say("Three commands to paste into another terminal:")
    for number, one in enumerate(story["commands"], start=1):
        say(f"\n# {number}. {one['shows']}")
        say(one["command"])
    say("")
    say("The messages queued so far:")
    for message in story["messages"]:
        say(f"  to {message['to']}: {message['subject']}")
    say("")
    say("Stop with Ctrl-C; the demo's folder is removed then.")
