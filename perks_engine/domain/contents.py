"""What a unit consists of: the perk as its campaign declares it, something else that was sent in its place,
or those parts of a bundle that arrived. It stands on each entry: the ledger says what was received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Perk
from perks_engine.domain.fulfillment import Fulfillment, IllegalMoveError, MoveKind
from perks_engine.domain.money import Money
from perks_engine.domain.phrase import phrase, said, word


@dataclass(frozen=True, slots=True)
class Contents:
    """`fair_market_value` is of what is here: of the `parts`, where only some of a bundle are. `held_since`
    is when the recipient got the first of it, where the entry is of a later day."""

    item: str
    fair_market_value: Money
    parts: tuple[str, ...] = ()
    held_since: datetime | None = None

    @property
    def named(self) -> str:
        """As a disclosure list names it."""
        return f"{self.item}: {', '.join(self.parts)}" if self.parts else self.item


_PARTLY = (MoveKind.DELIVER, MoveKind.CONFIRM, MoveKind.DELIVER_MORE, MoveKind.RETURN_PART)


def contents_after(
    row: Fulfillment, perk: Perk, before: Contents | None, received_at: datetime
) -> Contents | None:
    """What the unit consists of after the move; None for the perk as it is declared.

    `before` is what it consisted of, `received_at` when the entry before happened. Raises `IllegalMoveError`.
    """
    if row.move is MoveKind.SUBSTITUTE:
        if not row.item or row.value is None:
            raise IllegalMoveError(
                "fulfillment.item",
                phrase("substitute needs the item that is sent instead and its fair market value"),
            )
        return Contents(row.item, row.value)
    if row.item or row.value is not None:
        raise IllegalMoveError(
            "fulfillment.item",
            phrase("{move} does not change what the item is; record substitute first", move=word(row.move)),
        )
    if row.move is MoveKind.REPLACE:
        return None
    if row.parts or row.move in (MoveKind.DELIVER_MORE, MoveKind.RETURN_PART):
        return _of_parts(row, perk, before, received_at)
    return before


def is_of_the_same(row: Fulfillment, perk: Perk, before: Contents | None, after: Contents | None) -> bool:
    """Whether a move after which the unit consists of `after`, and before of `before`, was of the very parts
    that a row names, or of the item: several parts of a bundle may arrive, or go back, at one instant."""
    if row.move is MoveKind.SUBSTITUTE:
        return after is not None and (after.item, after.fair_market_value) == (row.item, row.value)
    named, held, held_before = set(row.parts), _held(after, perk), _held(before, perk)
    match row.move:
        case MoveKind.DELIVER | MoveKind.CONFIRM:
            return held == (named or held_before)
        case MoveKind.DELIVER_MORE:
            return held - held_before == named
        case MoveKind.RETURN_PART:
            return held_before - held == named
        case _:
            return True


def _held(contents: Contents | None, perk: Perk) -> set[str]:
    return set(contents.parts) if contents else {part.name for part in perk.parts}


def _of_parts(row: Fulfillment, perk: Perk, before: Contents | None, received_at: datetime) -> Contents:
    declared = [part.name for part in perk.parts]
    if row.move not in _PARTLY:
        raise IllegalMoveError(
            "fulfillment.parts",
            phrase(
                "{move} is of the whole unit; only {partly} name parts",
                move=word(row.move),
                partly=word(", ".join(_PARTLY)),
            ),
        )
    if not declared or (before is not None and not before.parts):
        what = before.item if before else perk.name
        raise IllegalMoveError(
            "fulfillment.parts", phrase("{what} has no parts that are told apart", what=what)
        )
    strange = [name for name in row.parts if name not in declared]
    if strange or not row.parts:
        no_such = said("there is no part {strange}; the parts are {declared}")
        words = no_such if strange else said("it names no part; the parts are {declared}")
        told = phrase(words, strange=", ".join(strange), declared=", ".join(declared))
        raise IllegalMoveError("fulfillment.parts", told)
    held = _held_after(row, set(before.parts if before else declared), declared)
    moved_on = row.move in (MoveKind.DELIVER_MORE, MoveKind.RETURN_PART)
    since = (before.held_since if before and before.held_since else received_at) if moved_on else None
    return of_parts(perk, held, since)


def _held_after(row: Fulfillment, held: set[str], declared: list[str]) -> set[str]:
    named = set(row.parts)
    if row.move in (MoveKind.DELIVER, MoveKind.CONFIRM):
        return named
    if row.move is MoveKind.DELIVER_MORE:
        if named & held:
            there = ", ".join(name for name in declared if name in named & held)
            raise IllegalMoveError(
                "fulfillment.parts", phrase("recorded as received already: {there}", there=there)
            )
        return held | named
    if named - held:
        gone = ", ".join(name for name in declared if name in named - held)
        raise IllegalMoveError("fulfillment.parts", phrase("not recorded as received: {gone}", gone=gone))
    if named == held:
        raise IllegalMoveError("fulfillment.parts", phrase("that is all that was received; record return"))
    return held - named


def of_parts(perk: Perk, names: set[str], held_since: datetime | None = None) -> Contents:
    """These parts of a bundle, in the order in which they are declared, and what they are worth."""
    here = [part for part in perk.parts if part.name in names]
    value = Money(sum(part.fair_market_value.amount_minor for part in here), perk.fair_market_value.currency)
    return Contents(perk.name, value, tuple(part.name for part in here), held_since)
