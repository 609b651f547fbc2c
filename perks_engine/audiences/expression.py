"""The third execution of a rule: over a whole population, as one set expression.

Each condition becomes a column of `Code`, and the rule a nullable boolean over them: the three-valued
logic of SQL is Kleene's, with NULL for unknown. Nothing here decides differently from the explained
execution; tests hold the three equal on every engine.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial, reduce

from perks_engine.audiences.codes import Code
from perks_engine.audiences.columns import Slot, Sources
from perks_engine.audiences.heavy import ibis
from perks_engine.audiences.relational import CodeValue, Table, Truth, Value
from perks_engine.domain.judge_location import WEAK_SOURCES
from perks_engine.domain.judge_values import OLDEST_AGE
from perks_engine.domain.rows import latest_birth
from perks_engine.domain.rules import (
    AgeIn,
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    DayIn,
    FlagIs,
    LocatedIn,
    Not,
    NumberIn,
    PostalCodeIn,
    ReceiptsIn,
    Rule,
    WordIn,
    WordsMatch,
    conditions,
    is_smaller_than_a_country,
)

LARGEST = 1.7976931348623157e308
"""Of a 64-bit float: NaN and the infinities are not at most this, on any of the engines."""
RECEIPT_TIME = "%Y-%m-%dT%H:%M:%S.%f"
"""How a receipt's instant is written in a population: UTC, always to the microsecond, so that texts
compare as instants do. A receipt is `INSTANT|brand|campaign`."""

Spots = Mapping[tuple[int, int], CodeValue]
"""By a condition's and a slot's number what a zone says of the disc there: a `Code`."""


VERDICT = "verdict"


def code_column(number: int) -> str:
    """The column that holds the `Code` of a rule's condition."""
    return f"code_{number}"


Step = Callable[[Table], Table]
"""Makes a table be computed before what builds on it."""


def read_rule(
    table: Table, rule: Rule, sources: Sequence[Sources], spots: Spots, now: datetime, step: Step
) -> Table:
    """The table with a column of codes for each condition of the rule, in their order, and `verdict`: true,
    false or NULL. `sources` are the conditions' slots in it, `spots` what zones say of their discs."""
    writer = _Codes(table, sources, spots, now)
    codes = [writer.code(condition, number) for number, condition in enumerate(conditions(rule))]
    coded = step(table.mutate(**{code_column(number): code for number, code in enumerate(codes)}))
    marks = (_truth(coded[code_column(number)]) for number in range(len(codes)))
    return coded.mutate(**{VERDICT: _verdict(rule, marks)})


def _truth(code: CodeValue) -> Truth:
    return code.cases((int(Code.MET), True), (int(Code.NOT_MET), False))


def _verdict(rule: Rule, marks: Iterator[Truth]) -> Truth:
    """The rule over the marks of its conditions, which it takes in their order."""
    match rule:
        case AllOf(rules=rules):
            return balanced(operator.and_, [_verdict(one, marks) for one in rules])
        case AnyOf(rules=rules):
            return balanced(operator.or_, [_verdict(one, marks) for one in rules])
        case AtLeast(count=count, rules=rules):
            parts = [_verdict(one, marks) for one in rules]
            met = balanced(operator.add, [part.ifelse(1, 0) for part in parts])
            open_ = balanced(operator.add, [part.fill_null(True).ifelse(1, 0) for part in parts])
            return ibis.cases((met >= count, True), (open_ < count, False))
        case Not(rule=inner):
            return ~_verdict(inner, marks)
        case _:
            return next(marks)


