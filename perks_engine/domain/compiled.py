"""The second execution of a rule: one person, the verdict only, compiled once for each version.

A rule is a tree of typed constants, so its verdict can be written out as plain Python: comparisons in the
order of the rule that end as soon as the outcome is settled. Nothing of a campaign file reaches the text
of that program but the shape of the rule; every value is handed to it by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from perks_engine.domain.evidence import EarlierReceipt, Person
from perks_engine.domain.geography import Atlas, Disc, Position, Territory, Zone
from perks_engine.domain.judge_location import WEAK_SOURCES, lies_in
from perks_engine.domain.judge_values import OLDEST_AGE, counts
from perks_engine.domain.rows import Asked, Row, asked_by, latest_birth, microseconds, row_of, slot_name
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
    is_smaller_than_a_country,
)
from perks_engine.domain.screens import DOUBT
from perks_engine.domain.verdict import Verdict

VERDICTS = (Verdict.INELIGIBLE, Verdict.UNKNOWN, Verdict.ELIGIBLE)
"""By the numbers that the program works with: 0 not met, 1 unknown, 2 met."""

Program = Callable[[Row, int, tuple[int, ...]], int]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to decide rows. `asked` is what `row_of` needs to make one."""

    asked: tuple[Asked, ...]
    program: Program
    day_bounds: tuple[int, ...]
    """ages whose latest birth dates the program compares with"""

    def verdict(self, person: Person, now: datetime) -> Verdict:
        """The verdict on a person's evidence at `now` (an aware instant)."""
        return self.at(now)(row_of(person, self.asked))

    def at(self, now: datetime) -> Callable[[Row], Verdict]:
        """The same for rows made beforehand, all of them at one moment."""
        program, verdicts = self.program, VERDICTS
        tick = microseconds(now)
        births = latest_births(self.day_bounds, now)
        return lambda row: verdicts[program(row, tick, births)]


def latest_births(ages: tuple[int, ...], now: datetime) -> tuple[int, ...]:
    today: date = now.astimezone(UTC).date()
    return tuple(latest_birth(age, today) for age in ages)


def compile_rule(rule: Rule, atlas: Atlas) -> CompiledRule:
    """The rule as a program. Raises `UnknownAreaError` where the atlas lacks an area that it names."""
    writer = _Writer(atlas)
    entry = writer.function(rule)
    text = "\n\n".join(writer.functions)
    namespace = dict(writer.values)
    # The text is made of the shape of the rule alone (see `_Writer`).
    exec(compile(text, "<rule>", "exec"), namespace)  # noqa: S102
    return CompiledRule(tuple(asked_by(rule)), namespace[entry], tuple(writer.ages))


@dataclass(frozen=True, slots=True)
class _Next:
    """The statement that follows each outcome of a part: fall through (`pass`), count, or return."""

    met: str
    not_met: str
    unknown: str

    def negated(self) -> _Next:
        return _Next(self.not_met, self.met, self.unknown)


_RETURN = _Next("return 2", "return 0", "return 1")


