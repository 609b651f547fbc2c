"""How a rule is written out as plain Python, for whoever executes it.

Nothing of a campaign file reaches the text of a program but the shape of the rule; every value is handed to
it by name. A condition becomes a chain of branches over the cells of a row (`domain.rows`). What follows an
outcome is up to the execution: a compiled verdict returns or goes on, a compiled explanation notes what it
found. Both read the same branches, so that neither has a meaning of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from perks_engine.domain.evidence import Evidence
from perks_engine.domain.geography import Atlas
from perks_engine.domain.judge_location import WEAK_SOURCES
from perks_engine.domain.judge_values import OLDEST_AGE
from perks_engine.domain.looks import moment_of, postal_test, receipts_counter, zone_test
from perks_engine.domain.rows import Layout, Row, day_number, latest_birth, microseconds
from perks_engine.domain.rules import (
    AgeIn,
    Condition,
    DayIn,
    FlagIs,
    LocatedIn,
    NumberIn,
    PostalCodeIn,
    ReceiptsIn,
    WordIn,
    WordsMatch,
    is_smaller_than_a_country,
)
from perks_engine.domain.verdict import Mark

JudgeAt = Callable[[Condition], Callable[[tuple[Evidence, ...]], Any]]
"""How a program that explains has a condition judged on all of its facts, at its moment."""


class Maker(Protocol):
    """Makes a program for one moment (aware)."""

    def __call__(self, now: datetime, judge_at: JudgeAt | None = None) -> Callable[[Row], Any]: ...


Branch = tuple[str, str]
"""A question and the statement that answers it; the last of a chain may have no question."""


class Then(Protocol):
    """What follows an outcome of one condition, as a statement on one line. `e` is the entry that decided."""

    def settle(self, mark: Mark, code: str) -> str: ...

    def absent(self, facts: int) -> str:
        """No entry that could count; the facts stand at this place of the row."""
        ...

    def unclear(self, facts: int) -> str:
        """Unknown, for a reason that only the whole of the facts tells."""
        ...

    def token(self, mark: Mark, code: str) -> str:
        """What one of several sources found: an expression that is true."""
        ...

    def take(self, mark: Mark, name: str) -> str:
        """The token of that name is what counts."""
        ...


@dataclass(slots=True)
class Program:
    """The text of a program as it grows: `values` are the constants that it names, `prelude` what is
    computed once for a moment, `functions` one for each inner node of the rule."""

    layout: Layout
    atlas: Atlas
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    prelude: list[str] = field(default_factory=list[str])
    functions: list[str] = field(default_factory=list[str])
    births: dict[int, str] = field(default_factory=dict[int, str])

    def value(self, constant: Any) -> str:
        name = f"k{len(self.values)}"
        self.values[name] = constant
        return name

    def moment(self, expression: str) -> str:
        """The name of something that is computed once for a moment."""
        name = f"n{len(self.prelude)}"
        self.prelude.append(f"{name} = {expression}")
        return name

    def function(self, body: Iterable[str]) -> str:
        lines = list(body)
        name = f"f{len(self.functions)}"
        self.functions.append("\n".join([f"def {name}(row):", *indented(lines)]))
        return name

    def birth(self, age: int) -> str:
        """The name of the latest birth date of somebody of this age at the moment."""
        if age not in self.births:
            self.births[age] = self.moment(f"births[{len(self.births)}]")
        return self.births[age]

    def text(self, entry: str) -> str:
        body = [*self.prelude, *(line for one in self.functions for line in one.split("\n"))]
        return "\n".join(["def make(now, births, judge_at):", *indented([*body, f"return {entry}"])])

    def maker(self, entry: str) -> Maker:
        """The program, ready to be made for a moment."""
        namespace = dict(self.values)
        # The text is made of the shape of the rule alone (see above).
        exec(compile(self.text(entry), "<rule>", "exec"), namespace)  # noqa: S102  # nosec B102
        make, ages = namespace["make"], tuple(self.births)

        def at(now: datetime, judge_at: JudgeAt | None = None) -> Callable[[Row], Any]:
            today = now.astimezone(UTC).date()
            return make(microseconds(now), [latest_birth(age, today) for age in ages], judge_at)

        return at


def indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def chain(branches: Sequence[Branch]) -> Iterator[str]:
    """`if …: …`, `elif …: …`, `else: …`; one statement alone where nothing is asked."""
    for place, (question, statement) in enumerate(branches):
        if question:
            yield f"{'elif' if place else 'if'} {question}: {statement}"
        else:
            yield f"else: {statement}" if place else statement


def condition_lines(program: Program, condition: Condition, then: Then) -> Iterator[str]:
    """The statements that judge one condition on a row."""
    about = condition.about
    base = program.layout.places[about.attribute, about.key]
    if about.is_register:
        return _register(program, condition, base, then)
    sources = about.accept.sources
    place = None
    if len(sources) == 1:
        place = program.layout.source_place(about.attribute, about.key, sources[0])
    if place is None:
        return _several(program, condition, base, then)
    return _single(program, condition, base, place, then)


def _register(program: Program, condition: Condition, base: int, then: Then) -> Iterator[str]:
    """Absence is knowledge: no line is an empty value."""
    if not isinstance(condition, ReceiptsIn | WordsMatch):
        raise TypeError(f"{condition.kind} cannot be asked of a register")
    empty: Any = () if isinstance(condition, ReceiptsIn) else frozenset()
    yield f"for e in row[{base + 1}]:"
    yield "    if e[1] <= now:"
    yield "        v = e[0]"
    yield "        break"
    yield f"else: v, e = {program.value(empty)}, None"
    yield from chain([("v is None", then.unclear(base)), *_tested(program, condition, base, then)])


def _single(program: Program, condition: Condition, base: int, place: int, then: Then) -> Iterator[str]:
    source = condition.about.accept.sources[0]
    if source in WEAK_SOURCES and _weak_is_barred(condition):
        yield then.absent(base)
        return
    yield f"e = row[{place}]"
    yield f"if e is None: {then.absent(base)}"
    yield "else:"
    yield "    v, t, s, fact = e"
    age = condition.about.accept.age_limit(source)
    timely = [("t > now", then.settle(Mark.UNKNOWN, "future"))]
    if age is not None:
        timely.append((f"t < {_oldest(program, age)}", then.settle(Mark.UNKNOWN, "stale")))
    yield from indented(chain([*timely, *_tested(program, condition, base, then)]))


def _several(program: Program, condition: Condition, base: int, then: Then) -> Iterator[str]:
    """Any of several sources: the common case of only one that says something goes without a loop."""
    accept = condition.about.accept
    oldest = _oldest_by_source(program, condition)
    not_taken = f"s not in {program.value(frozenset(accept.sources))}" if accept.sources else ""
    weak = f"s in {program.value(WEAK_SOURCES)}" if _weak_is_barred(condition) else ""
    only: list[Branch] = []
    if not_taken:
        only.append((not_taken, then.settle(Mark.UNKNOWN, "source_not_accepted")))
    only.append(("t > now", then.settle(Mark.UNKNOWN, "future")))
    if oldest:
        only.append((f"t < {oldest}", then.settle(Mark.UNKNOWN, "stale")))
    if weak:
        only.append((weak, then.settle(Mark.UNKNOWN, "source_not_accepted")))
    passed_over = [not_taken, "t > now", f"t < {oldest}" if oldest else "", weak]
    yield f"e = row[{base + 2}]"
    yield "if e is not None:"
    yield "    v, t, s, fact = e"
    yield from indented(chain([*only, *_tested(program, condition, base, then)]))
    yield f"elif row[{base + 1}]:"
    yield "    hit = miss = None"
    yield f"    for e in row[{base + 1}]:"
    yield "        v, t, s, fact = e"
    yield f"        if {' or '.join(one for one in passed_over if one)}: continue"
    found = _tested(program, condition, base, _OneOfSeveral(then))
    yield from (f"        {line}" for line in chain(found))
    yield "    if hit:"
    yield f"        if miss: {then.unclear(base)}"
    yield f"        else: {then.take(Mark.MET, 'hit')}"
    yield f"    elif miss: {then.take(Mark.NOT_MET, 'miss')}"
    yield f"    else: {then.unclear(base)}"
    yield f"else: {then.absent(base)}"


@dataclass(frozen=True, slots=True)
class _OneOfSeveral:
    """The first that is met and the first that is not are kept; whoever does not know is passed over."""

    then: Then

    def settle(self, mark: Mark, code: str) -> str:
        if mark is Mark.UNKNOWN:
            return "pass"
        name = "hit" if mark is Mark.MET else "miss"
        return f"{name} = {name} or {self.then.token(mark, code)}"

    def absent(self, facts: int) -> str:
        return "pass"

    def unclear(self, facts: int) -> str:
        return "pass"

    def token(self, mark: Mark, code: str) -> str:
        return self.then.token(mark, code)

    def take(self, mark: Mark, name: str) -> str:
        return self.then.take(mark, name)


def _oldest(program: Program, age: timedelta) -> str:
    return program.moment(f"now - {_ticks(age)}")


def _oldest_by_source(program: Program, condition: Condition) -> str:
    """What a time must not be before, as the program says it; nothing where any age will do."""
    accept = condition.about.accept
    if not accept.max_age_of:
        return "" if accept.max_age is None else _oldest(program, accept.max_age)
    ages = program.value({source: _ticks(age) for source, age in accept.max_age_of})
    by_source = program.moment(f"{{s: now - a for s, a in {ages}.items()}}")
    other = "t" if accept.max_age is None else _oldest(program, accept.max_age)
    return f"{by_source}.get(s, {other})"


def _ticks(age: timedelta) -> int:
    return age // timedelta(microseconds=1)


def _tested(program: Program, condition: Condition, base: int, then: Then) -> list[Branch]:
    """The branches that judge `v`, the usable value of a source."""
    met, not_met = _settler(then, Mark.MET), _settler(then, Mark.NOT_MET)
    match condition:
        case NumberIn(low=low, high=high):
            return _ranged("v", _told(low), _told(high), then)
        case ReceiptsIn(low=low, high=high):
            counter = program.value(receipts_counter(condition))
            moment = program.moment(f"{program.value(moment_of)}(now)")
            counted = _ranged("n", _told(low), _told(high), then)
            question, statement = counted[0]
            first = question.replace("n", f"(n := {counter}(v, {moment}))", 1) if question else ""
            return [(first, statement), *counted[1:]]
        case DayIn(first=first_day, last=last_day):
            return _ranged("v", _day(first_day), _day(last_day), then, "before", "after")
        case AgeIn(low=low, high=high):
            living = f"not {program.birth(OLDEST_AGE + 1)} < v <= {program.birth(0)}"
            branches = [(living, then.unclear(base))]
            if low is not None:
                branches.append((f"v > {program.birth(low)}", not_met("below")))
            if high is not None:
                branches.append((f"v <= {program.birth(high + 1)}", not_met("above")))
            return [*branches, ("", met("in_range"))]
        case WordIn(words=words):
            return _has(f"v in {program.value(frozenset(words))}", then)
        case WordsMatch(words=words, every=every):
            wanted = program.value(frozenset(words))
            return _has(f"{wanted} <= v" if every else f"not {wanted}.isdisjoint(v)", then)
        case FlagIs(wanted=wanted):
            return _has("v" if wanted else "not v", then)
        case LocatedIn(zone=zone):
            return _looked(program.value(zone_test(zone, program.atlas)), base, then)
        case PostalCodeIn():
            return _looked(program.value(postal_test(condition)), base, then)


def _settler(then: Then, mark: Mark) -> Callable[[str], str]:
    return lambda code: then.settle(mark, code)


def _ranged(
    name: str, low: str, high: str, then: Then, below: str = "below", above: str = "above"
) -> list[Branch]:
    branches: list[Branch] = []
    if low:
        branches.append((f"{name} < {low}", then.settle(Mark.NOT_MET, below)))
    if high:
        branches.append((f"{name} > {high}", then.settle(Mark.NOT_MET, above)))
    return [*branches, ("", then.settle(Mark.MET, "in_range"))]


def _has(question: str, then: Then) -> list[Branch]:
    return [(question, then.settle(Mark.MET, "has")), ("", then.settle(Mark.NOT_MET, "lacks"))]


def _looked(look: str, base: int, then: Then) -> list[Branch]:
    return [
        (f"(m := {look}(v)) == 2", then.settle(Mark.MET, "inside")),
        ("m == 0", then.settle(Mark.NOT_MET, "outside")),
        ("m == 1", then.settle(Mark.UNKNOWN, "near_edge")),
        ("", then.unclear(base)),
    ]


def _told(bound: float | None) -> str:
    return "" if bound is None else repr(bound)


def _day(day: date | None) -> str:
    return "" if day is None else str(day_number(day))


def _weak_is_barred(condition: Condition) -> bool:
    """Claimed text and IP addresses place nobody in anything smaller than a country."""
    match condition:
        case LocatedIn(zone=zone):
            return is_smaller_than_a_country(zone)
        case PostalCodeIn():
            return True
        case _:
            return False
