"""A life that leaves something everywhere: claims, a refusal, letters, a parcel, a dispute with a file,
consents, an incident, a statement; and where to look for what is left of it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy import inspect, text

from perks_engine.services.access import ALL_BRANDS, Role
from tests.engine_room import BRAND, PHONE, Client, Room
from tests.mail_server import PostOffice
from tests.pictures import plain
from tests.web.feedback_room import say

PERSON = "maria.quintero@mail.example"
"""An id that says all: nothing keeps a deployment from using addresses as ids."""
NAME = "María Quintero-Öz"
EMAIL = "Maria.Quintero@mail.example"
BOX = "sample-box-us"
REFUSED = "maple-quebec"
CARRIER_SECRET = "secret of the carrier"

VALUES = {
    "id": PERSON,
    "name": NAME,
    "first name": "María",
    "last name": "Quintero",
    "e-mail": "maria.quintero@",
    "handle": "mq.paints",
    "handle elsewhere": "mariaq_official",
    "birth date": "1987-09-23",
    "latitude": "40.678113",
    "longitude": "-73.944719",
    "postal code": '"11238"',
    "street": "Underhill Avenue",
    "phone": "555-0137",
    "origin of a consent": "198.51.100.77",
    "how a consent came": "pressed Yes at the fair",
    "why staff wrote it down": "she rang us from the train",
    "words of the dispute": "the box was empty but for a brick",
    "words of the denial": "my neighbour signs as me",
    "name of the file": "brick_in_kitchen",
    "bytes of the file": "a brick in the kitchen of the person",
    "post": "instaphoto.example/p/",
    "words of feedback": "it hums when my daughter sings",
    "note of staff": "seen in her story",
    "note on the shipment": "leave with the doorman Teodoro",
    "tracking number": "TRK777000333",
    "who signed": "M. QUINTERO",
    "label of the token": "token of the painter",
}
"""What must be found nowhere, by what it is. Each is somewhere before the erasure (see `traces`)."""
MORE = {
    "name before": "Mariquita Cuinter",
    "note on the post": "only who scrolls down to the cat sees it",
    "where she really lived": "Calle de la Brisa 9, Ponce",
}
"""And of `richer_life`."""


@dataclass
class Life:
    room: Room
    base: str
    office: PostOffice
    phone: str = ""
    box: str = ""
    speaks: str = "en"
    links: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def me(self) -> Client:
        key = "maria"
        if key not in self.room.tokens:
            issued = self.room.engine.tokens.issue(Role.INFLUENCER, VALUES["label of the token"], (), PERSON)
            self.room.tokens[key] = issued[1]
        return Client(self.base, self.room.tokens[key])

    @property
    def compliance(self) -> Client:
        return Client(self.base, self.room.token(Role.COMPLIANCE, brands=(ALL_BRANDS,)))

    def lived(self) -> Life:
        """All of it, over HTTP where a person or staff would use that."""
        room = self.room
        room.campaign()
        room.campaign(BOX, window="{opens: 2026-12-01T09:00-05:00, closes: 2027-01-31T23:59-05:00}")
        room.campaign(REFUSED, window="{opens: 2026-12-01T09:00-05:00, closes: 2027-01-31T23:59-05:00}")
        room.engine.contacts.add(BRAND, "desk@northwind.example", "test")
        self._joins()
        self._is_offered()
        room.person("bo", email="bo@mail.example", name="Bo", speaks=self.speaks)
        self._claims()
        self._consents()
        self._receives()
        self._discloses()
        self._disputes()
        self._says_what_it_was_like()
        self._is_hit_by_an_incident()
        self._asks_for_a_statement()
        room.engine.chores.run("messages")
        return self

    def _joins(self) -> None:
        self.room.people(f"""
- id: {PERSON}
  handle: {VALUES["handle"]}
  handles: {{instagram: {VALUES["handle elsewhere"]}}}
  email: {EMAIL}
  name: {NAME}
  speaks: {self.speaks}
  consents:
    - purpose: perks
      given_at: 2026-11-01T09:00Z
      how: {VALUES["how a consent came"]}
      origin: {VALUES["origin of a consent"]}
  born_on: {VALUES["birth date"]}
  score: {{reach: 55}}
  topics: [technology]
  location:
    - {{device: [{VALUES["latitude"]}, {VALUES["longitude"]}], radius: 30 m}}
    - {{verified_address: {{country: US, region: US-NY, postal_code: {VALUES["postal code"]}}}}}
    - {{claimed: "12 {VALUES["street"]}, Brooklyn, tel. {VALUES["phone"]}"}}