@dataclass(slots=True)
class _Writer:
    """Writes one function for each inner node; `values` are the constants that the text names."""

    atlas: Atlas
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    functions: list[str] = field(default_factory=list[str])
    ages: list[int] = field(default_factory=list[int])

    def value(self, constant: Any) -> str:
        name = f"k{len(self.values)}"
        self.values[name] = constant
        return name

    def function(self, rule: Rule) -> str:
        lines = list(self._body(rule))
        name = f"f{len(self.functions)}"
        self.functions.append("\n".join([f"def {name}(row, now, births):", *(f"    {one}" for one in lines)]))
        return name

    def _body(self, rule: Rule) -> Iterator[str]:
        match rule:
            case AllOf(rules=rules):
                yield from ["u = 2"]
                for inner in rules:
                    yield from self._part(inner, _Next("pass", "return 0", "u = 1"))
                yield "return u"
            case AnyOf(rules=rules):
                yield from ["u = 0"]
                for inner in rules:
                    yield from self._part(inner, _Next("return 2", "pass", "u = 1"))
                yield "return u"
            case AtLeast(count=count, rules=rules):
                yield from ["met = 0", "open_ = 0"]
                for inner in rules:
                    yield from self._part(inner, _Next("met += 1", "pass", "open_ += 1"))
                yield f"return 2 if met >= {count:d} else 1 if met + open_ >= {count:d} else 0"
            case _:
                yield from self._part(rule, _RETURN)

    def _part(self, rule: Rule, then: _Next) -> Iterator[str]:
        match rule:
            case Not(rule=inner):
                yield from self._part(inner, then.negated())
            case AllOf() | AnyOf() | AtLeast():
                yield f"m = {self.function(rule)}(row, now, births)"
                yield f"if m == 2: {then.met}"
                yield f"elif m == 0: {then.not_met}"
                yield f"else: {then.unknown}"
            case _:
                yield from self._condition(rule, then)

    def _condition(self, condition: Condition, then: _Next) -> Iterator[str]:
        about = condition.about
        if about.is_register:
            yield from self._register(condition, then)
            return
        sources = about.accept.sources
        test = self._test(condition)
        if len(sources) == 1:
            yield from self._single(condition, test, then)
            return
        yield from ["met = not_met = False"] if not _counts(then) else ["hit = miss = False"]
        met, not_met = ("met", "not_met") if not _counts(then) else ("hit", "miss")
        found = _Next(f"{met} = True", f"{not_met} = True", "pass")
        if sources:
            for source in sources:
                yield from self._single(condition, test, found, source)
        else:
            yield f"for v, t, source in row.get({slot_name(about.attribute, about.key) + '*'!r}, ()):"
            ages = dict(about.accept.max_age_of)
            limit = self._limit(about.accept.max_age)
            if ages:
                by_source = self.value({source: _ticks(age) for source, age in ages.items()})
                limit = f"{by_source}.get(source, {limit})"
            ever = about.accept.max_age is None and not ages
            yield "    if t > now: continue" if ever else f"    if t > now or now - t > {limit}: continue"
            if _weak_is_barred(condition):
                yield f"    if source in {self.value(WEAK_SOURCES)}: continue"
            for line in test(found):
                yield f"    {line}"
        yield f"if {met} is {not_met}: {then.unknown}"
        yield f"elif {met}: {then.met}"
        yield f"else: {then.not_met}"

    def _limit(self, age: timedelta | None) -> str:
        return str(_NEVER) if age is None else str(_ticks(age))

    def _single(
        self, condition: Condition, test: _Test, then: _Next, source: str | None = None
    ) -> Iterator[str]:
        about = condition.about
        source = source or about.accept.sources[0]
        if source in WEAK_SOURCES and _weak_is_barred(condition):
            yield then.unknown
            return
        yield f"e = row.get({slot_name(about.attribute, about.key, source)!r})"
        yield f"if e is None: {then.unknown}"
        yield "else:"
        yield "    v, t = e"
        age = about.accept.age_limit(source)
        stale = "" if age is None else f" or now - t > {_ticks(age)}"
        yield f"    if t > now{stale}: {then.unknown}"
        first, *others = test(then)
        yield f"    el{first}" if first.startswith("if ") else "    else:"
        if not first.startswith("if "):
            yield f"        {first}"
            yield from (f"        {line}" for line in others)
        else:
            yield from (f"    {line}" for line in others)

    def _register(self, condition: Condition, then: _Next) -> Iterator[str]:
        """Absence is knowledge: no entry is an empty value."""
        name = slot_name(condition.about.attribute, condition.about.key)
        empty: Any = () if isinstance(condition, ReceiptsIn) else frozenset()
        if not isinstance(condition, ReceiptsIn | WordsMatch):
            raise TypeError(f"{condition.kind} cannot be asked of a register")
        yield f"v = {self.value(empty)}"
        yield f"for e in row.get({name!r}, ()):"
        yield "    if e[1] <= now:"
        yield "        v = e[0]"
        yield "        break"
        first, *others = self._test(condition)(then)
        yield f"if v is None: {then.unknown}"
        yield "else:"
        yield f"    {first}"
        yield from (f"    {line}" for line in others)

    def _test(self, condition: Condition) -> _Test:
        """The lines that judge `v`, the usable value of one source."""
        match condition:
            case NumberIn(low=low, high=high):
                return _asks(_between(low, high, repr))
            case DayIn(first=first, last=last):
                return _asks(_between(first, last, lambda day: str(_day(day))))
            case AgeIn():
                return self._test_age(condition)
            case WordIn(words=words):
                return _asks(f"v in {self.value(frozenset(words))}")
            case WordsMatch(words=words, every=every):
                wanted = self.value(frozenset(words))
                return _asks(f"{wanted} <= v" if every else f"not {wanted}.isdisjoint(v)")
            case FlagIs(wanted=wanted):
                return _asks("v" if wanted else "not v")
            case ReceiptsIn():
                counted = self.value(_receipts_counter(condition))
                return _asks(_between(condition.low, condition.high, str), f"v = {counted}(v, now)")
            case LocatedIn(zone=zone):
                return _looks(self.value(_zone_test(zone, self.atlas)))
            case PostalCodeIn():
                return _looks(self.value(_postal_test(condition)))

    def _test_age(self, condition: AgeIn) -> _Test:
        today, oldest = self._birth(0), self._birth(OLDEST_AGE + 1)
        meets = [f"v <= births[{self._birth(condition.low)}]"] if condition.low is not None else []
        meets += [f"v > births[{self._birth(condition.high + 1)}]"] if condition.high is not None else []
        asked = " and ".join(meets) or "True"

        def lines(then: _Next) -> list[str]:
            return [
                f"if not births[{oldest}] < v <= births[{today}]: {then.unknown}",
                f"elif {asked}: {then.met}",
                f"else: {then.not_met}",
            ]

        return lines

    def _birth(self, age: int) -> int:
        """Where the latest birth date of this age stands among those that the program is given."""
        if age not in self.ages:
            self.ages.append(age)
        return self.ages.index(age)


