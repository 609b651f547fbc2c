"""The opening of a campaign as its people play it, for Locust: they look at the perk, claim it, look again.

    locust -f benchmarks/http_opening.py --headless -u 64 -r 64 --host http://127.0.0.1:8000

`PERKS_OPENING` names a JSON file with the campaign and a token for each person; `make bench-http` writes one.
Every person comes once, and the load ends when all have been. Against addresses of this machine only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from locust import FastHttpUser, constant, events, task
from locust.env import Environment
from locust.exception import StopUser

_plan = json.loads(Path(os.environ["PERKS_OPENING"]).read_text(encoding="utf-8"))
CAMPAIGN: str = _plan["campaign"]
_people: Iterator[tuple[int, str]] = iter(enumerate(_plan["tokens"]))
EXPECTED = {201, 403, 409}
"""Granted, refused for a reason, refused because nothing is left: all are answers."""


@events.test_start.add_listener
def only_this_machine(environment: Environment, **_: object) -> None:
    host = urlsplit(environment.host or "").hostname
    if host not in {"127.0.0.1", "::1", "localhost"}:
        raise SystemExit(f"this load is for a server on this machine, not {host}")


class Newcomers(FastHttpUser):
    """One of those who come at the same time; after each person the next one takes the place."""

    wait_time = constant(0)
    here = 0

    def on_start(self) -> None:
        Newcomers.here += 1

    def on_stop(self) -> None:
        """Locust goes on until it is told; this load has an end of its own."""
        Newcomers.here -= 1
        if not Newcomers.here and self.environment.runner is not None:
            self.environment.runner.quit()

    @task
    def come(self) -> None:
        found = next(_people, None)
        if found is None:
            raise StopUser
        number, token = found
        self.as_person = {"Authorization": f"Bearer {token}"}
        self.look()
        self.claim(number)
        if number % 4 == 0:
            self.look_at_claims()

    def look(self) -> None:
        self.client.get(f"/v1/perks/{CAMPAIGN}", headers=self.as_person, name="look at the perk")

    def claim(self, number: int) -> None:
        headers = {**self.as_person, "Idempotency-Key": f"opening {number}"}
        with self.client.post(
            "/v1/claims",
            json={"campaign": CAMPAIGN},
            headers=headers,
            name="claim",
            catch_response=True,
        ) as answer:
            if answer.status_code in EXPECTED:
                answer.success()
            else:
                answer.failure(f"answered {answer.status_code}: {(answer.text or '')[:300]}")

    def look_at_claims(self) -> None:
        self.client.get("/v1/claims", headers=self.as_person, name="look at own claims")
