"""Claims that the engine writes and does not make: what its writer could do if nothing had to be read,
decided, explained or rendered for it. The values are those of one claim of each campaign, under new names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from operator import attrgetter, itemgetter

from benchmarks.ledger_clients import Ask, Turn
from perks_engine.bootstrap import Application
from perks_engine.services.claim_ports import MOST_TOGETHER
from perks_engine.services.deciding import Asked, Deciding
from perks_engine.services.guards import ToCount
from perks_engine.services.moving import reservation
from perks_engine.services.records import DecidedClaim, Entry
from perks_engine.services.together import Together
from perks_engine.services.views import in_english


@dataclass(frozen=True)
class _Made:
    decided: DecidedClaim
    counted: ToCount
    entry: Entry

    def of(self, person: str, campaign: str) -> _Made:
        """The same for another person, who is on a point of their own."""
        name = f"{person} {campaign}"
        new = {"person_id": person, "claim_id": f"clm {name}"}
        one = self.decided
        decided = replace(
            one,
            decision=replace(one.decision, decision_id=f"dec {name}", person_id=person),
            claim=replace(one.claim, decision_id=f"dec {name}", **new),
            messages=tuple(
                replace(letter, message_id=f"msg {place} {name}", **new)
                for place, letter in enumerate(one.messages)
            ),
            scope=f"person:{person}",
            key=campaign,
        )
        counts = [
            replace(count, counted=replace(count.counted, key=person)) if count.counted.key else count
            for count in self.counted.counts
        ]
        return _Made(decided, replace(self.counted, counts=counts), replace(self.entry, **new))


def claim_written(engine: Application, pattern: str, is_counted: bool) -> Ask:
    """Claims together, as the engine does; `pattern` is a person who has no claim yet. The campaigns are so
    far from what their guards call unhealthy that none has to be counted alone."""
    engine.engine.dispose(close=False)
    deciding = Deciding(engine.gate, engine.claiming.letters, engine.claiming.tax_notices)
    guarding = engine.guarding

    @cache
    def made(campaign: str) -> _Made:
        now = engine.clock()
        with engine.store.look() as look:
            facts = look.facts(pattern, campaign)
        with engine.store.read() as tx:
            assert facts.campaign is not None
            version = engine.versions.get(facts.campaign.version or "", tx)
            guarding.approved(tx, facts.campaign.version or "", version)
        asked = Asked(pattern, campaign, campaign, "digest", in_english)
        decided = deciding.decided(asked, facts, version, None, now, lambda _: version)
        counts = guarding.counts(version, decided.decision, facts)
        return _Made(
            decided,
            ToCount(version, decided.decision, counts, alone=False),
            reservation(decided.claim, version),
        )

    def write(turns: Sequence[Turn]) -> list[bool]:
        claims = [made(campaign).of(person, campaign) for person, campaign in sorted(turns)]
        with engine.store.claim() as work:
            for one in claims:
                work.record(one.decided)
            if is_counted:
                guarding.count_beside(work, [one.counted for one in claims])
            for entry in sorted((one.entry for one in claims), key=attrgetter("campaign", "person_id")):
                work.reserve(entry)
        return [True] * len(claims)

    together = Together[Turn, bool](write, itemgetter(0), MOST_TOGETHER, ())
    return lambda person, campaign: together.do((person, campaign))