_Test = Callable[[_Next], list[str]]
_Bound = TypeVar("_Bound")
_NEVER = 2**63
"""Microseconds; longer than anything is old."""


def _ticks(age: timedelta) -> int:
    return age // timedelta(microseconds=1)


def _counts(then: _Next) -> bool:
    return "met += 1" in (then.met, then.not_met)


def _asks(question: str, *before: str) -> _Test:
    return lambda then: [*before, f"if {question}: {then.met}", f"else: {then.not_met}"]


def _looks(name: str) -> _Test:
    return lambda then: [
        f"m = {name}(v)",
        f"if m == 2: {then.met}",
        f"elif m == 0: {then.not_met}",
        f"else: {then.unknown}",
    ]


def _between(low: _Bound | None, high: _Bound | None, text: Callable[[_Bound], str]) -> str:
    if low is not None and high is not None:
        return f"{text(low)} <= v <= {text(high)}"
    if low is not None:
        return f"v >= {text(low)}"
    return f"v <= {text(high)}" if high is not None else "True"


def _day(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _weak_is_barred(condition: Condition) -> bool:
    """Claimed text and IP addresses place nobody in anything smaller than a country."""
    match condition:
        case LocatedIn(zone=zone):
            return is_smaller_than_a_country(zone)
        case PostalCodeIn():
            return True
        case _:
            return False


def _receipts_counter(condition: ReceiptsIn) -> Callable[[tuple[EarlierReceipt, ...], int], int]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def count(receipts: tuple[EarlierReceipt, ...], now: int) -> int:
        if not receipts:
            return 0
        moment = epoch + timedelta(microseconds=now)
        return sum(counts(receipt, condition, moment) for receipt in receipts)

    return count


_POSITIONS: Mapping[Position, int] = {Position.INSIDE: 2, Position.OUTSIDE: 0}


def _zone_test(zone: Zone, atlas: Atlas) -> Callable[[tuple[Any, ...]], int]:
    """The mark of a location in a row: by its address where that names the territory, else by its disc."""
    relate = atlas.relate

    def measured(lat: float, lon: float, radius_m: float) -> int:
        return _POSITIONS.get(relate(Disc(lat, lon, radius_m), zone).position, 1)

    if isinstance(zone, Territory):
        codes = zone.codes

        def of_address(value: tuple[Any, ...]) -> int:
            outcomes = {lies_in(code, value[3], value[4]) for code in codes}
            if True in outcomes:
                return 2
            if outcomes == {False}:
                return 0
            # The grid of a territory covers the earth: it pays for a population, not for one person.
            return 1 if value[0] is None else measured(*value[:3])

        return of_address
    look = atlas.screen(zone).look

    def of_disc(value: tuple[Any, ...]) -> int:
        lat, lon, radius_m = value[0], value[1], value[2]
        if lat is None:
            return 1
        seen = look(lat, lon, radius_m)
        return measured(lat, lon, radius_m) if seen == DOUBT else seen

    return of_disc


def _postal_test(condition: PostalCodeIn) -> Callable[[tuple[Any, ...]], int]:
    codes, prefixes, wanted = frozenset(condition.codes), condition.prefixes, condition.country

    def look(value: tuple[Any, ...]) -> int:
        country, code = value[3], value[5]
        if country is not None and country != wanted:
            return 0
        if country is None or code is None:
            return 1
        full = code[:5] if wanted == "US" else code
        return 2 if full in codes or code in codes or code.startswith(prefixes) else 0

    return look