@dataclass(frozen=True, slots=True)
class _Codes:
    table: Table
    sources: Sequence[Sources]
    spots: Spots
    now: datetime

    def code(self, condition: Condition, number: int) -> CodeValue:
        sources = self.sources[number]
        about = condition.about
        if about.is_register:
            return _register(condition, self.table[sources.accepted[0].column], self.now)
        is_barred = _weak_is_barred(condition)
        usable: list[CodeValue] = []
        refused = list(sources.refused)
        for place, slot in enumerate(sources.accepted):
            if is_barred and slot.source in WEAK_SOURCES:
                refused.append(slot)
            else:
                limit = about.accept.age_limit(slot.source)
                usable.append(self._slot_code(condition, slot, limit, number, place))
        return _weighed(usable, self._said_by(refused))

    def _said_by(self, refused: Sequence[Slot]) -> CodeValue:
        """Whether one of these slots, which do not count, says anything at all."""
        columns = [column for slot in refused for column in slot.columns() if column != slot.at]
        if not columns:
            return ibis.literal(int(Code.MISSING))
        said = balanced(operator.or_, [self.table[column].notnull() for column in columns])
        return said.ifelse(int(Code.SOURCE_NOT_ACCEPTED), int(Code.MISSING))

    def _absent(self, slot: Slot) -> Truth:
        """Whether the slot says nothing at all."""
        columns = [column for column in slot.columns() if column != slot.at]
        return balanced(operator.and_, [self.table[column].isnull() for column in columns])

    def _slot_code(
        self, condition: Condition, slot: Slot, limit: timedelta | None, number: int, place: int
    ) -> CodeValue:
        gone: list[tuple[Truth, int]] = []
        if slot.at:
            at = self.table[slot.at]
            now = _instant(self.now, at)
            gone.append((at > now, int(Code.FUTURE)))
            if limit is not None:
                gone.append((at < _instant(self.now - limit, at), int(Code.STALE)))
        found = self._judged(condition, slot, number, place)
        return ibis.cases((self._absent(slot), int(Code.MISSING)), *gone, else_=found)

    def _judged(self, condition: Condition, slot: Slot, number: int, place: int) -> CodeValue:
        if isinstance(condition, LocatedIn):
            return self.spots[number, place]
        if isinstance(condition, PostalCodeIn):
            return _postal(condition, self.table, slot)
        return _judged_value(condition, self.table[slot.column], self.now)


def balanced(join: Callable[[Value, Value], Value], parts: Sequence[Value]) -> Value:
    """All parts joined as a tree of small depth, which no engine's parser runs out of stack for."""
    if len(parts) <= 2:
        return reduce(join, parts)
    half = len(parts) // 2
    return join(balanced(join, parts[:half]), balanced(join, parts[half:]))


def _weighed(usable: Sequence[CodeValue], refused: CodeValue) -> CodeValue:
    """Sources that agree decide, those that contradict each other are unknown; among unknowns the one
    nearest to being usable is told. What is known has the least codes, and the least of all is `NOT_MET`."""
    if not usable:
        return refused
    told: CodeValue = ibis.least(*usable, refused)
    if len(usable) == 1:
        return told
    met = balanced(operator.or_, [code == int(Code.MET) for code in usable])
    return ((told == int(Code.NOT_MET)) & met).ifelse(int(Code.CONFLICTING), told)


def _instant(moment: datetime, like: Value) -> Value:
    """A moment as a literal of the column's own type; a column without a zone is in UTC."""
    zone = getattr(like.type(), "timezone", None)
    if zone is None:
        return ibis.literal(moment.astimezone(UTC).replace(tzinfo=None), type="timestamp")
    return ibis.literal(moment.astimezone(UTC), type=like.type())


def _known(met: Truth, usable: Truth) -> CodeValue:
    return ibis.cases((usable & met, int(Code.MET)), (usable, int(Code.NOT_MET)), else_=int(Code.UNUSABLE))


def _judged_value(condition: Condition, value: Value, now: datetime) -> CodeValue:
    """The code of a value that is there (never NULL) and of an age that counts."""
    match condition:
        case NumberIn(low=low, high=high):
            usable = value.abs() <= LARGEST if value.type().is_floating() else value.notnull()
            return _known(_between(value, low, high), usable)
        case DayIn(first=first, last=last):
            return _known(_between(value, first, last), value.notnull())
        case AgeIn(low=low, high=high):
            today = now.astimezone(UTC).date()
            living = (value > _birthday(OLDEST_AGE + 1, today)) & (value <= ibis.literal(today))
            of_age = [value <= _birthday(low, today)] if low is not None else []
            of_age += [value > _birthday(high + 1, today)] if high is not None else []
            return _known(balanced(operator.and_, of_age) if of_age else living, living)
        case WordIn(words=words):
            return _known(value.isin(words), value != "")
        case WordsMatch(words=words, every=every):
            has = [value.contains(word) for word in words]
            return _known(balanced(operator.and_ if every else operator.or_, has), value.notnull())
        case FlagIs(wanted=wanted):
            return _known(value if wanted else ~value, value.notnull())
        case _:
            raise TypeError(f"{condition.kind} has no place in a column of its own")


