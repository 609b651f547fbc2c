"""The duty to disclose, after the grant: the person reads the instruction and acknowledges it, and where the
disclosure was seen is kept (16 CFR 255.1(d): the advertiser instructs and monitors)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.codec import fingerprint
from perks_engine.services.access import Actor, Permission
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.list_records import Acknowledgement, Sighting
from perks_engine.services.list_views import instruction_view, sighting_view
from perks_engine.services.mending import mended
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import ClaimOutcome, ClaimRecord, Message
from perks_engine.services.views import View

LONGEST_URL = 2_000
_ADDRESS = re.compile(r"https?://[^\s/@]+\.[^\s/@]+(/\S*)?", re.IGNORECASE)
Keep = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Instructing:
    store: Store
    clock: Clock

    def instruction(self, person_id: str, claim_id: str) -> View:
        """How the person has to disclose what the claim granted, and whether they acknowledged it.

        Raises `NotFoundError` for another's claim, and `RefusedError` for one that granted nothing.
        """
        with self.store.read() as tx:
            message = _instruction(tx, _own_grant(tx, person_id, claim_id))
            return instruction_view(message, tx.instructing.acknowledgements([claim_id]).get(claim_id))

    def acknowledge(self, person_id: str, claim_id: str, key: str, how: str) -> Mapping[str, Any]:
        """The person says that they read the instruction, and will disclose. The first time counts."""
        now = self.clock()

        def work(tx: Transaction, keep: Keep) -> Mapping[str, Any]:
            message = _instruction(tx, _own_grant(tx, person_id, claim_id))
            act = tx.instructing.acknowledgements([claim_id]).get(claim_id)
            if act is None:
                digest = fingerprint(message.body_text)
                act = Acknowledgement(claim_id, person_id, message.message_id, digest, how, now)
                tx.instructing.acknowledge(act)
            answer = instruction_view(message, act)
            keep(answer)
            return answer

        request = {"operation": "acknowledge", "claim": claim_id}
        return once(self.store, f"person:{person_id}", key, request, now, work)

    def report(
        self, person_id: str, claim_id: str, url: str, seen_at: datetime | None, key: str
    ) -> Mapping[str, Any]:
        """The person says where they disclosed; an address that is known already is answered again."""
        now = self.clock()

        def work(tx: Transaction, keep: Keep) -> Mapping[str, Any]:
            claim = _own_grant(tx, person_id, claim_id)
            mended(tx, claim_id, url, now)
            answer = _kept(tx, Sighting(claim_id, claim.person_id, url, seen_at or now, "person"), now)
            keep(answer)
            return answer

        _require_a_post(url, seen_at, now)
        request = {"operation": "report", "claim": claim_id, "url": url, "seen_at": seen_at}
        return once(self.store, f"person:{person_id}", key, request, now, work)

    def record(
        self,
        actor: Actor,
        claim_id: str,
        url: str,
        seen_at: datetime | None = None,
        note: str = "",
        key: str | None = None,
    ) -> Mapping[str, Any]:
        """Staff keeps where it saw the disclosure."""
        now = self.clock()
        actor.require(Permission.RECORD_SIGHTINGS)
        _require_a_post(url, seen_at, now)

        def work(tx: Transaction, keep: Keep) -> Mapping[str, Any]:
            claim = tx.claims.get(claim_id)
            record = tx.campaigns.get(claim.campaign) if claim else None
            if claim is None or record is None or not actor.may(Permission.RECORD_SIGHTINGS, record.brand):
                raise NotFoundError("claim.unknown", f"there is no claim {claim_id}")
            _require_granted(claim)
            answer = _kept(
                tx, Sighting(claim_id, claim.person_id, url, seen_at or now, actor.name, note), now
            )
            keep(answer)
            return answer

        if key is None:
            with self.store.write() as tx:
                return work(tx, lambda _answer: None)
        request = {"operation": "sighting", "claim": claim_id, "url": url, "seen_at": seen_at, "note": note}
        return once(self.store, f"staff:{actor.name}", key, request, now, work)


def _kept(tx: Transaction, seen: Sighting, now: datetime) -> View:
    known = tx.instructing.sightings([seen.claim_id]).get(seen.claim_id, [])
    same = next((one for one in known if one.url == seen.url), None)
    if same is None:
        tx.instructing.add_sighting(seen, now)
    return sighting_view(same or seen)


def _own_grant(tx: Transaction, person_id: str, claim_id: str) -> ClaimRecord:
    claim = tx.claims.get(claim_id)
    if claim is None or claim.person_id != person_id:
        raise NotFoundError("claim.unknown", f"you have no claim {claim_id}")
    _require_granted(claim)
    return claim


def _require_granted(claim: ClaimRecord) -> None:
    if claim.outcome is not ClaimOutcome.GRANTED:
        raise RefusedError("claim.refused", "this claim was refused, so there is nothing to disclose")


def _instruction(tx: Transaction, claim: ClaimRecord) -> Message:
    found = tx.instructing.instruction(claim.claim_id)
    if found is None:
        raise RefusedError("disclosure.not_instructed", "nobody has told you yet how to disclose this")
    return found


def _require_a_post(url: str, seen_at: datetime | None, now: datetime) -> None:
    if len(url) > LONGEST_URL or not _ADDRESS.fullmatch(url):
        raise InvalidInputError(
            "disclosure.url",
            f"{url[:80]!r} is no address of a post; expected such as https://example.com/p/123",
        )
    if seen_at is not None and seen_at > now:
        raise InvalidInputError("disclosure.seen_at", "seen_at lies in the future; give when it was seen")
