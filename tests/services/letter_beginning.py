"""Where the histories of letters begin: two open campaigns and three people."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import make_url

from perks_engine.bootstrap import Application
from perks_engine.services.records import PreviewRecord
from tests.engine_room import OPENING, Room, SetClock, with_log_key
from tests.postgres_server import drop_database, fresh_database
from tests.services.what_may_be_sent import MOST_LETTERS, MOST_LETTERS_DAYS, POSTAL

LAMP, KETTLE = "lamp", "kettle"
PEOPLE: Mapping[str, str] = {"ana": "", "bo": "country: DE", "cy": "country: GB"}
_CAMPAIGN = """\
campaign: {name}
brand: northwind-phones
title: One of two
perk:
  {{kind: item, name: A {name}, fair_market_value: 9.00 USD, quantity: {units},
   per_person: 1, reservation: 48h}}
window: {{opens: 2026-12-01T09:00Z, closes: 2027-01-15T09:00Z}}
eligibility: {{all: [{{opted_in: perks}}, {{age: {{at_least: 18}}}}, {{topics: {{any_of: [technology]}}}}]}}
disclosure: {{connection: received_item, instruct: templates/messages/disclosure_gift}}
promotion: {{allowed: true}}
examples:
  - name: of age
    person: {{opted_in: [perks], born_on: 1990-04-01, topics: [technology]}}
    verdict: eligible
  - name: too young
    person: {{opted_in: [perks], born_on: 2015-04-01, topics: [technology]}}
    verdict: ineligible
  - name: of an age that nobody knows
    person: {{opted_in: [perks], topics: [technology]}}
    verdict: unknown
"""


@dataclass
class Beginning:
    """Where every history begins: a database with two open campaigns and three people, copied for each."""

    room: Room
    server: str = ""
    url: str = field(init=False)
    numbers: Iterator[int] = field(default_factory=count)
    with_real_mail: str = ""
    seen: set[str] = field(default_factory=set[str])
    """Kinds of letters that any history sent, and `promotion`: what was not seen was not tested."""
    taken: list[str] = field(default_factory=list[str])
    """The Message-IDs of letters that a real mail server took."""

    def __post_init__(self) -> None:
        room = self.room
        self.url = room.engine.settings.database_url
        with_log_key(room)
        more = {
            "postal_address": f"Our Perks | {POSTAL} | Springfield",
            "most_letters": MOST_LETTERS,
            "most_letters_days": MOST_LETTERS_DAYS,
            "feedback_after_days": 1,
            "mail_from": "Our Perks <perks@shop.example>",
        }
        room.engine.settings = room.engine.settings.model_copy(update=more)
        for name in (LAMP, KETTLE):
            _open(room, name)
        joined = "2026-11-20T09:00Z"
        room.people(
            "".join(
                f"- id: {one}\n  handle: {one}.handle\n  email: {one}@mail.example\n  born_on: 1990-04-01\n"
                f"  topics: [technology]\n  {more}\n"
                f"  consents: [{{purpose: perks, given_at: {joined}, how: form}}]\n"
                for one, more in PEOPLE.items()
            )
        )
        room.engine.close()

    @contextmanager
    def copied(self) -> Generator[Application]:
        """An engine of its own over a copy of it."""
        if self.server:
            name = f"{make_url(self.url).database}_{next(self.numbers)}"
            url = fresh_database(self.server, name, str(make_url(self.url).database))
        else:
            file = self.room.folder / f"history{next(self.numbers)}.db"
            shutil.copyfile(Path(str(make_url(self.url).database)), file)
            name, url = str(file), f"sqlite:///{file}"
        update = {"database_url": url, "smtp_url": self.with_real_mail}
        settings = self.room.engine.settings.model_copy(update=update)
        engine = Application(settings, SetClock(OPENING), self.room.engine.rules)
        try:
            yield engine
        finally:
            engine.close()
            if self.server:
                drop_database(self.server, name)
            else:
                Path(name).unlink()


def _open(room: Room, name: str) -> None:
    rules = room.engine.rules
    text = _CAMPAIGN.format(name=name, units={LAMP: 2, KETTLE: 3}[name]).encode()
    loaded = room.engine.campaigning.load(rules.loadable(rules.reader.read(text, f"{name}.yaml")), "mara")
    seen = {"people": 0, "eligible": 0, "ineligible": 0, "unknown": 0}
    with room.engine.store.write() as tx:
        tx.campaigns.add_preview(PreviewRecord(str(loaded["version"]), "mara", room.clock(), seen))
    room.engine.campaigning.approve(name, "noor")
    room.engine.campaigning.open(name, "mara")
