"""`perks demo`: the whole story on a seeded engine in a temporary folder, served."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Annotated, Any

import typer

from perks_engine.bootstrap import Application, packaged
from perks_engine.campaigns.people_file import PeopleReader
from perks_engine.cli.output import JsonOption, announce, say
from perks_engine.cli.people_commands import newcomer
from perks_engine.cli.samples import PHONE, open_today
from perks_engine.cli.serving import listen, run_server, url_of
from perks_engine.cli.session import connected, operator, told
from perks_engine.delivery.log_files import add_key
from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.jobs import start_scheduler
from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.services.views import message_view
from perks_engine.web.app import create_app
from perks_engine.web.pages.demo import Player, Stage, put_on_stage

BRAND = "northwind-phones"
VISITED = "harbor-audio"
"""The brand whose campaign a visitor writes; before them it has none."""
HEADPHONES = """\
campaign: headphones-nyc
brand: harbor-audio
title: Headphones for New York
perk:
  kind: item
  name: Harbor Ear
  fair_market_value: 129.00 USD
  quantity: 50
window: {window}
eligibility:
  all:
    - opted_in: perks
    - age: {at_least: 18}
    - location: {inside: areas/nyc_boroughs, accept: [device], max_age: {device: 7d}}
disclosure:
  connection: received_item
  instruct: templates/messages/disclosure_gift
  acknowledge_first: true
examples:
  - name: lives in Brooklyn
    person: {opted_in: [perks], born_on: 1990-04-01, location: {device: [40.6782, -73.9442], radius: 30 m}}
    verdict: eligible
  - name: Birmingham, Alabama
    person: {opted_in: [perks], born_on: 1990-04-01, location: {device: [33.5186, -86.8104], radius: 30 m}}
    verdict: ineligible
    because: location.outside
  - name: only says New York
    person: {opted_in: [perks], born_on: 1990-04-01, location: {claimed: New York City}}
    verdict: unknown
    because: location.source_not_accepted
"""
EDDA = """\
- id: edda
  handle: edda.bronx
  email: edda@example.com
  name: Edda
  born_on: 1992-02-17
  score: {reach: 66}
  topics: [technology]
  location: {device: [40.8448, -73.8648], radius: 25 m}
  consents: [{purpose: perks, given_at: 2024-05-01T09:00Z, how: a sign-up form}]
"""
"""Who claimed a phone, and left before it was sent."""
HOST = "127.0.0.1"


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="the port; 0 takes a free one")] = 0,
    as_json: JsonOption = False,
) -> None:
    """A seeded engine on SQLite in a temporary folder, served until Ctrl-C, with the story's people in it.

    With --json, one line holds its URL, the commands to try, and the tokens in them.
    """
    # The server raises the signal that stopped it once more: as an exit, so that the folder is removed.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with told(as_json), closing(listen(HOST, port, as_json)) as listener:
        folder = Path(tempfile.mkdtemp(prefix="perks-demo-"))
        try:
            _run(folder, listener, as_json)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, listener: socket, as_json: bool) -> None:
    url = f"sqlite:///{folder / 'perks.db'}"
    # The samples as they travel with the engine, whatever lies in the folder that it is run from.
    os.environ |= {
        "PERKS_DATABASE_URL": url,
        "PERKS_RULES": str(packaged("rules")),
        "PERKS_TEMPLATES": str(packaged("templates")),
        "PERKS_PUBLIC_URL": url_of(listener),
        "PERKS_LOG_KEY": str(folder / "log.key"),
    }
    add_key(folder / "log.key", "demo.example/log")
    if not as_json:
        say("Setting up: a database, the campaign of the New York phone, four people …")
    with connected(url, check_schema=False) as engine:
        engine.migrate()
        _seed(engine, folder)
        story = _story(engine, url_of(listener))
        announce(story, as_json, lambda: _tell(story))
        engine.sending.has_said_so = True  # that a demo sends no mail is no news
        scheduler = start_scheduler(engine)
        try:
            run_server(
                listener,
                log_level="warning",
                log_format="text",
                only_json=as_json,
                app=lambda: put_on_stage(create_app(), _stage(story, engine.clock())),
            )
        finally:
            scheduler.shutdown()


def _seed(engine: Application, folder: Path) -> None:
    """Load, preview, approve and open the campaign; Edda has left, Dara has received her phone."""
    now = engine.clock()
    sample = packaged("rules") / "campaigns" / f"{PHONE}.yaml"
    source = open_today(sample.read_text(encoding="utf-8"), now).encode()
    rules = engine.rules
    engine.campaigning.load(rules.loadable(rules.reader.read(source, sample.name)), "mara (brand)")
    entries = PeopleReader(rules.catalogue, rules.atlas).read_file(packaged("rules") / "people.yaml", now)
    engine.people.bring_in([newcomer(entry, now) for entry in entries])
    engine.campaigning.preview(PHONE, "mara (brand)")
    engine.campaigning.approve(PHONE, "noor (brand)")
    engine.campaigning.open(PHONE, "mara (brand)")
    _one_leaves(engine, folder / "edda.yaml")
    claim = engine.claiming.claim("dara", PHONE, "demo-dara")
    claim_id = claim["claim"]
    for move, reference in ((MoveKind.SHIP, "TRACK-0001"), (MoveKind.DELIVER, "TRACK-0001")):
        row = Fulfillment(claim_id, move, engine.clock(), reference=reference)
        engine.fulfilling.record([row], operator("warehouse"))


def _one_leaves(engine: Application, file: Path) -> None:
    """Edda's receipt is what there is to see of an erasure; nothing else of hers is left, nor this file."""
    now = engine.clock()
    file.write_text(EDDA, encoding="utf-8")
    [entry] = PeopleReader(engine.rules.catalogue, engine.rules.atlas).read_file(file, now)
    file.unlink()
    engine.people.bring_in([newcomer(entry, now)])
    engine.claiming.claim("edda", PHONE, "demo-edda")
    engine.records.erasing.erase_own("edda")


