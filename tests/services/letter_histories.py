"""Histories of events around letters and promotions, however odd, with a mail server that looks at each
letter as it arrives: whether the rows of that moment allow it (`what_may_be_sent`)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select

from perks_engine.domain.consent import ConsentAct, Proof, Through
from perks_engine.domain.fulfillment import RECORDABLE, Fulfillment, MoveKind
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.consents import Speaker, on_behalf, own_word
from perks_engine.services.dispute_records import DisputeAct
from perks_engine.services.disputing import Settlement
from perks_engine.services.errors import ServiceError
from perks_engine.services.feedback import Own
from perks_engine.storage import tables
from tests.engine_room import STAFF, SetClock
from tests.services.letter_beginning import KETTLE, LAMP, PEOPLE, Beginning
from tests.services.letter_wire import Wire, report_of
from tests.services.what_may_be_sent import Ground

OPENS, CLOSES = datetime.fromisoformat("2026-12-01T09:00Z"), datetime.fromisoformat("2027-01-15T09:00Z")
BRAND_STAFF, MARA, NOOR = (
    Actor("brand", Role.BRAND_MANAGER, (ALL_BRANDS,)),
    Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,)),
    Actor("noor", Role.COMPLIANCE, (ALL_BRANDS,)),
)
KEEPER = Actor("kim", Role.OPERATOR, (ALL_BRANDS,))
CHORES = ("offers", "feedback", "duties", "fixes", "calendar", "expiry", "retention", "erasures")


WHO = st.sampled_from(list(PEOPLE))
WHAT = st.sampled_from([LAMP, KETTLE])
YES_OR_NO = st.booleans()
SAYS = st.sampled_from(
    [
        ("perks", "email"),
        ("feedback", "email"),
        ("moments", "email"),
        ("likeness", "site"),
        ("likeness", "social"),
    ]
)
LIKELY = (MoveKind.SHIP, MoveKind.DELIVER, MoveKind.RETURN, MoveKind.VOID)
MOVES = st.sampled_from([*RECORDABLE, *LIKELY, *LIKELY])
EVENTS = (
    *("no", "no", "complaint", "bounce", "return", "dispute"),
    *("pause", "erasure", "younger", "moved", "claim"),
)
HAPPENS = st.sampled_from(["nothing", "nothing", "nothing", *EVENTS])
ASKED = st.sampled_from(["offers", "feedback", "both"])
ANSWERS = st.sampled_from(["takes it", "takes it", "takes it", "is full", "knows nobody", "is away"])


class Histories(RuleBasedStateMachine):
    """What is refused is refused: here it only matters what goes out."""

    beginning: Beginning

    @initialize()
    def begin(self) -> None:
        self._copy = self.beginning.copied()
        self.engine = self._copy.__enter__()
        clock = self.engine.clock
        assert isinstance(clock, SetClock)
        self.clock = clock
        self.numbers = count()
        self.claims: dict[tuple[str, str], str] = {}
        names: list[str] = [LAMP, KETTLE]
        self.ground = Ground(self.engine.engine, clock, dict.fromkeys(names, (OPENS, CLOSES)))
        self.wire = Wire(self.ground, self.beginning.taken.append)
        if self.beginning.with_real_mail:
            assert self.engine.sending.mailer is not None
            self.wire.real = self.engine.sending.mailer.session
        self.engine.sending.mailer = self.wire
        self.engine.sending.jitter = lambda: 0.5

    def teardown(self) -> None:
        if not hasattr(self, "_copy"):
            return
        query = select(tables.message.c.kind).where(tables.message.c.state == "sent").distinct()
        with self.engine.engine.connect() as connection:
            self.beginning.seen.update(connection.execute(query).scalars())
        self._copy.__exit__(None, None, None)

    def key(self) -> str:
        return f"key {next(self.numbers)}"

    # What people say.

    @rule(who=WHO, what=SAYS, yes=YES_OR_NO, how=st.sampled_from(["own", "own", "link", "staff", "late"]))
    def they_say(self, who: str, what: tuple[str, str], yes: bool, how: str) -> None:
        purpose, channel = what
        self.clock.move(minutes=1)
        with suppress(ServiceError):
            if how == "link" and not yes and channel == "email":
                link = self.engine.unsubscribe_links.make(who, purpose, channel).rpartition("/")[2]
                self.engine.unsubscribing.unsubscribe(link, "a test")
            elif how == "late":
                self.something_comes_late(who, purpose, channel, yes)
            else:
                speaker = on_behalf(MARA, who, "by phone") if how == "staff" else own_word(who, "a test")
                self.say(speaker, purpose, channel, yes)

    def say(self, speaker: Speaker, purpose: str, channel: str, yes: bool) -> None:
        if not yes:
            self.engine.consents.withdraw(speaker, purpose, channel)
            return
        ask = self.engine.consents.purposes.ask(purpose, channel)
        shown = ask.current("en").sha256 if ask else "0" * 64
        self.engine.consents.give(speaker, purpose, channel, shown)

    def something_comes_late(self, who: str, purpose: str, channel: str, yes: bool) -> None:
        """A list from elsewhere says what they said an hour ago."""
        at = self.clock() - timedelta(hours=1)
        act = ConsentAct(who, purpose, channel, yes, at, "a letter", Proof(Through.IMPORT))
        with self.engine.store.write() as tx:
            if tx.people.card(who) is not None:
                tx.people.record_consents([act], self.clock())

    @rule(who=WHO, what=st.sampled_from(["bounce", "complaint"]))
    def a_letter_comes_back(self, who: str, what: str) -> None:
        query = select(tables.message.c.message_id).where(tables.message.c.person_id == who)
        with self.engine.engine.connect() as connection:
            letters = connection.execute(query.order_by(tables.message.c.message_id)).scalars().all()
            email = select(tables.person.c.email).where(tables.person.c.person_id == who)
            to = connection.execute(email).scalar()
        if not letters or to is None:
            return
        self.engine.mail_reports.take(STAFF, report_of(what, to, letters[-1]))

    @rule()
    def staff_has_dead_letters_tried_again(self) -> None:
        self.engine.sending.retry(None)

    @rule(
        who=WHO,
        what=st.sampled_from(
            [
                *(("born_on", "2012-01-01"), ("born_on", "1990-04-01"), ("name", "Anew"), ("email", "new")),
                *(("time_zone", "Asia/Tokyo"), ("time_zone", None)),
            ]
        ),
    )
    def they_are_corrected(self, who: str, what: tuple[str, str | None]) -> None:
        self.clock.move(minutes=1)
        field_name, value = what
        value = f"{who}{next(self.numbers)}@new.example" if value == "new" else value
        with suppress(ServiceError):
            self.engine.records.rectifying.correct_for(MARA, who, {field_name: value}, "they wrote")

    # What they have.

    @rule(who=WHO, what=WHAT)
    def they_claim(self, who: str, what: str) -> None:
        with suppress(ServiceError):
            claim = self.engine.claiming.claim(who, what, self.key())
            if claim["outcome"] == "granted":
                self.claims[who, what] = str(claim["claim"])

    @rule(who=WHO, what=WHAT, kind=MOVES)
    def the_unit_moves(self, who: str, what: str, kind: MoveKind) -> None:
        self.clock.move(minutes=1)
        if (who, what) in self.claims:
            row = Fulfillment(self.claims[who, what], kind, self.clock(), reference=self.key(), note="why")
            with suppress(ServiceError):
                self.engine.fulfilling.record([row], STAFF)

    @rule(who=WHO, what=WHAT, told=YES_OR_NO)
    def it_arrives(self, who: str, what: str, told: bool = False) -> None:
        if (who, what) not in self.claims:
            self.they_claim(who, what)
        for kind in (MoveKind.SHIP, MoveKind.DELIVER):
            self.the_unit_moves(who, what, kind)
            if told:
                self.engine.sending.round()

    @rule(who=WHO, what=WHAT)
    def they_object(self, who: str, what: str) -> None:
        if (who, what) in self.claims:
            with suppress(ServiceError):
                self.engine.disputing.open_own(who, self.claims[who, what], "not my door", self.key())

    @rule(
        who=WHO,
        what=WHAT,
        how=st.sampled_from([DisputeAct.UPHELD, DisputeAct.REJECTED, DisputeAct.WITHDRAWN]),
    )
    def the_objection_ends(self, who: str, what: str, how: DisputeAct) -> None:
        self.clock.move(minutes=1)
        with self.engine.store.read() as tx:
            dispute = tx.disputes.open_on(self.claims.get((who, what), ""))
        if dispute is None:
            return
        with suppress(ServiceError):
            if how is DisputeAct.WITHDRAWN:
                self.engine.disputing.withdraw(who, dispute, "a neighbour had it", self.key())
            else:
                self.engine.disputing.settle(NOOR, dispute, Settlement(how, "looked into"), self.key())

    @rule(who=WHO, what=WHAT)
    def they_answer_unasked(self, who: str, what: str) -> None:
        if (who, what) in self.claims:
            with suppress(ServiceError):
                self.engine.recipients.feedback.say(Own(who, self.claims[who, what]), 1, "")

    # What staff and the clock do.

    @rule(what=WHAT, act=st.sampled_from(["pause", "resume"]))
    def the_campaign(self, what: str, act: str) -> None:
        change = self.engine.campaigning.pause if act == "pause" else self.engine.campaigning.resume
        with suppress(ServiceError):
            change(what, "mara", "something looks odd")

    @rule(who=WHO, really=st.integers(0, 3))
    def they_leave(self, who: str, really: int) -> None:
        if really == 3:
            with suppress(ServiceError):
                self.engine.records.erasing.erase_own(who)

    @rule(who=WHO, put=YES_OR_NO)
    def a_hold(self, who: str, put: bool) -> None:
        holding = self.engine.records.holding
        with suppress(ServiceError):
            if put:
                holding.put(KEEPER, who, "a court asks")
            for one in [] if put else holding.listed(KEEPER, who):
                holding.lift(KEEPER, str(one["hold"]), "settled")

    @rule(hours=st.sampled_from([1, 5, 11, 24, 71, 8 * 24]))
    def time_passes(self, hours: int) -> None:
        self.clock.move(hours=hours)

    @rule(what=WHAT)
    def the_brand_makes_offers(self, what: str) -> None:
        with suppress(ServiceError):
            self.engine.offering.begin(BRAND_STAFF, what)
        self.engine.chores.run("offers")

    @rule(name=st.sampled_from(CHORES))
    def a_chore_is_done(self, name: str) -> None:
        self.engine.chores.run(name)

    # What goes out.

    @rule(who=WHO, what=WHAT, channel=st.sampled_from(["site", "social"]), publish=YES_OR_NO)
    def a_promotion_is_asked_for(self, who: str, what: str, channel: str, publish: bool) -> None:
        claim = self.claims.get((who, what))
        if claim is None:
            return
        promoting, why_not = self.engine.promoting, self.ground.why_no_promotion
        with suppress(ServiceError):
            answer = promoting.ask(BRAND_STAFF, claim, channel, "blog", self.key())
            if "promotion" in answer:
                assert why_not(who, claim, channel) is None
                self.beginning.seen.add("promotion")
        mine = select(tables.promotion.c.promotion_id, tables.promotion.c.channel)
        with self.engine.engine.connect() as connection:
            known = connection.execute(mine.where(tables.promotion.c.claim_id == claim)).all()
        for one in known:
            with suppress(ServiceError):
                if publish:
                    promoting.publish(BRAND_STAFF, one.promotion_id, None, self.key())
                else:
                    promoting.text(BRAND_STAFF, one.promotion_id)
                assert why_not(who, claim, one.channel) is None, (
                    f"shown, but {why_not(who, claim, one.channel)}"
                )

    @rule(who=WHO, what=WHAT, channel=st.sampled_from(["site", "social"]))
    def everything_for_a_promotion(self, who: str, what: str, channel: str) -> None:
        self.they_say(who, ("likeness", channel), True, "own")
        self.it_arrives(who, what)
        self.a_promotion_is_asked_for(who, what, channel, True)

    @rule(answer=ANSWERS, who=WHO, what=WHAT, happens=HAPPENS)
    def a_sender_goes_round(self, answer: str, who: str, what: str, happens: str) -> None:
        self.wire.answer = answer
        self.wire.meanwhile = lambda: self.it_happens(who, what, happens)
        self.engine.chores.run("messages")
        self.wire.meanwhile = None

    @rule(who=WHO, what=WHAT, asked=ASKED, happens=st.sampled_from(EVENTS))
    def something_happens_at_the_last_moment(self, who: str, what: str, asked: str, happens: str) -> None:
        self.letters_wait_for(who, what, asked, happens, 13)

    @rule(who=WHO, what=WHAT, asked=ASKED, happens=HAPPENS, hour=st.sampled_from([2, 4, 7, 13, 13]))
    def letters_wait_for(self, who: str, what: str, asked: str, happens: str, hour: int) -> None:
        """What seldom comes about by itself: somebody to whom an offer and a survey may go. By 13 h it is day
        wherever they are."""
        for purpose in ("perks", "feedback"):
            self.they_say(who, (purpose, "email"), True, "own")
        self.it_arrives(who, what)
        self.clock.move(days=4)
        self.clock.now = self.clock().replace(hour=hour)
        if asked != "feedback":
            self.the_brand_makes_offers(LAMP if what == KETTLE else KETTLE)
        if asked != "offers":
            self.engine.chores.run("feedback")
        self.engine.chores.run("duties")
        self.it_happens(who, what, happens)
        self.a_sender_goes_round("takes it", who, what, "nothing")

    def it_happens(self, who: str, what: str, happens: str) -> None:
        match happens:
            case "no":
                for purpose in ("perks", "feedback"):
                    self.they_say(who, (purpose, "email"), False, "link")
            case "bounce" | "complaint":
                self.a_letter_comes_back(who, happens)
            case "return":
                self.the_unit_moves(who, what, MoveKind.RETURN)
            case "dispute":
                self.they_object(who, what)
            case "pause":
                self.the_campaign(LAMP, "pause")
                self.the_campaign(KETTLE, "pause")
            case "erasure":
                self.they_leave(who, 3)
            case "younger":
                self.they_are_corrected(who, ("born_on", "2012-01-01"))
            case "moved":
                self.they_are_corrected(who, ("email", "new"))
            case "claim":
                for one in PEOPLE:
                    self.they_claim(one, LAMP)
            case _:
                pass
