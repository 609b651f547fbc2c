"""From one verdict to another between two versions: who gains, who loses, and what turned it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from perks_engine.domain.marking import verdict_under, wanted_marks
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.rules import Rule, conditions
from perks_engine.domain.turning import JOINED, Comparison, Pair
from perks_engine.domain.verdict import Mark, Verdict
from perks_engine.domain.words import required_words

NEAR_EDGE = "near_edge"
NOT_ASKED = "not_asked"
JOINED_WORDS = "how the conditions are joined"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one condition; `word` says more where it is not known: `stale`, `near_edge`."""

    mark: Mark
    word: str


Outcomes = tuple[Outcome, ...]
"""Of each condition of a rule, in its order."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A condition in the words of both versions ("" where one does not ask it), and what became of it;
    `title` is what it is about."""

    title: str
    old_required: str
    new_required: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TurnCount:
    """How many people a turn took part in turning, and how many of them it would have turned by itself."""

    turn: Turn
    people: int
    by_itself: int


@dataclass(frozen=True, slots=True)
class Transition:
    """People whose verdict was `old` and is now `new`. One person may be in several turns. `near_edge` are
    those whose location could be on either side of an edge, in one of the versions."""

    old: Verdict
    new: Verdict
    people: int
    near_edge: int
    turns: tuple[TurnCount, ...]


@dataclass(frozen=True, slots=True)
class Turned:
    """Somebody's verdicts under both versions, and where they differ what turned it: which turns, and which
    of them would have done so by themselves."""

    old: Verdict
    new: Verdict
    near_edge: bool
    turns: tuple[Turn, ...] = ()
    by_itself: frozenset[Turn] = frozenset()


class RuleChange:
    """Two versions of a rule, asked what the change does to somebody."""

    def __init__(self, old: Rule, new: Rule) -> None:
        self._old = _Side(old)
        self._new = _Side(new)
        self._comparison = Comparison(old, new)
        self._known: dict[tuple[Outcomes, Outcomes], Turned] = {}

    def of(self, old: Outcomes, new: Outcomes) -> Turned:
        """What it does where the conditions came out `old`, and now come out `new`."""
        known = self._known.get((old, new))
        if known is None:
            known = self._known[old, new] = self._of(old, new)
        return known

    def _of(self, old: Outcomes, new: Outcomes) -> Turned:
        verdicts = (self._old.verdict(old), self._new.verdict(new))
        near_edge = any(one.word == NEAR_EDGE for one in (*old, *new))
        turned = self._comparison.turned(tuple(one.mark for one in old), tuple(one.mark for one in new))
        turns = {one: self._turn(one, old, new) for one in turned.pairs}
        by_itself = frozenset(turns[one] for one in turned.by_itself)
        return Turned(*verdicts, near_edge, tuple(dict.fromkeys(turns.values())), by_itself)

    def _turn(self, one: Pair, old: Outcomes, new: Outcomes) -> Turn:
        if one == JOINED:
            verdicts = (self._old.verdict(old).value, self._new.verdict(new).value)
            return Turn(JOINED_WORDS, JOINED_WORDS, JOINED_WORDS, *verdicts)
        return Turn(
            self._new.title(one.new) or self._old.title(one.old),
            self._old.required(one.old),
            self._new.required(one.new),
            self._old.word(one.old, old),
            self._new.word(one.new, new),
        )


class Transitions:
    """Counts people by their verdicts under two versions, and what turned them."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[Verdict, Verdict]] = Counter()
        self._near_edge: Counter[tuple[Verdict, Verdict]] = Counter()
        self._people: dict[tuple[Verdict, Verdict], Counter[Turn]] = {}
        self._by_itself: Counter[tuple[Verdict, Verdict, Turn]] = Counter()

    def keep(self, verdict: Verdict, people: int = 1) -> None:
        """So many whose verdict stays."""
        self.counts[verdict, verdict] += people

    def add(self, turned: Turned, people: int = 1) -> None:
        key = (turned.old, turned.new)
        self.counts[key] += people
        if turned.old is turned.new:
            return
        self._near_edge[key] += people if turned.near_edge else 0
        for turn in turned.turns:
            self._people.setdefault(key, Counter())[turn] += people
            self._by_itself[*key, turn] += people if turn in turned.by_itself else 0

    def changed(self) -> tuple[Transition, ...]:
        """The transitions to another verdict, gains first, then losses, each with its turns by weight."""
        found = [
            Transition(*key, people, self._near_edge[key], tuple(self._turns(*key)))
            for key, people in self.counts.items()
            if key[0] is not key[1]
        ]
        return tuple(sorted(found, key=_by_importance))

    def _turns(self, old: Verdict, new: Verdict) -> Iterator[TurnCount]:
        for turn, people in self._people[old, new].most_common():
            yield TurnCount(turn, people, self._by_itself[old, new, turn])


class _Side:
    """One of the versions, with what its conditions ask in words."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._wanted = wanted_marks(rule)
        self._required = asked_words(rule)
        self._titles = [one.about.title for one in conditions(rule)]

    def verdict(self, outcomes: Outcomes) -> Verdict:
        return verdict_under(self._rule, [one.mark for one in outcomes])

    def title(self, place: int | None) -> str:
        return "" if place is None else self._titles[place]

    def required(self, place: int | None) -> str:
        return "" if place is None else self._required[place]

    def word(self, place: int | None, outcomes: Outcomes) -> str:
        return NOT_ASKED if place is None else outcome_word(outcomes[place], self._wanted[place])


def asked_words(rule: Rule) -> list[str]:
    """`asked_phrases` in English."""
    return [str(one) for one in asked_phrases(rule)]


def asked_phrases(rule: Rule) -> list[Phrase]:
    """What each condition asks of a person, in words: what stands below a `not` must not be so."""
    words = [required_words(condition) for condition in conditions(rule)]
    return [
        what if wanted is Mark.MET else phrase("not: {what}", what=what)
        for what, wanted in zip(words, wanted_marks(rule), strict=True)
    ]


def outcome_word(outcome: Outcome, wanted: Mark) -> str:
    """`met` or `not_met` as a person has it who must have `wanted`, else why it is not known."""
    if outcome.mark is Mark.UNKNOWN:
        return outcome.word
    return Mark.MET.value if outcome.mark is wanted else Mark.NOT_MET.value


def _by_importance(one: Transition) -> tuple[bool, bool, int]:
    gains = one.new is Verdict.ELIGIBLE
    loses = one.old is Verdict.ELIGIBLE
    return not gains, not loses, -one.people
