"""No history of events, however odd, leaves a promotion live that the consents, the ledger, the age and the
name of that moment do not allow: on SQLite and on PostgreSQL. `nightly` takes many more and longer ones."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from perks_engine.domain.consent import ConsentAct, Proof, Through
from perks_engine.domain.fulfillment import RECORDABLE, Account, Fulfillment, MoveKind
from perks_engine.domain.promotion import LIVE, PromotionState
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.consents import own_word
from perks_engine.services.dispute_records import DisputeAct
from perks_engine.services.disputing import Settlement
from perks_engine.services.errors import ConflictError, InvalidInputError, RefusedError
from perks_engine.services.event_records import Webhook
from perks_engine.services.ports import Transaction
from perks_engine.services.promotion_records import Promotion, WhichPromotions
from perks_engine.services.records import PreviewRecord
from perks_engine.storage.event_tables import brand_event
from perks_engine.storage.promotion_tables import promotion_event
from tests.engine_room import BRAND, PHONE, STAFF, Room, in_brooklyn

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
WINDOW = "{opens: 2026-12-01T09:00-05:00, closes: 2999-12-15T23:59-05:00}"
CHANNELS = st.sampled_from(["site", "social"])
LIKELY = (MoveKind.SHIP, MoveKind.DELIVER, MoveKind.DELIVER)
WHO = st.integers(0, 1)
MARA, NOOR, STAFF_OF_BRAND = (
    Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,), holder="mara"),
    Actor("noor", Role.COMPLIANCE, (ALL_BRANDS,), holder="noor"),
    Actor("brand", Role.BRAND_MANAGER, (ALL_BRANDS,)),
)
_rooms: dict[str, Room] = {}


def allowed(tx: Transaction, room: Room, person: str, claim: str, channel: str) -> bool:
    """What has to be so, said once more and plainly."""
    holding = tx.ledger.holding(claim)
    said = [act for act in tx.consents.acts(person) if (act.purpose, act.channel) == ("likeness", channel)]
    days = [fact for fact in tx.people.evidence(person) if fact.attribute == "born_on"]
    newest = max((fact.observed_at for fact in days), default=None)
    born = {fact.value for fact in days if fact.observed_at == newest}
    today = room.clock().date()
    card = tx.people.card(person)
    return (
        holding is not None
        and holding.account is Account.RECIPIENT
        and tx.disputes.open_on(claim) is None
        and bool(said)
        and said[-1].given
        and len(born) == 1
        and all(isinstance(day, date) and day.replace(year=day.year + 18) <= today for day in born)
        and card is not None
        and bool(card.name or card.handle)
    )


class Histories(RuleBasedStateMachine):
    database = ""

    @initialize()
    def opened(self) -> None:
        self.room = _rooms[self.database]
        number = next(_numbers)
        self.campaign = f"shown-{number}"
        version = self.room.load(
            PHONE,
            guards="[{same_point: {at_most: 100}}]",
            campaign=self.campaign,
            quantity="9",
            window=WINDOW,
        )
        with self.room.engine.store.write() as tx:
            tx.campaigns.add_preview(PreviewRecord(version, "mara", self.room.clock(), {"people": 0}))
        self.room.engine.campaigning.approve(self.campaign, "noor")
        self.room.engine.campaigning.open(self.campaign, "mara")
        self.people = [self.room.person(f"q{number}-{one}", in_brooklyn(one)) for one in (0, 1)]
        self.claims = [str(self.room.claim(one, f"k {one}", self.campaign)["claim"]) for one in self.people]
        self.erased: set[str] = set()

    @rule(who=WHO, kind=st.sampled_from([*RECORDABLE, *LIKELY, *LIKELY]))
    def moved(self, who: int, kind: MoveKind) -> None:
        self.room.clock.move(minutes=1)
        key = f"r{next(_numbers)}"
        row = Fulfillment(self.claims[who], kind, self.room.clock(), reference=key, note="why")
        try:
            self.room.engine.fulfilling.record([row], STAFF)
        except (InvalidInputError, RefusedError):
            return

    @rule(who=WHO, channel=CHANNELS)
    def yes(self, who: int, channel: str) -> None:
        self.room.clock.move(minutes=1)
        ask = self.room.engine.rules.purposes.ask("likeness", channel)
        assert ask is not None
        shown = ask.current("en").sha256
        self.room.engine.consents.give(own_word(self.people[who], "a test"), "likeness", channel, shown)

    @rule(who=WHO, channel=CHANNELS)
    def no(self, who: int, channel: str) -> None:
        self.room.clock.move(minutes=1)
        self.room.engine.consents.withdraw(own_word(self.people[who], "a test"), "likeness", channel)

    @rule(who=WHO, channel=CHANNELS, given=st.booleans(), minutes=st.integers(0, 9))
    def something_they_said_comes_late(self, who: int, channel: str, given: bool, minutes: int) -> None:
        at = self.room.clock() - timedelta(minutes=minutes)
        proof = Proof(Through.IMPORT)
        act = ConsentAct(self.people[who], "likeness", channel, given, at, "a letter", proof)
        with self.room.engine.store.write() as tx:
            tx.people.record_consents([act], self.room.clock())

    @rule(who=WHO)
    def disputed(self, who: int) -> None:
        disputing = self.room.engine.disputing
        try:
            disputing.open_own(self.people[who], self.claims[who], "not mine", f"d{next(_numbers)}")
        except (ConflictError, RefusedError):
            return

    @rule(who=WHO, outcome=st.sampled_from([DisputeAct.UPHELD, DisputeAct.REJECTED, DisputeAct.WITHDRAWN]))
    def settled(self, who: int, outcome: DisputeAct) -> None:
        self.room.clock.move(minutes=1)
        with self.room.engine.store.read() as tx:
            dispute = tx.disputes.open_on(self.claims[who])
        if dispute is None:
            return
        disputing, key = self.room.engine.disputing, f"s{next(_numbers)}"
        if outcome is DisputeAct.WITHDRAWN:
            disputing.withdraw(self.people[who], dispute, "never mind", key)
        else:
            disputing.settle(NOOR, dispute, Settlement(outcome, "looked into"), key)

    @rule(who=WHO, born_on=st.sampled_from(["1990-04-01", "2011-01-01"]))
    def the_age_is_corrected(self, who: int, born_on: str) -> None:
        if self.people[who] not in self.erased:
            self.room.clock.move(minutes=1)
            self.room.person(self.people[who], in_brooklyn(who), born_on=born_on)

    @rule(who=WHO, name=st.sampled_from(["Ana", "Anabel", ""]))
    def renamed(self, who: int, name: str) -> None:
        if self.people[who] not in self.erased:
            self.room.clock.move(minutes=1)
            self.room.person(self.people[who], in_brooklyn(who), name=name)

    @rule(who=WHO, channel=CHANNELS)
    def asked(self, who: int, channel: str) -> None:
        """The gate says yes just where it may, and no where it may not."""
        person, claim = self.people[who], self.claims[who]
        with self.room.engine.store.read() as tx:
            may = allowed(tx, self.room, person, claim, channel)
            known = tx.promotions.find(WhichPromotions(claim_id=claim), 100)
        is_live = any(one.channel == channel and one.state in LIVE for one in known)
        try:
            answer = self.room.engine.promoting.ask(
                STAFF_OF_BRAND, claim, channel, "blog", f"a{next(_numbers)}"
            )
        except ConflictError:
            assert is_live
            return
        assert not is_live
        assert ("promotion" in answer) is may, answer

    @rule(who=WHO, channel=CHANNELS)
    def everything_for_a_promotion(self, who: int, channel: str) -> None:
        """What seldom comes about by itself, so that there is something to take back."""
        for kind in (MoveKind.SHIP, MoveKind.DELIVER):
            self.moved(who, kind)
        self.yes(who, channel)
        self.asked(who, channel)

    @rule(data=st.data(), act=st.sampled_from(["publish", "taken_down", "retract"]))
    def acted(self, data: st.DataObject, act: str) -> None:
        known = [one for claim in self.claims for one in self.of(claim)]
        if not known:
            return
        chosen = data.draw(st.sampled_from(known))
        promoting, this = self.room.engine.promoting, chosen.promotion_id
        able = {
            "publish": chosen.state is PromotionState.QUEUED,
            "taken_down": chosen.state is PromotionState.RETRACTED,
            "retract": chosen.state in LIVE,
        }
        try:
            if act == "publish":
                promoting.publish(STAFF_OF_BRAND, this, "https://blog.example/x", f"p{next(_numbers)}")
            elif act == "taken_down":
                promoting.taken_down(STAFF_OF_BRAND, this, f"t{next(_numbers)}")
            else:
                promoting.retract(MARA, this)
        except RefusedError:
            assert not able[act]
            return
        assert able[act]

    @rule(who=WHO)
    def promotions_are_erased(self, who: int) -> None:
        with self.room.engine.store.write() as tx:
            tx.promotions.erase(self.people[who], self.room.clock())
        for one in self.of(self.claims[who]):
            assert (one.words, one.called, one.salt, one.place) == (None, None, None, None)
            assert one.state not in LIVE

    def of(self, claim: str) -> list[Promotion]:
        with self.room.engine.store.read() as tx:
            return tx.promotions.find(WhichPromotions(claim_id=claim), 1_000)

    @invariant()
    def what_is_live_is_allowed(self) -> None:
        if not hasattr(self, "erased"):
            return
        with self.room.engine.store.read() as tx:
            for person, claim in zip(self.people, self.claims, strict=True):
                card = tx.people.card(person)
                for one in tx.promotions.find(WhichPromotions(claim_id=claim), 1_000):
                    if one.state in LIVE:
                        assert allowed(tx, self.room, person, claim, one.channel), one
                        assert card is not None
                        assert one.called == (card.name or card.handle)
                    assert tx.promotions.events(one.promotion_id)[-1].act is one.state

    def teardown(self) -> None:
        """Each act was told once, to the brand that has a webhook."""
        if not hasattr(self, "erased"):
            return
        with self.room.engine.engine.connect() as connection:
            acts = Counter(
                (row.promotion_id, f"promotion.{row.act}")
                for row in connection.execute(select(promotion_event.c.promotion_id, promotion_event.c.act))
            )
            told = Counter(
                (row.subject, row.type)
                for row in connection.execute(
                    select(brand_event.c.subject, brand_event.c.type).where(
                        brand_event.c.type.like("promotion.%")
                    )
                )
            )
        assert acts == told


def _counting() -> Iterator[int]:
    number = 0
    while True:
        yield (number := number + 1)


_numbers = _counting()


def test_what_is_live_is_what_the_consents_and_the_ledger_allow(room: Room) -> None:
    name = room.engine.engine.dialect.name
    _rooms[name] = room
    with room.engine.store.write() as tx:
        url = "https://hooks.northwind.example/"
        tx.webhooks.add(Webhook("whk_1", BRAND, url, ("*",), None, "mara", room.clock()))
    machine = type("HistoriesHere", (Histories,), {"database": name})
    few = settings(
        max_examples=200 if NIGHTLY else 8,
        stateful_step_count=60 if NIGHTLY else 25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    run_state_machine_as_test(machine, settings=few)
