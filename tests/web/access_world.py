"""One of everything that routes are about, all of it Ana's and of one brand; and what to send to each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
from hypothesis import settings
from sqlalchemy import inspect

from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.services.report_records import KeptReport, ReportState
from tests.engine_room import BRAND, BROOKLYN, NO_AUTHORITIES, PHONE, Client, Room, with_log_key
from tests.pictures import plain

IS_NIGHT = settings.get_current_profile_name() == "nightly"
ON = ("sqlite_room", "postgres_room") if IS_NIGHT else ("sqlite_room",)
"""The rooms that all routes are walked in: by day that one in which it takes half of the time."""

MISSING = {
    "claim": "clm_nobody",
    "campaign": "no-such-campaign",
    "person": "nobody",
    "dispute": "dsp_nobody",
    "file": "fil_nobody",
    "incident": "inc_nobody",
    "job": "job_nobody",
    "picture": "pic_nobody",
    "post": "999999",
    "promotion": "prm_nobody",
    "webhook": "whk_nobody",
    "report": "rep_nobody",
    "hold": "hld_nobody",
    "token": "tok_nobody",
    "export": "exp_nobody",
}
SHA = "0" * 64
QUERIES: dict[str, dict[str, str]] = {
    "POST /v1/disputes/{dispute}/files": {"name": "a.txt"},
    "GET /v1/disclosures/changes": {"since": "{export}"},
}
"""Where `{export}` and the like stand for what there is."""
NAMED_BRAND = {
    "GET /v1/disclosures": {"brand": BRAND},
    "GET /v1/disclosures/exports": {"brand": BRAND},
    "GET /v1/disclosures/due": {"brand": BRAND},
    "GET /v1/posts": {"brand": BRAND},
    "GET /v1/tax/{year}": {"brand": BRAND},
    "GET /v1/webhooks": {"brand": BRAND},
    "GET /v1/promotions": {"brand": BRAND},
    "GET /v1/campaigns/{campaign}/feedback": {"brand": BRAND},
}
"""Routes that can be asked about a brand by its name."""
BYTES = {
    "POST /v1/disputes/{dispute}/files": ("text/plain", b"it was empty"),
    "POST /v1/claims/{claim}/feedback/pictures": ("image/png", plain(form="PNG")),
    "POST /v1/posts/{post}/pictures": ("image/png", plain(form="PNG")),
}
BODIES: dict[str, Any] = {
    "POST /v1/claims": {"campaign": PHONE},
    "POST /v1/claims/{claim}/approval": {"decision": "approve"},
    "POST /v1/campaigns/{campaign}/approval": {"version": SHA},
    "POST /v1/carrier-reports/{report}/dismissal": {"why": "looked"},
    "POST /v1/check-ins": {"code": "7K2M-0QXD-95TB"},
    "POST /v1/redemptions": {"code": "7K2M-0QXD-95TB"},
    "POST /v1/claims/{claim}/receipt": {},
    "POST /v1/claims/{claim}/denial": {},
    "PUT /v1/consents/{purpose}/{channel}": {"text_sha256": SHA},
    "PUT /v1/evidence/location": {"lat": 40.6782, "lon": -73.9442, "accuracy_m": 20},
    "PUT /v1/evidence/country": {"country": "US"},
    "PUT /v1/evidence/birth-date": {"born_on": "1990-04-01"},
    "PUT /v1/evidence/words/{attribute}": {"words": ["technology"]},
    "PUT /v1/people/{person}/consents/{purpose}/{channel}": {"text_sha256": SHA, "why": "rang"},
    "POST /v1/people/{person}/consents/{purpose}/{channel}/withdrawal": {"why": "rang"},
    "POST /v1/mail-reports": {"raw": "x"},
    "PATCH /v1/record": {"name": "Ana Example"},
    "PATCH /v1/people/{person}/record": {"name": "Ana Sample", "why": "saw the passport"},
    "POST /v1/people/{person}/holds": {"why": "a court asked"},
    "POST /v1/holds/{hold}/lifting": {"why": "it is over"},
    "POST /v1/fulfillments": {
        "records": [{"claim": "{claim}", "move": "deliver", "occurred_at": "2026-12-02T15:00:00Z"}]
    },
    "POST /v1/claims/{claim}/disputes": {"text": "never came"},
    "POST /v1/disputes/{dispute}/withdrawal": {"text": "found it"},
    "POST /v1/disputes/{dispute}/settlement": {"outcome": "rejected", "reason": "looked"},
    "POST /v1/incidents": {"wrong": "The places.", "campaign": PHONE},
    "POST /v1/incidents/{incident}/replay": {"distrust": [{"source": "device"}]},
    "POST /v1/incidents/{incident}/approval": {"plan": SHA},
    "POST /v1/disclosures/sightings": {"claim": "{claim}", "url": "https://insta.example/p/2"},
    "POST /v1/claims/{claim}/posts": {"url": "https://insta.example/p/3"},
    "PUT /v1/claims/{claim}/feedback": {"rating": 4},
    "POST /v1/posts/{post}/judgements": {"outcome": "pass"},
    "POST /v1/promotions": {"claim": "{claim}", "channel": "site", "publisher": "blog"},
    "POST /v1/promotions/{promotion}/publication": {},
    "POST /v1/webhooks": {"brand": BRAND, "url": "https://hooks.shop.example/2", "events": ["*"]},
    "POST /v1/webhooks/{webhook}/secret": {},
    "PUT /v1/webhooks/{webhook}/enabled": {"enabled": True},
    "POST /v1/webhooks/{webhook}/replay": {"dead": True},
    "POST /v1/tokens": {"role": "fulfillment", "label": "t", "brands": [BRAND]},
    "POST /v1/tokens/{token}/secret": {},
}
ABOUT_A_BODY = {
    "POST /v1/fulfillments": 422,
    "POST /v1/check-ins": 404,
    "POST /v1/redemptions": 404,
    "POST /v1/disclosures/sightings": 404,
    "POST /v1/promotions": 404,
    "POST /v1/incidents": 404,
    "POST /v1/webhooks": 403,
    "GET /v1/disclosures/changes": 404,
}
"""What a stranger gets where the body or the query names what is not theirs, and where it is not there."""


@dataclass
class World:
    room: Room
    base: str
    ids: dict[str, str] = field(default_factory=dict[str, str])
    http: httpx.Client = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.base, timeout=30, verify=NO_AUTHORITIES)

    def token(self, role: Role, brands: tuple[str, ...], person: str | None = None) -> str:
        return self.room.token(role, person, brands)

    def ask(
        self,
        route: str,
        token: str | None,
        ids: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        key: str | None = None,
        body: Any = None,
        seen: str | None = None,
    ) -> httpx.Response:
        """A whole request to a route, about what `ids` name, under a new key and with its usual body."""
        method, _, path = route.partition(" ")
        named = {**self.ids, **(ids or {})}
        values = {"year": "2026", "purpose": "moments", "channel": "email", "attribute": "topics", **named}
        self.number += 1
        headers = {"Idempotency-Key": key or f"k{self.number}"}
        if seen is not None:
            headers["If-Match"] = seen
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        sent = {name: value.format(**named) for name, value in QUERIES.get(route, {}).items()} | (query or {})
        more: dict[str, Any] = {}
        if route in BYTES:
            headers["Content-Type"], more["content"] = BYTES[route]
        elif body is not None or route in BODIES:
            more["json"] = _filled(BODIES[route] if body is None else body, named)
        return self.http.request(method, path.format(**values), params=sent, headers=headers, **more)

    def rows(self) -> dict[str, int]:
        """How many rows each table has; of what only says that somebody asked, nothing."""
        engine = self.room.engine.engine
        names = set(inspect(engine).get_table_names()) - {"staff_action"}
        with engine.connect() as connection:
            return {
                name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
                for name in sorted(names)
            }


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, ids) for one in value]
    return value.format(**ids) if isinstance(value, str) and "{" in value else value


def made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code in (200, 201, 202), f"{answer.request.url} {answer.text}"
    return answer.json()


def world(room: Room, base: str) -> World:
    """Everything there is, through the doors that people and staff use."""
    with_log_key(room)
    room.campaign()
    room.engine.contacts.add(BRAND, "desk@northwind.example", "test")
    ids = {"campaign": PHONE, "person": room.person("ana", BROOKLYN, email="ana@mail.example", name="Ana")}
    room.person("ben", BROOKLYN)
    made_world = World(room, base, ids)
    ana = Client(base, room.token(Role.INFLUENCER, "ana"))
    everywhere = (ALL_BRANDS,)
    staff = {role: Client(base, room.token(role, brands=everywhere)) for role in Role if role != "influencer"}
    compliance, brand = staff[Role.COMPLIANCE], staff[Role.BRAND_MANAGER]
    ids["claim"] = room.received("ana")
    room.clock.move(hours=1)
    for purpose, channel in (("likeness", "site"), ("feedback", "email")):
        asks = ana.get("/v1/consents").json()["consents"]
        [one] = [one for one in asks if (one["purpose"], one["channel"]) == (purpose, channel)]
        made(ana.put(f"/v1/consents/{purpose}/{channel}", {"text_sha256": one["text"]["sha256"]}))
    made(ana.post(f"/v1/claims/{ids['claim']}/posts", {"url": "https://insta.example/p/1"}, "p"))
    ids["post"] = str(made(brand.get("/v1/posts", brand=BRAND))["posts"][0]["post"])
    asked = {"claim": ids["claim"], "channel": "site", "publisher": "blog"}
    ids["promotion"] = made(brand.post("/v1/promotions", asked, "pr"))["promotion"]
    hook = {"brand": BRAND, "url": "https://hooks.shop.example/perks", "events": ["*"]}
    ids["webhook"] = made(brand.post("/v1/webhooks", hook, "w"))["webhook"]
    made(ana.put(f"/v1/claims/{ids['claim']}/feedback", {"rating": 3}))
    me = room.token(Role.INFLUENCER, "ana")
    ids["picture"] = made(made_world.ask("POST /v1/claims/{claim}/feedback/pictures", me))["picture"]
    ids["incident"], ids["job"] = _applied(room, base, compliance)
    objection = ana.post(f"/v1/claims/{ids['claim']}/disputes", {"text": "it was empty"}, "d")
    ids["dispute"] = made(objection)["dispute"]
    ids["file"] = made(made_world.ask("POST /v1/disputes/{dispute}/files", me))["file"]
    ids["hold"] = made(compliance.post("/v1/people/ana/holds", {"why": "a court asked"}))["hold"]
    asked = {"role": "fulfillment", "label": "warehouse", "brands": [BRAND]}
    ids["token"] = made(staff[Role.OPERATOR].post("/v1/tokens", asked, "t"))["token"]
    listed = compliance.get("/v1/disclosures", brand=BRAND, format="json")
    assert listed.status_code == 200, listed.text
    ids["export"] = made(compliance.get("/v1/disclosures/exports", brand=BRAND))["exports"][0]["export"]
    ids["report"] = _waiting_report(room)
    return made_world


def _applied(room: Room, base: str, compliance: Client) -> tuple[str, str]:
    """An incident that was dealt with, and the job that did it."""
    opened = made(compliance.post("/v1/incidents", {"wrong": "The places.", "campaign": PHONE}, "o"))
    path = f"/v1/incidents/{opened['incident']}"
    asked = compliance.post(f"{path}/replay", {"distrust": [{"source": "device"}]}, "r")
    room.worked_off(compliance, asked)
    plan = made(compliance.post(f"{path}/plan", None, "p"))["history"][-1]["numbers"]["hash"]
    noor = Client(base, room.engine.tokens.issue(Role.COMPLIANCE, "t", (BRAND,), holder="noor")[1])
    made(noor.post(f"{path}/approval", {"plan": plan}, "a"))
    asked = compliance.post(f"{path}/application", None, "x")
    room.worked_off(compliance, asked)
    return str(opened["incident"]), made(asked)["job"]


def _waiting_report(room: Room) -> str:
    """A carrier's report about Ana's claim that somebody has to look at."""
    with room.engine.store.write() as tx:
        claim = next(iter(tx.claims.of_person("ana", None, 1)))
        report = KeptReport(
            *("rep_1", "easypost", "evt_1", ReportState.WAITING, room.clock(), "{}"),
            code="tracking.conflict",
            why="it is delivered already",
            claim_id=claim.claim_id,
        )
        tx.reports.add(report)
    return report.report_id
