"""Claims: a person's request for a perk, granted or refused by a decision of the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from perks_engine.domain.campaign import Campaign, CampaignAct, CampaignState
from perks_engine.domain.codec import canonical_json, fingerprint
from perks_engine.domain.reasons import Reason
from perks_engine.domain.words import day_in_words
from perks_engine.services.claim_ports import MOST_TOGETHER
from perks_engine.services.deciding import Asked, Deciding, explained, is_open, live_version, spoken_to
from perks_engine.services.errors import NotFoundError
from perks_engine.services.gate import CLAIM, Gate, allowance_spent, out_of_stock
from perks_engine.services.guards import (
    Breach,
    ChangedMeanwhileError,
    CountAloneError,
    Guarding,
    LeavesHealthyError,
    ToCount,
)
from perks_engine.services.letters import Letters
from perks_engine.services.moving import reservation
from perks_engine.services.once import MOST_TRIES, check_key, replay
from perks_engine.services.ports import (
    AllowanceSpentError,
    Clock,
    ContentionError,
    DatabaseRefusedError,
    KeyTakenError,
    NotOpenError,
    OutOfStockError,
    Store,
    Transaction,
    UnitMovedError,
)
from perks_engine.services.records import (
    Answer,
    CampaignEvent,
    ClaimFacts,
    DecidedClaim,
    Decision,
    Entry,
)
from perks_engine.services.tax_notices import TaxNotices
from perks_engine.services.together import Together
from perks_engine.services.views import (
    Speaking,
    View,
    claim_view,
    decision_view,
    in_english,
    perk_view,
)
from perks_engine.services.watching import UNWATCHED, Watch


@dataclass(frozen=True, slots=True)
class _Try:
    """One try of a claim: what it `lost` to somebody faster in the one before, whether guards have to count
    it `alone`, the facts where they are known. `context` is that of whoever asks, for the one who decides it
    may be another."""

    asked: Asked
    lost: Callable[[Campaign], Reason] | None
    alone: bool
    facts: ClaimFacts | None
    context: Context = field(default_factory=copy_context)

    @property
    def person_id(self) -> str:
        return self.asked.person_id


@dataclass(frozen=True, slots=True)
class _Ready:
    """A claim that is decided and rendered, with all that is to be written of it: `counted` where guards
    count it, the `entry` where it is granted."""

    decided: DecidedClaim
    counted: ToCount | None
    entry: Entry | None

    @property
    def person_id(self) -> str:
        return self.decided.decision.person_id


_OF_ONE = (
    *(DatabaseRefusedError, ContentionError, ChangedMeanwhileError, CountAloneError, LeavesHealthyError),
    *(ValueError, TypeError, LookupError),
)
"""What is raised because of some claim of several: it is refused, or what is on record of somebody cannot be
read or written."""


@dataclass(frozen=True, slots=True)
class Claiming:
    """One for each process: claims that come at the same moment are read, decided and written together."""

    store: Store
    gate: Gate
    letters: Letters
    guarding: Guarding
    tax_notices: TaxNotices
    clock: Clock
    watch: Watch = UNWATCHED
    _deciding: Deciding = field(init=False)
    _together: Together[_Try, _Ready | Answer] = field(init=False)

    def __post_init__(self) -> None:
        together = Together(self._try, _by_person, MOST_TOGETHER, _OF_ONE)
        object.__setattr__(self, "_together", together)
        object.__setattr__(self, "_deciding", Deciding(self.gate, self.letters, self.tax_notices))

    def perks(
        self,
        person_id: str,
        after: str | None = None,
        limit: int | None = None,
        speaking: Speaking = in_english,
    ) -> list[View]:
        """The perks there are to claim by the names of their campaigns, those that come after `after`,
        with the decision that a claim would come to right now."""
        now = self.clock()
        with self.store.look() as look:
            found = look.shown(person_id, after, limit)
        return [
            self._perk(person_id, facts, facts.campaign.name, now, speaking)
            for facts in found
            if facts.campaign is not None
        ]

    def perk(
        self,
        person_id: str,
        campaign: str,
        speaking: Speaking = in_english,
        facts: ClaimFacts | None = None,
    ) -> View:
        """`facts` are those of this moment, where the caller has them."""
        now = self.clock()
        if facts is None:
            with self.store.look() as look:
                facts = look.facts(person_id, campaign)
        return self._perk(person_id, facts, campaign, now, speaking)

    def _perk(
        self, person_id: str, facts: ClaimFacts, campaign: str, now: datetime, speaking: Speaking
    ) -> View:
        version = self._version(live_version(facts, campaign))
        decision = self.gate.judge(person_id, facts, version, CLAIM, now)
        say = spoken_to(facts, speaking)
        shown = decision_view(decision, say)
        del shown["decision"]  # it is not recorded, so there is nothing to ask for under this name
        notice: View = {}
        if decision.grants:
            notice = self.tax_notices.about(facts.units, version, now, self._version, say)
        return {**perk_view(version), **shown, **notice}

    def _version(self, version: str) -> Campaign:
        """By a transaction of its own where it was never used; whoever asks has no connection meanwhile."""
        kept = self.gate.versions.kept(version)
        if kept is None:
            with self.store.read() as tx:
                kept = self.gate.versions.get(version, tx)
        return kept

    def claim(
        self,
        person_id: str,
        campaign: str,
        key: str,
        speaking: Speaking = in_english,
        facts: ClaimFacts | None = None,
    ) -> Mapping[str, Any]:
        """Claim one unit; the view of the claim with its reasons. The same key gives the same answer.

        Where the last unit, or the person's allowance, goes to somebody faster between the decision
        and the ledger, the database refuses; the claim is then decided again with that known. So it is
        where the campaign was paused meanwhile. `facts` are those of this moment, with what was answered
        under the key, where the caller has them; they serve the first try. Raises `ConflictError` where the
        key was used for another request.
        """
        check_key(key)
        asked = Asked(person_id, campaign, key, _digest(campaign), speaking)
        with self.watch.span("claim"):
            return self._claim(asked, facts)

    def _claim(self, asked: Asked, facts: ClaimFacts | None) -> Mapping[str, Any]:
        lost: Callable[[Campaign], Reason] | None = None
        alone = leaves_healthy = False
        tries = 0
        while True:
            try:
                if leaves_healthy:
                    return self._claim_alone(asked, lost)
                at_hand, facts = facts, None
                return self._claim_beside(_Try(asked, lost, alone, at_hand))
            except OutOfStockError:
                lost = out_of_stock
            except AllowanceSpentError:
                lost = allowance_spent
            except CountAloneError:
                alone = True
            except LeavesHealthyError:
                leaves_healthy = True
            except (ChangedMeanwhileError, NotOpenError):
                continue
            except (KeyTakenError, ContentionError, UnitMovedError):
                tries += 1
                if tries == MOST_TRIES:
                    raise

    def _claim_beside(self, one: _Try) -> Mapping[str, Any]:
        """Together with the claims that wait for the same, and beside those of other processes."""
        done = self._together.do(one)
        if isinstance(done, Answer):
            return replay(done, one.asked.digest)
        self.watch.claimed(done.decided.decision)
        return done.decided.answer.answer

    def _try(self, tries: Sequence[_Try]) -> list[_Ready | Answer | Exception]:
        """Everything is read, decided and rendered before anything is locked; then it is written. What was
        answered before is found; what cannot be decided stands in nobody else's way."""
        now = self.clock()
        done = [
            one.context.run(self._made_ready, one, facts, now)
            for one, facts in zip(tries, self._facts(tries), strict=True)
        ]
        ready = [one for one in done if isinstance(one, _Ready)]
        if not ready:
            return done
        try:
            self._write(ready)
        except _OF_ONE:
            raise
        except Exception as failure:  # noqa: BLE001 - it is raised where those claims were asked for
            return [failure if isinstance(one, _Ready) else one for one in done]
        return done

    def _facts(self, tries: Sequence[_Try]) -> list[ClaimFacts]:
        """Known ones, and all others by one look."""
        known = [one.facts for one in tries if one.facts is not None]
        if len(known) == len(tries):
            return known
        with self.store.look() as look:
            found = iter(look.facts_about([one.asked.question for one in tries if one.facts is None]))
        return [next(found) if one.facts is None else one.facts for one in tries]

    def _made_ready(self, one: _Try, facts: ClaimFacts, now: datetime) -> _Ready | Answer | Exception:
        if facts.answer is not None:
            return facts.answer
        try:
            version = self._version(one.asked.version_of(facts))
            decided = self._deciding.decided(one.asked, facts, version, one.lost, now, self._version)
            entry = reservation(decided.claim, version) if decided.decision.grants else None
            return _Ready(decided, self._to_count(one, facts, version, decided.decision, now), entry)
        except Exception as error:  # noqa: BLE001 - it is raised where the claim was asked for
            return error

    def _to_count(
        self, one: _Try, facts: ClaimFacts, version: Campaign, decision: Decision, now: datetime
    ) -> ToCount | None:
        """None where no guard counts it."""
        if not is_open(facts, version, now):
            return None
        counts = self.guarding.counts(version, decision, facts)
        if not counts:
            return None
        self._read_preview(decision.version, version)
        return ToCount(version, decision, counts, one.alone or self.guarding.must_be_alone(version, decision))

    def _write(self, claims: Sequence[_Ready]) -> None:
        """All of these or none; the rows that others wait for are locked last. Everybody writes in one order,
        so that two who repeat the same claims elsewhere do not wait for each other."""
        with self.store.claim() as work:
            for one in sorted(claims, key=_by_person):
                work.record(one.decided)
            counted = [one.counted for one in claims if one.counted is not None]
            if counted:
                self.guarding.count_beside(work, counted)
            for entry in sorted((one.entry for one in claims if one.entry is not None), key=_in_line):
                work.reserve(entry)

    def _read_preview(self, version: str, campaign: Campaign) -> None:
        if not self.guarding.has_read(version):
            with self.store.read() as tx:
                self.guarding.approved(tx, version, campaign)

    def _claim_alone(self, asked: Asked, lost: Callable[[Campaign], Reason] | None) -> Mapping[str, Any]:
        """The same in a transaction of its own, with no other claim of the campaign counted meanwhile. Only
        so is a campaign paused."""
        now = self.clock()
        with self.store.write() as tx:
            facts = tx.claims.facts(asked.person_id, asked.campaign, asked.scope, asked.key)
            if facts.answer is not None:
                return replay(facts.answer, asked.digest)
            version = self.gate.versions.get(asked.version_of(facts), tx)
            known = partial(self.gate.versions.get, tx=tx)
            decided = self._deciding.decided(asked, facts, version, lost, now, known)
            tx.claims.record(decided)
            breach: Breach | None = None
            if is_open(facts, version, now):
                breach = self.guarding.count(tx, version, decided.decision)
            if decided.decision.grants:
                tx.ledger.append(reservation(decided.claim, version))
            if breach is not None:
                self._pause(tx, version, breach, decided.decision)
        self.watch.claimed(decided.decision)
        return decided.answer.answer

    def _pause(self, tx: Transaction, campaign: Campaign, breach: Breach, decision: Decision) -> None:
        """The campaign leaves what its guard calls healthy: it is paused, and its brand's staff is told."""
        event = CampaignEvent(
            campaign=campaign.name,
            act=CampaignAct.PAUSED,
            state=CampaignState.PAUSED,
            version=decision.version,
            acted_by=f"guard {breach.guard.kind}",
            acted_at=decision.decided_at,
            why=f"{breach.found}; healthy is: {breach.healthy}",
            numbers=breach.numbers(),
        )
        tx.campaigns.record(event, was=CampaignState.OPEN)
        self.letters.paused(tx, campaign, event, breach, tx.ledger.free_units(campaign.name))

    def claims(self, person_id: str, before: str | None, limit: int) -> list[View]:
        """The person's own claims, newest first, older than the claim `before`."""
        with self.store.read() as tx:
            return [claim_view(claim) for claim in tx.claims.of_person(person_id, before, limit)]

    def own_claim(self, person_id: str, claim_id: str, speaking: Speaking = in_english) -> View:
        """One claim with its reasons and its way so far; somebody else's is as unknown as none."""
        with self.store.read() as tx:
            claim = tx.claims.get(claim_id)
            if claim is None or claim.person_id != person_id:
                raise NotFoundError("claim.unknown", f"you have no claim {claim_id}")
            card = tx.people.card(person_id)
            decision = tx.claims.decision(claim.decision_id)
            history = [
                {"move": entry.move.value, "to": entry.target.value, "on": day_in_words(entry.occurred_at)}
                for entry in tx.ledger.entries(claim_id)
            ]
        told = explained(decision, speaking(card.language if card else "")) if decision else {}
        return {**claim_view(claim), **told, "history": history}


@lru_cache(1_000)
def _digest(campaign: str) -> str:
    """What tells a claim from other requests under the same key; no other request is of this shape."""
    return fingerprint(canonical_json({"operation": "claim", "campaign": campaign}))


def _by_person(claim: _Ready | _Try) -> str:
    return claim.person_id


def _in_line(entry: Entry) -> tuple[str, str]:
    return entry.campaign, entry.person_id or ""
