"""Which conditions turned a verdict between two versions of a rule.

The conditions of both versions are paired. What one pair did is found by asking what would have been: the
old rule with this change alone, and the new rule without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from perks_engine.domain.marking import mark_under, verdict_under
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Condition, Not, Rule, conditions
from perks_engine.domain.verdict import Mark, Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class Pair:
    """A condition through two versions: its number among the conditions of each, None where it is not
    asked."""

    old: int | None
    new: int | None


JOINED: Pair = Pair(None, None)
"""Stands for how the conditions are joined, which is no condition of its own."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Pairs that turned a verdict. `by_itself` are those of them that would have done so without the
    others."""

    pairs: tuple[Pair, ...]
    by_itself: frozenset[Pair]


Marks = tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Joining:
    """What those conditions come to that both versions ask, joined as they were and as they are: `before`
    by their old marks, `after` by their new ones."""

    before: tuple[Verdict | None, Verdict | None]
    after: tuple[Verdict | None, Verdict | None]

    @property
    def matters(self) -> bool:
        return self.before[0] is not self.before[1] or self.after[0] is not self.after[1]

    @property
    def always_matters(self) -> bool:
        return self.before[0] is not self.before[1] and self.after[0] is not self.after[1]


class Comparison:
    """Two versions of a rule, to be compared by what became of their conditions. `pairs` are the conditions
    of both, in the order of the new version; those that are no longer asked stand last."""

    def __init__(self, old: Rule, new: Rule) -> None:
        self.old, self.new = old, new
        self.pairs = pair(conditions(old), conditions(new))
        both = [one for one in self.pairs if one.old is not None and one.new is not None]
        names_in_old = {one.old: number for number, one in enumerate(both)}
        names_in_new = {one.new: number for number, one in enumerate(both)}
        self.joined_otherwise = _shape(old, names_in_old, count()) != _shape(new, names_in_new, count())

    def turned(self, old: Marks, new: Marks) -> Turned:
        """What turned the verdict where the conditions came out `old`, and now come out `new`; nothing where
        both versions come to the same."""
        before, after = verdict_under(self.old, old), verdict_under(self.new, new)
        if before is after:
            return Turned((), frozenset())
        changed = [one for one in self.pairs if _mark(old, one.old) is not _mark(new, one.new)]
        if self.joined_otherwise and (joining := self._joining(old, new, changed)).matters:
            return self._turned_by_joining(old, new, changed, joining)
        alone = [one for one in changed if self._with([one], old, new, one.old is not None) is after]
        needed = [
            one for one in changed if self._with(_but(changed, one), old, new, one.new is None) is before
        ]
        found = [one for one in changed if one in alone or one in needed] or changed
        return Turned(tuple(found), frozenset(alone))

    def _joining(self, old: Marks, new: Marks, changed: Sequence[Pair]) -> _Joining:
        removed = [one for one in changed if one.new is None]
        kept = [one for one in changed if one.old is not None]
        return _Joining(
            (self._with(removed, old, new, True), self._with([], old, new, False)),
            (self._with(changed, old, new, True), self._with(kept, old, new, False)),
        )

    def _turned_by_joining(
        self, old: Marks, new: Marks, changed: Sequence[Pair], joining: _Joining
    ) -> Turned:
        """Where it matters that the conditions are joined otherwise: what a condition did can then be asked
        only of the version that has it."""
        before, after = verdict_under(self.old, old), verdict_under(self.new, new)
        by_itself = joining.before == (before, after)
        found = [JOINED] if by_itself or joining.after == (before, after) or joining.always_matters else []
        alone = {JOINED} if by_itself else set[Pair]()
        for one in changed:
            first = None if one.old is None else self._with([one], old, new, True)
            last = None if one.new is None else self._with(_but(changed, one), old, new, False)
            if first is after:
                alone.add(one)
            if one.new is None:
                took_part = first is not before
            elif one.old is None:
                took_part = last is not after
            else:
                took_part = first is after or last is before
            if took_part:
                found.append(one)
        return Turned(tuple(found or [JOINED, *changed]), frozenset(alone))

    def _with(self, done: Collection[Pair], old: Marks, new: Marks, in_old: bool) -> Verdict | None:
        """The verdict with these changes done and no others, by the old rule or by the new one; a condition
        that the rule does not yet, or no longer, ask is left out."""
        marks: dict[int, Mark | None] = {}
        for one in self.pairs:
            place = one.old if in_old else one.new
            if place is not None:
                marks[place] = _mark(new, one.new) if one in done else _mark(old, one.old)
        found = mark_under(self.old if in_old else self.new, [marks[place] for place in range(len(marks))])
        return None if found is None else verdict_of(found)


def pair(old: Sequence[Condition], new: Sequence[Condition]) -> tuple[Pair, ...]:
    """The conditions of two versions side by side: first those that are the same, then those about the same
    attribute and of the same kind, then those about the same attribute. They stand in the order of the new
    version, those that are no longer asked last."""
    free = list(range(len(old)))
    partner: dict[int, int] = {}
    for alike in (_is_same, _is_of_one_kind, _is_about_the_same):
        for place, condition in enumerate(new):
            if place not in partner:
                match = next((one for one in free if alike(old[one], condition)), None)
                if match is not None:
                    partner[place] = match
                    free.remove(match)
    return (
        *(Pair(partner.get(place), place) for place in range(len(new))),
        *(Pair(one, None) for one in free),
    )


def _is_same(one: Condition, other: Condition) -> bool:
    return one == other


def _is_of_one_kind(one: Condition, other: Condition) -> bool:
    return one.kind == other.kind and _is_about_the_same(one, other)


def _is_about_the_same(one: Condition, other: Condition) -> bool:
    return (one.about.attribute, one.about.key) == (other.about.attribute, other.about.key)


def _but(pairs: Sequence[Pair], one: Pair) -> list[Pair]:
    return [other for other in pairs if other != one]


def _mark(marks: Marks, place: int | None) -> Mark | None:
    return None if place is None else marks[place]


def _shape(rule: Rule, names: dict[int | None, int], places: Iterator[int]) -> str:
    """How the conditions that have names are joined, whatever their order; nothing where none is left."""
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules) | AtLeast(rules=rules):
            parts = sorted(filter(None, [_shape(one, names, places) for one in rules]))
            if not parts:
                return ""
            wanted = rule.count if isinstance(rule, AtLeast) else 1 if isinstance(rule, AnyOf) else len(parts)
            joined = f"{min(wanted, len(parts))} of ({' '.join(parts)})"
            return parts[0] if len(parts) == 1 else joined
        case Not(rule=inner):
            part = _shape(inner, names, places)
            return f"not {part}" if part else ""
        case _:
            name = names.get(next(places))
            return "" if name is None else str(name)