def _between(value: Value, low: object, high: object) -> Truth:
    if low is not None and high is not None:
        return (value >= ibis.literal(low)) & (value <= ibis.literal(high))
    if low is not None:
        return value >= ibis.literal(low)
    return value <= ibis.literal(high) if high is not None else value.notnull()


def _birthday(age: int, today: date) -> Value:
    """The last day on which somebody was born who is of this age today."""
    number = latest_birth(age, today)
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    try:
        return ibis.literal(date(year, month, day))
    except ValueError:  # 29 February of a common year: nobody was born between the 28th and the 1st
        return ibis.literal(date(year, month, day - 1))


def _register(condition: Condition, value: Value, now: datetime) -> CodeValue:
    """The engine's own registers are complete: NULL is an empty value."""
    match condition:
        case WordsMatch(words=words, every=every):
            has = [value.contains(word).fill_null(False) for word in words]
            met = balanced(operator.and_ if every else operator.or_, has)
            return met.ifelse(int(Code.MET), int(Code.NOT_MET))
        case ReceiptsIn(low=low, high=high):
            count = value.filter(partial(_is_counted, condition=condition, now=now)).length().fill_null(0)
            met = _between(count, low, high)
            return met.ifelse(int(Code.MET), int(Code.NOT_MET))
        case _:
            raise TypeError(f"{condition.kind} cannot be asked of a register")


def _is_counted(receipt: Value, condition: ReceiptsIn, now: datetime) -> Truth:
    """Whether a receipt (`INSTANT|brand|campaign`) is one of those that the condition counts."""
    moment = now.astimezone(UTC)
    received_at = receipt.left(len(moment.strftime(RECEIPT_TIME)))
    kept = [received_at <= moment.strftime(RECEIPT_TIME)]
    if condition.within is not None:
        kept.append(received_at >= (moment - condition.within).strftime(RECEIPT_TIME))
    if condition.brand and condition.campaign:
        kept.append(receipt.endswith(f"|{condition.brand}|{condition.campaign}"))
    elif condition.brand:
        kept.append(receipt.contains(f"|{condition.brand}|"))
    elif condition.campaign:
        kept.append(receipt.endswith(f"|{condition.campaign}"))
    return balanced(operator.and_, kept)


def _postal(condition: PostalCodeIn, table: Table, slot: Slot) -> CodeValue:
    """By the address alone; codes stand in a population in upper case without spaces and dashes."""
    country: Value = table[slot.part("country")] if slot.part("country") else ibis.null("string")
    code: Value = table[slot.part("postal_code")] if slot.part("postal_code") else ibis.null("string")
    full = code.left(5) if condition.country == "US" else code
    ways = [full.isin(condition.codes), code.isin(condition.codes)] if condition.codes else []
    ways += [code.startswith(prefix) for prefix in condition.prefixes]
    met = balanced(operator.or_, ways) if ways else ibis.literal(False)
    usable = code.notnull() & country.notnull() & (code != "")
    if condition.country == "US":
        usable &= code.re_search("^([0-9]{5}|[0-9]{9})$")
    return ibis.cases((country != condition.country, int(Code.NOT_MET)), else_=_known(met, usable))


def _weak_is_barred(condition: Condition) -> bool:
    """Claimed text and IP addresses place nobody in anything smaller than a country."""
    match condition:
        case LocatedIn(zone=zone):
            return is_smaller_than_a_country(zone)
        case PostalCodeIn():
            return True
        case _:
            return False
