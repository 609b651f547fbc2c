"""People who claim while something is broken, and what has to be true of the books afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text

from perks_engine.services.access import Role
from tests.engine_room import NO_AUTHORITIES, PHONE, Room, in_brooklyn

PATIENCE_S = 40.0


@dataclass
class Claimants:
    """`acknowledged` is what each was told in the end; `refusals` counts the 503 on the way, `broken` the
    connections that ended without an answer."""

    bases: Sequence[str]
    tokens: dict[str, str]
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    refusals: int = 0
    broken: int = 0

    def claim_all(
        self, people: Sequence[str], at_once: int = 4, after: Callable[[int], None] | None = None
    ) -> None:
        """All of them, each under one key, until each has an answer; `after` is told how many have."""
        with ThreadPoolExecutor(at_once) as pool:
            for number, _ in enumerate(pool.map(self.claim, people), 1):
                if after is not None:
                    after(number)

    def claim(self, person: str) -> dict[str, Any]:
        """As a client would: the same again under the same key, at another server where one is gone."""
        until = time.monotonic() + PATIENCE_S
        tries = len(self.acknowledged)
        while time.monotonic() < until:
            base = self.bases[tries % len(self.bases)]
            tries += 1
            try:
                answer = self.post(person, base)
            except httpx.TransportError:
                self.broken += 1
                time.sleep(0.02)
                continue
            if answer.status_code == 503:
                assert answer.headers["Retry-After"], answer.text
                assert answer.json()["code"] == "database.unavailable"
                self.refusals += 1
                time.sleep(0.02)
                continue
            assert answer.status_code == 201, answer.text
            before = self.acknowledged.setdefault(person, answer.json())
            assert answer.json() == before, "the same key was answered in two ways"
            return before
        raise AssertionError(f"{person} got no answer in {PATIENCE_S} s")

    def post(self, person: str, base: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[person]}", "Idempotency-Key": f"of {person}"}
        return httpx.post(
            f"{base or self.bases[0]}/v1/claims",
            json={"campaign": PHONE},
            headers=headers,
            timeout=20,
            verify=NO_AUTHORITIES,
        )


def everybody(room: Room, count: int) -> dict[str, str]:
    """So many people who fit the phone campaign, with a token each."""
    joined = (room.clock()).strftime("%Y-%m-%dT%H:%MZ")
    people = [f"p{number}" for number in range(count)]
    room.people(
        "".join(
            f"- id: {person}\n  handle: {person}.handle\n  born_on: 1990-04-01\n  score: {{reach: 71}}\n"
            f"  topics: [technology]\n  location: {in_brooklyn(number % 999)}\n"
            f"  consents: [{{purpose: perks, given_at: {joined}, how: test form}}]\n"
            for number, person in enumerate(people)
        )
    )
    return {person: room.token(Role.INFLUENCER, person) for person in people}


def books(room: Room, told: Claimants) -> None:
    """Nothing that was acknowledged is lost, and nothing is there twice; asked of the rows themselves."""
    with room.engine.engine.connect() as connection:
        claims = connection.execute(text("SELECT claim_id, person_id, outcome FROM claim")).all()
        entries = connection.execute(text("SELECT claim_id FROM entry WHERE move = 'reserve'")).all()
        held = connection.execute(text("SELECT claim_id FROM holding")).all()
    acknowledged = {answer["claim"]: person for person, answer in told.acknowledged.items()}
    kept = {one.claim_id: one.person_id for one in claims}
    assert acknowledged.items() <= kept.items(), "an acknowledged claim is lost"
    assert max(Counter(one.person_id for one in claims).values(), default=0) <= 1, "a claim is there twice"
    granted = {one.claim_id for one in claims if one.outcome == "granted"}
    assert Counter(one.claim_id for one in entries) == Counter(granted)
    assert {one.claim_id for one in held} == granted


def health(base: str) -> tuple[int, int]:
    """What a balancer is told of the process, and of whether it can work."""
    told = [httpx.get(f"{base}/{path}", timeout=8, verify=NO_AUTHORITIES) for path in ("healthz", "readyz")]
    return told[0].status_code, told[1].status_code