""")

    def _is_offered(self) -> None:
        """A brand has everybody told of its box."""
        brand = Client(self.base, self.room.token(Role.BRAND_MANAGER, brands=(ALL_BRANDS,)))
        good(brand.post(f"/v1/campaigns/{BOX}/offers", key="offer"), 202)
        assert self.room.engine.chores.run("offers") == 1

    def _claims(self) -> None:
        phone = good(self.me.claim("first key of Quintero"), 201)
        self.phone = phone["claim"]
        self.box = good(self.me.claim("second", BOX), 201)["claim"]
        assert self.me.claim("third", REFUSED).status_code == 403
        self.room.claim("bo")

    def _consents(self) -> None:
        me = self.me
        asked = me.get("/v1/consents").json()["consents"]
        for one in asked:
            if one["state"] != "not_asked":
                continue
            url = f"{self.base}/v1/consents/{one['purpose']}/{one['channel']}"
            agent = {"User-Agent": f"browser of {VALUES['phone']}"}
            body = {"text_sha256": one["text"]["sha256"]}
            good(httpx.put(url, json=body, headers=me.token | agent))
        self.links += [
            ("consent-links", one.body_text.split("/v1/consent-links/")[1].split()[0])
            for one in self.room.engine.latest_messages(50)
            if one.kind == "consent_confirmation"
        ]

    def _receives(self) -> None:
        room, number = self.room, VALUES["tracking number"]
        records: list[dict[str, Any]] = [
            {"claim": self.phone, "move": "ship", "occurred_at": room.clock().isoformat()}
            | {"reference": number, "note": VALUES["note on the shipment"]}
        ]
        staff = Client(self.base, room.token(Role.FULFILLMENT))
        good(staff.post("/v1/fulfillments", {"records": records}, "ship"))
        room.clock.move(days=2)
        denial = self.me.post(
            f"/v1/claims/{self.phone}/denial", {"why": VALUES["words of the denial"]}, "deny"
        )
        good(denial)
        self.carrier_says("delivered", number, "evt_1")

    def carrier_says(self, status: str, number: str, event: str) -> None:
        at = self.room.clock()
        scan = {"object": "TrackingDetail", "status": status, "datetime": at.isoformat(), "message": status}
        told = {
            "id": event,
            "object": "Event",
            "description": "tracker.updated",
            "result": {
                "object": "Tracker",
                "tracking_code": number,
                "status": status,
                "carrier": "USPS",
                "signed_by": VALUES["who signed"],
                "tracking_details": [scan],
            },
        }
        body, stamp, path = json.dumps(told).encode(), format_datetime(at), "/v1/carriers/easypost"
        signed = f"{stamp}POST{path}".encode() + body
        signature = hmac.digest(CARRIER_SECRET.encode(), signed, "sha256").hex()
        headers = {
            "X-Timestamp": stamp,
            "X-Path": path,
            "X-Hmac-Signature-V2": f"hmac-sha256-hex={signature}",
            "Content-Type": "application/json",
        }
        good(httpx.post(self.base + path, content=body, headers=headers))

    def _discloses(self) -> None:
        good(self.me.post(f"/v1/claims/{self.phone}/acknowledgement", key="read"))
        post = f"https://{VALUES['post']}mq"
        good(self.me.post(f"/v1/claims/{self.phone}/posts", {"url": f"{post}1"}, "post"))
        seen = {"claim": self.phone, "url": f"{post}2", "note": VALUES["note of staff"]}
        good(self.compliance.post("/v1/disclosures/sightings", seen, "seen"))
        listed = self.compliance.get("/v1/disclosures", brand=BRAND, person=PERSON)
        assert PERSON in listed.text

    def _says_what_it_was_like(self) -> None:
        good(say(self.me, self.phone, rating=2, text=VALUES["words of feedback"]))
        url, me = f"{self.base}/v1/claims/{self.phone}/feedback/pictures", self.me
        headers = me.token | {"Content-Type": "image/png", "Idempotency-Key": "picture"}
        good(httpx.post(url, content=plain(form="PNG"), headers=headers), 201)
        staff = self.compliance
        body = {"why": VALUES["why staff wrote it down"]}
        good(staff.post(f"/v1/people/{PERSON}/consents/feedback/email/withdrawal", body))

    def _disputes(self) -> None:
        me = self.me
        opened = me.post(
            f"/v1/claims/{self.phone}/disputes", {"text": VALUES["words of the dispute"]}, "object"
        )
        found = self.compliance.get("/v1/disputes").json()["disputes"]
        assert opened.status_code in (201, 409), opened.text  # the denial has opened one already
        url = f"{self.base}/v1/disputes/{found[0]['dispute']}/files"
        headers = me.token | {"Idempotency-Key": "brick", "Content-Type": "text/plain"}
        name = {"name": f"{VALUES['name of the file']}.txt"}
        data = VALUES["bytes of the file"].encode()
        good(httpx.post(url, params=name, content=data, headers=headers), 201)
        headers = self.compliance.token | {"Idempotency-Key": "as sent to us", "Content-Type": "text/plain"}
        good(httpx.post(url, params=name, content=b"by letter", headers=headers), 201)
        body = {"outcome": "rejected", "reason": f"{NAME} sent {VALUES['words of the dispute']}"}
        good(self.compliance.post(f"/v1/disputes/{found[0]['dispute']}/settlement", body, "settle"))

    def _is_hit_by_an_incident(self) -> None:
        staff = self.compliance
        opened = good(
            staff.post("/v1/incidents", {"wrong": "devices were wrong", "campaign": PHONE}, "o"), 201
        )
        path = f"/v1/incidents/{opened['incident']}"
        self.room.worked_off(staff, staff.post(f"{path}/replay", {"distrust": [{"source": "device"}]}, "r"))
        good(staff.post(f"{path}/plan", None, "p"))

    def _asks_for_a_statement(self) -> None:
        room = self.room
        room.engine.sealing.seal()
        for address in (EMAIL, VALUES["handle"]):
            good(httpx.post(f"{self.base}/v1/statements/requests", json={"address": address}), 202)
        room.engine.statement_requests.post()
        self.links += [
            ("statements", one.body_text.split("/v1/statements/")[1].split()[0])
            for one in room.engine.latest_messages(50)
            if one.kind == "statement_link"
        ]
        good(httpx.post(f"{self.base}/v1/statements/requests", json={"address": EMAIL}), 202)


def good(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, (answer.request.url, answer.text)
    return answer.json()


def dumped(room: Room) -> Iterator[tuple[str, bytes]]:
    """All that the database holds, as bytes, by where: the files of SQLite whole, with what was deleted in
    them; and every row of every table."""
    engine = room.engine.engine
    if engine.dialect.name == "sqlite":
        for file in Path(str(engine.url.database)).parent.glob("perks.db*"):
            yield file.name, file.read_bytes()
    url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "", 1)
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            if engine.dialect.name == "sqlite":
                rows = connection.execute(text(f'SELECT * FROM "{table}"'))
                yield table, "\n".join(str(tuple(row)) for row in rows).encode()
    if engine.dialect.name == "postgresql":
        with psycopg.connect(url) as server:
            names = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in names:
                rows = server.execute(f'SELECT t::text FROM "{table}" t'.encode()).fetchall()
                yield table, "\n".join(row[0] for row in rows).encode()


def traces(room: Room, values: Mapping[str, str] = VALUES) -> dict[str, list[str]]:
    """Where each of the person's values is found, by what it is: in the database and in the files."""
    found: dict[str, list[str]] = {what: [] for what in values}
    kept = [
        (f"file {one.name}", one.read_bytes()) for one in (room.folder / "files").rglob("*") if one.is_file()
    ]
    for place, data in (*dumped(room), *kept):
        for what, value in values.items():
            if any(way in data for way in ways(value)):
                found[what].append(place)
    return {what: places for what, places in found.items() if places}


def ways(value: str) -> set[bytes]:
    """As a value may be written: in UTF-8, as JSON escapes it, in lower case."""
    escaped = json.dumps(value)[1:-1]
    return {one.encode() for one in (value, escaped, value.lower(), escaped.lower())}