def _story(engine: Application, base: str) -> dict[str, Any]:
    """Where the engine is, what to try on it, and the tokens that this needs."""

    def token(role: Role, person: str | None = None) -> str:
        brands = () if person else (BRAND,)
        return engine.tokens.issue(role, f"demo {person or role}", brands, person, timedelta(days=1))[1]

    def staff(role: Role, holder: str, brands: tuple[str, ...] = (VISITED, BRAND)) -> str:
        return engine.tokens.issue(role, f"demo {holder}", brands, None, timedelta(days=1), holder=holder)[1]

    def claim(person: str) -> str:
        return (
            f"curl -s -X POST {base}/v1/claims -H 'Authorization: Bearer {tokens[person]}' "
            f"-H 'Idempotency-Key: try-{person}' -H 'Content-Type: application/json' "
            f'-d \'{{"campaign": "{PHONE}"}}\''
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
        "portal": {one: engine.signing_in.hand_out(one, timedelta(days=1)) for one in ("ana", "ben")},
        "staff": {
            "mara": staff(Role.BRAND_MANAGER, "mara"),
            "noor": staff(Role.BRAND_MANAGER, "noor"),
            "finn": staff(Role.FULFILLMENT, "finn"),
            "cora": staff(Role.COMPLIANCE, "cora", (ALL_BRANDS,)),
            "omar": staff(Role.COMPLIANCE, "omar", (ALL_BRANDS,)),
        },
        "messages": [
            {"to": shown["to"], "subject": shown["subject"]}
            for shown in map(message_view, reversed(engine.latest_messages(3)))
        ],
    }


def _stage(story: dict[str, Any], now: datetime) -> Stage:
    """Whom a visitor can be, and the campaign that they write first."""
    staff = [Player(name.capitalize(), token=token) for name, token in story["staff"].items()]
    people = [Player(name.capitalize(), person=name) for name in story["portal"]]
    return Stage([*people, *staff], open_today(HEADPHONES, now), VISITED, "ana", "ben")


def _tell(story: dict[str, Any]) -> None:
    base = story["url"]
    say("")
    say(f"The engine is at {base}")
    say(f"  {base}/           open this in a browser: it says who is who, and makes you each of them")
    say(f"  {base}/docs       the API, to try in a browser")
    say(f"  {base}/readyz     whether it is ready")
    say("Links that sign a browser in to the portal, each once:")
    say(f"  Ana in Brooklyn, to whom the phone is open:  {story['portal']['ana']}")
    say(f"  Ben in Alabama, to whom it is not:           {story['portal']['ben']}")
    say(f"Tokens for the console, to be pasted at {base}/sign-in:")
    say(f"  Mara, who manages the brand:      {story['staff']['mara']}")
    say(f"  Noor, the second who approves:    {story['staff']['noor']}")
    say(f"  Finn, who packs and sends:        {story['staff']['finn']}")
    say(f"  Cora, who sees to disclosure:     {story['staff']['cora']}")
    say(f"  Omar, the second for incidents:   {story['staff']['omar']}")
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
