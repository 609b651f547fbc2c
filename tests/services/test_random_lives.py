"""Random lives of claims, through the services, against a small model of what must be true of them: on SQLite
and on PostgreSQL. `nightly` takes many more and longer ones."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from perks_engine.domain.fulfillment import (
    IMPLIED,
    MOVES,
    RECORDABLE,
    Account,
    Fulfillment,
    IllegalMoveError,
    MoveKind,
    move_for,
)
from perks_engine.domain.money import Money
from perks_engine.services.errors import InvalidInputError, RefusedError
from perks_engine.services.records import PreviewRecord
from perks_engine.storage import tables
from tests.engine_room import PHONE, STAFF, Room, in_brooklyn

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
UNITS = 4
WINDOW = "{opens: 2026-12-01T09:00-05:00, closes: 2999-12-15T23:59-05:00}"
PARTS = ("Phone", "Case", "Strap")
BUNDLE = (
    "48h\n  parts:\n    - {name: Phone, fair_market_value: 400.00 USD}\n"
    "    - {name: Case, fair_market_value: 40.00 USD}\n    - {name: Strap, fair_market_value: 9.00 USD}"
)
BY_STAFF = st.sampled_from([*RECORDABLE, MoveKind.APPROVE, MoveKind.DECLINE])
_rooms: dict[str, Room] = {}


@dataclass
class Modelled:
    """What the model knows of a claim: where its unit is, and which parts of it the recipient holds."""

    person: str
    account: Account = Account.RESERVED
    parts: frozenset[str] = frozenset(PARTS)
    is_bundle: bool = True
    held: bool = False


class RandomLives(RuleBasedStateMachine):
    """Every report is tried on the engine and on the model; both take it, or both refuse it."""

    database = ""

    @initialize(bundle=st.booleans(), approval=st.booleans())
    def opened(self, bundle: bool, approval: bool) -> None:
        self.room = _rooms[self.database]
        self.number = next(_numbers)
        self.campaign = f"lives-{self.number}"
        changes = {"campaign": self.campaign, "quantity": str(UNITS), "per_person": "2", "window": WINDOW}
        if bundle:
            changes |= {"kind": "bundle", "reservation": BUNDLE}
        if approval:
            changes["promotion"] = "{allowed: true}\napproval: {required: true}"
        self.of_parts, self.approval = bundle, approval
        self.open(**changes)
        self.claims: dict[str, Modelled] = {}
        self.tries = 0
        self.stock = UNITS
        self.log: Counter[tuple[Account, Account]] = Counter()

    def open(self, **changes: str) -> None:
        version = self.room.load(PHONE, guards="[{same_point: {at_most: 100}}]", **changes)
        with self.room.engine.store.write() as tx:
            tx.campaigns.add_preview(PreviewRecord(version, "mara", self.room.clock(), {"people": 0}))
        self.room.engine.campaigning.approve(self.campaign, "noor")
        self.room.engine.campaigning.open(self.campaign, "mara")

    @precondition(lambda self: len(self.claims) < 6)
    @rule()
    def claim(self) -> None:
        self.tries += 1  # a key that is used again gets the same answer again
        person = self.room.person(f"p{self.number}-{self.tries}", in_brooklyn(self.tries))
        answer = self.room.claim(person, f"k{self.number}-{self.tries}", self.campaign)
        assert (answer["outcome"] == "granted") is (self.stock > 0), answer["reasons"]
        if answer["outcome"] == "granted":
            self.stock -= 1
            self.claims[answer["claim"]] = Modelled(person, is_bundle=self.of_parts)

    @precondition(lambda self: bool(self.claims))
    @rule(data=st.data(), kind=BY_STAFF)
    def report(self, data: st.DataObject, kind: MoveKind) -> None:
        self.room.clock.move(minutes=1)
        claim = data.draw(st.sampled_from(sorted(self.claims)))
        parts = data.draw(st.frozensets(st.sampled_from(PARTS), max_size=2)) if self.of_parts else frozenset()
        self.one_more(claim, kind, parts)

    @precondition(lambda self: bool(self.claims))
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Something that can happen does, so that lives get on."""
        self.room.clock.move(minutes=1)
        claim = data.draw(st.sampled_from(sorted(self.claims)))
        able = [
            kind
            for kind in (*RECORDABLE, MoveKind.APPROVE, MoveKind.DECLINE)
            if self.legal(self.claims[claim], kind, frozenset()) is not None
        ]
        if able:
            self.one_more(claim, data.draw(st.sampled_from(able)), frozenset())

    @precondition(lambda self: bool(self.claims))
    @rule(data=st.data())
    def person_confirms(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(sorted(self.claims)))
        modelled = self.claims[claim]
        able = modelled.account in (Account.IN_TRANSIT, Account.RECIPIENT)
        try:
            self.room.engine.own_word.confirm(modelled.person, claim, f"c{next(_numbers)}")
        except RefusedError:
            assert not able
            return
        assert able
        if modelled.account is Account.IN_TRANSIT:
            self.moved(modelled, Account.IN_TRANSIT, Account.RECIPIENT)
            modelled.held = True

    @rule()
    def the_clock_strikes(self) -> None:
        self.room.clock.move(hours=49)
        self.room.engine.fulfilling.expire_reservations()
        for modelled in self.claims.values():
            if modelled.account is Account.RESERVED:
                self.moved(modelled, Account.RESERVED, Account.STOCK)

    def one_more(self, claim: str, kind: MoveKind, parts: frozenset[str]) -> None:
        modelled = self.claims[claim]
        expected = self.legal(modelled, kind, parts)
        taken = self.try_it(claim, kind, parts)
        assert taken is (expected is not None), (kind, modelled, parts)
        if expected is None:
            return
        source, target, held = expected
        self.moved(modelled, source, target)
        modelled.parts = held

    def moved(self, modelled: Modelled, source: Account, target: Account) -> None:
        self.stock += (target is Account.STOCK) - (source is Account.STOCK)
        modelled.account = target

    def legal(
        self, modelled: Modelled, kind: MoveKind, parts: frozenset[str]
    ) -> tuple[Account, Account, frozenset[str]] | None:
        """Source, target and what is held afterwards, by the model's own account of parts and stock."""
        perk = "bundle" if self.of_parts else "item"
        try:
            move = move_for(kind, _KINDS[perk], modelled.account, self.approval)
        except IllegalMoveError:
            return None
        if kind is MoveKind.REPLACE and not self.stock:
            return None
        whole = frozenset(PARTS) if self.of_parts else frozenset[str]()
        named = bool(modelled.parts) and self.of_parts
        match kind:
            case MoveKind.SUBSTITUTE:
                held = frozenset[str]()
            case MoveKind.REPLACE:
                held = whole
            case MoveKind.DELIVER:
                held = parts or modelled.parts
            case MoveKind.DELIVER_MORE:
                held = modelled.parts | parts
            case MoveKind.RETURN_PART:
                held = modelled.parts - parts
            case _:
                held = modelled.parts
        if kind in (MoveKind.DELIVER_MORE, MoveKind.RETURN_PART) or (kind is MoveKind.DELIVER and parts):
            ok = named and bool(parts)
            ok &= kind is not MoveKind.DELIVER_MORE or not parts & modelled.parts
            ok &= kind is not MoveKind.RETURN_PART or parts < modelled.parts
        else:
            ok = not parts or kind in (
                MoveKind.SUBSTITUTE,
                MoveKind.REPLACE,
                MoveKind.APPROVE,
                MoveKind.DECLINE,
            )
        return (move.source, move.target, held) if ok else None

    def try_it(self, claim: str, kind: MoveKind, parts: frozenset[str]) -> bool:
        approving, key = self.room.engine.approving, f"k{next(_numbers)}"
        try:
            if kind is MoveKind.APPROVE:
                approving.approve(claim, STAFF, key)
            elif kind is MoveKind.DECLINE:
                approving.decline(claim, "no", STAFF, key)
            else:
                is_other = kind is MoveKind.SUBSTITUTE
                row = Fulfillment(
                    claim,
                    kind,
                    self.room.clock(),
                    evidence="" if kind in IMPLIED else "warehouse",
                    reference=key,
                    note="why",
                    parts=tuple(sorted(parts)),
                    item="Other" if is_other else "",
                    value=Money(100, "USD") if is_other else None,
                )
                self.room.engine.fulfilling.record([row], STAFF)
        except (InvalidInputError, RefusedError):
            return False
        return True

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        if not hasattr(self, "claims"):
            return
        with self.room.engine.store.read() as tx:
            assert tx.ledger.free_units(self.campaign) == self.stock
            held = {claim: tx.ledger.holding(claim) for claim in self.claims}
        assert {claim: one.account for claim, one in held.items() if one} == {
            claim: one.account for claim, one in self.claims.items()
        }

    @invariant()
    def the_books_balance_and_no_unit_is_made_or_lost(self) -> None:
        if not hasattr(self, "claims"):
            return
        entry = tables.entry
        query = select(entry.c.source, entry.c.target, func.sum(entry.c.units)).where(
            entry.c.campaign == self.campaign
        )
        books: Counter[str] = Counter()
        with self.room.engine.engine.connect() as connection:
            for source, target, units in connection.execute(query.group_by(entry.c.source, entry.c.target)):
                books[source] -= units
                books[target] += units
        assert sum(books.values()) == 0
        assert books["supply"] == -UNITS
        assert books["stock"] == self.stock
        assert all(units >= 0 for account, units in books.items() if account != "supply")

    def teardown(self) -> None:
        """The list names just those who hold something, and what they hold of it."""
        if not hasattr(self, "claims"):
            return
        with self.room.engine.disclosing.lines(STAFF, "northwind-phones", None, self.campaign) as (_, lines):
            listed = {line.claim: line.item for line in lines}
        expected = {claim: one for claim, one in self.claims.items() if one.account is Account.RECIPIENT}
        assert listed.keys() == expected.keys()
        for claim, modelled in expected.items():
            if self.of_parts and modelled.parts and modelled.parts != frozenset(PARTS):
                names = ", ".join(part for part in PARTS if part in modelled.parts)
                assert listed[claim] == f"Northwind One: {names}"


def _counting() -> Iterator[int]:
    number = 0
    while True:
        yield (number := number + 1)


_numbers = _counting()
_WITHOUT_PARTS = (MoveKind.SUBSTITUTE, MoveKind.REPLACE, MoveKind.APPROVE, MoveKind.DECLINE)
"""They pass over parts that somebody names."""
_KINDS = {kind.value: kind for move in MOVES for kind in move.perks}


def test_random_lives_are_what_a_small_model_says(room: Room) -> None:
    name = room.engine.engine.dialect.name
    _rooms[name] = room
    machine = type("RandomLivesHere", (RandomLives,), {"database": name})
    few = settings(
        max_examples=200 if NIGHTLY else 6,
        stateful_step_count=60 if NIGHTLY else 25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    run_state_machine_as_test(machine, settings=few)
