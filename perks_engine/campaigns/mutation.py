"""Rules that differ from a campaign's own by one slip of the pen, and those of them that no example catches.

Each mutant is such a slip: a bound one off, a condition forgotten, a radius in other units. Where all the
examples come out as before, they would not have noticed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import inf, nextafter
from typing import TypeVar

from perks_engine.campaigns.campaign_file import CampaignFile
from perks_engine.campaigns.catalogue import Catalogue
from perks_engine.campaigns.person_facts import dated
from perks_engine.domain.campaign import Example
from perks_engine.domain.compiled import compile_rule
from perks_engine.domain.evidence import CLAIMED, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import AreaRef, Atlas, Circle, Disc, Place, Placement, Territory, Zone
from perks_engine.domain.judge_values import OLDEST_AGE
from perks_engine.domain.phrase import either
from perks_engine.domain.progress import Report, reported, unreported
from perks_engine.domain.reasons import deciding_codes
from perks_engine.domain.rows import Layout, Row, layout_of
from perks_engine.domain.rules import (
    About,
    Accept,
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
from perks_engine.domain.screens import UNSURE, GridScreen, Screen
from perks_engine.domain.verdict import Verdict
from perks_engine.domain.words import age_in_words, distance_in_words, required_words


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one slip in it. `condition` is the one, as the campaign has it, that the slip is in;
    None where it is in how several are joined."""

    rule: Rule
    description: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class MutantResult:
    """`caught_by` names the first example that comes out otherwise, or is empty."""

    mutant: Mutant
    caught_by: str


def survivors(file: CampaignFile, atlas: Atlas, catalogue: Catalogue) -> list[Mutant]:
    """The mutants under which every example comes out as before."""
    return [result.mutant for result in run_mutants(file, atlas, catalogue) if not result.caught_by]


def run_mutants(
    file: CampaignFile, atlas: Atlas, catalogue: Catalogue, report: Report = unreported
) -> list[MutantResult]:
    """Every mutant of the campaign's rule but those that would be refused when the file is read, for
    granting on missing evidence."""
    rule, opens_at = file.campaign.eligibility, file.campaign.window.opens_at
    unscreened = _Unscreened(atlas)
    layout = layout_of(rule)
    verdict_at = compile_rule(rule, unscreened, layout).at
    nobody = layout.row(Person("", ()))
    runs = [_Run(example, file, atlas, layout, verdict_at) for example in file.examples]
    results: list[MutantResult] = []
    made = list(mutants(rule, catalogue))
    for mutant in reported(made, "slips in the rule", len(made), report):
        verdict_at = compile_rule(mutant.rule, unscreened, layout).at
        if verdict_at(opens_at)(nobody) is not Verdict.ELIGIBLE:
            catcher = next((run for run in runs if run.notices(mutant.rule, verdict_at)), None)
            results.append(MutantResult(mutant, catcher.example.name if catcher else ""))
    return results


_IN_DOUBT = GridScreen(-90, -180, 360, 720, 1, 1, 1, (UNSURE,))
"""One cell that holds the earth, and never says anything of it."""


@dataclass(frozen=True, slots=True)
class _Unscreened(Atlas):
    """An atlas that answers exactly at once: the grid of an area pays for a population, not for examples."""

    atlas: Atlas

    def places(self, text: str) -> Sequence[Place]:
        return self.atlas.places(text)

    def area_names(self) -> Sequence[str]:
        return self.atlas.area_names()

    def area(self, name: str) -> AreaRef | None:
        return self.atlas.area(name)

    def relate(self, disc: Disc, zone: Zone) -> Placement:
        return self.atlas.relate(disc, zone)

    def screen(self, zone: Zone) -> Screen:
        return _IN_DOUBT


VerdictAt = Callable[[datetime], Callable[[Row], Verdict]]
"""A compiled rule, to be asked at a moment."""


class _Run:
    """An example made ready to be run under many rules that ask for the same attributes."""

    def __init__(
        self, example: Example, file: CampaignFile, atlas: Atlas, layout: Layout, verdict_at: VerdictAt
    ) -> None:
        self.example = example
        self.now = example.at or file.campaign.window.opens_at
        self.person = Person(example.name, dated(example.evidence, self.now))
        self.row = layout.row(self.person)
        self.atlas = atlas
        self.verdict = verdict_at(self.now)(self.row)
        self.has_reason = self._is_because(file.campaign.eligibility)

    def notices(self, rule: Rule, verdict_at: VerdictAt) -> bool:
        if verdict_at(self.now)(self.row) is not self.verdict:
            return True
        return self.has_reason and not self._is_because(rule)

    def _is_because(self, rule: Rule) -> bool:
        """Whether the reason that the example names is one that decides."""
        because = self.example.because
        if because is None:
            return False
        return because in deciding_codes(explain(rule, self.person, self.now, self.atlas))


def mutants(rule: Rule, catalogue: Catalogue) -> Iterator[Mutant]:
    """Every slip, in the order of the rule; none that no example could ever catch by what it is.

    The catalogue tells which sources there can be.
    """
    match rule:
        case AllOf() | AnyOf() | AtLeast():
            yield from _joined_otherwise(rule)
            for place, inner in enumerate(rule.rules):
                if len(rule.rules) > 1:
                    yield Mutant(_without(rule, place), f"without {_named(inner)}", _only(inner))
                for mutant in mutants(inner, catalogue):
                    children = (*rule.rules[:place], mutant.rule, *rule.rules[place + 1 :])
                    yield replace(mutant, rule=replace(rule, rules=children))
        case Not(rule=inner):
            yield Mutant(inner, f"the 'not' removed from {_titles(inner)}", _only(inner))
            for mutant in mutants(inner, catalogue):
                yield replace(mutant, rule=Not(mutant.rule))
        case _:
            for changed, how in (*_asked_otherwise(rule), *_trusting_otherwise(rule, catalogue)):
                yield Mutant(changed, f"{rule.about.title}: {how}", rule)


def _joined_otherwise(rule: AllOf | AnyOf | AtLeast) -> Iterator[Mutant]:
    titles, most = _titles(rule), len(rule.rules)
    match rule:
        case AllOf(rules=rules) if most > 1:
            yield Mutant(AnyOf(rules), f"any one instead of all of: {titles}")
        case AnyOf(rules=rules) if most > 1:
            yield Mutant(AllOf(rules), f"all instead of any one of: {titles}")
        case AtLeast(count=count):
            for other in (count - 1, count + 1):
                if 1 <= other <= most:
                    words = f"at least {other} instead of at least {count} of: {titles}"
                    yield Mutant(replace(rule, count=other), words)
        case _:
            pass


def _without(rule: AllOf | AnyOf | AtLeast, place: int) -> Rule:
    rules = (*rule.rules[:place], *rule.rules[place + 1 :])
    if isinstance(rule, AtLeast):
        return AtLeast(min(rule.count, len(rules)), rules)
    return replace(rule, rules=rules)


def _only(rule: Rule) -> Condition | None:
    match rule:
        case AllOf() | AnyOf() | AtLeast():
            return None
        case Not(rule=inner):
            return _only(inner)
        case _:
            return rule


def _named(rule: Rule) -> str:
    match rule:
        case AllOf() | AnyOf() | AtLeast():
            return f"the group of: {_titles(rule)}"
        case Not(rule=inner):
            return f"the 'not' and {_named(inner)}"
        case _:
            return f"the condition: {required_words(rule)}"


def _titles(rule: Rule) -> str:
    return ", ".join(condition.about.title for condition in conditions(rule))


Change = tuple[Condition, str]
"""A condition with a slip in it, and the slip in words, to follow the attribute's title and a colon."""


def _asked_otherwise(condition: Condition) -> Iterator[Change]:
    """Slips in what is asked."""
    match condition:
        case NumberIn(low=low, high=high):
            # The ends become open: what lies on them no longer counts.
            if low is not None and (high is None or low < high):
                words = f"more than {low} instead of at least {low}"
                yield replace(condition, low=nextafter(low, inf)), words
            if high is not None and (low is None or low < high):
                words = f"less than {high} instead of at most {high}"
                yield replace(condition, high=nextafter(high, -inf)), words
        case AgeIn():
            yield from _shifted(condition, OLDEST_AGE)
        case ReceiptsIn(within=within):
            yield from _shifted(condition, None)
            if within is not None:
                words = f"however long ago instead of within {age_in_words(within)}"
                yield replace(condition, within=None), words
        case DayIn():
            yield from _other_days(condition)
        case WordIn(words=words):
            for left, word in _one_less(words):
                yield replace(condition, words=left), f"without {word}"
        case WordsMatch():
            yield from _other_words(condition)
        case FlagIs(wanted=wanted):
            yes, no = ("yes", "no") if wanted else ("no", "yes")
            yield replace(condition, wanted=not wanted), f"{no} instead of {yes}"
        case LocatedIn(zone=zone):
            for other, words in _other_zones(zone):
                yield replace(condition, zone=other), words
        case PostalCodeIn():
            yield from _other_codes(condition)


def _shifted(condition: AgeIn | ReceiptsIn, most: int | None) -> Iterator[Change]:
    """Bounds one lower and one higher, of whole numbers from 0 to `most`."""
    low, high = condition.low, condition.high
    if low is not None:
        for other in (low - 1, low + 1):
            if other >= 0 and (high is None or other <= high) and (most is None or other <= most):
                yield replace(condition, low=other), f"at least {other} instead of at least {low}"
    if high is not None:
        for other in (high - 1, high + 1):
            if other >= (low or 0) and (most is None or other <= most):
                yield replace(condition, high=other), f"at most {other} instead of at most {high}"


def _other_days(condition: DayIn) -> Iterator[Change]:
    first, last = condition.first, condition.last
    if first is not None:
        for other in _days_beside(first):
            if last is None or other <= last:
                yield replace(condition, first=other), f"on or after {other} instead of {first}"
    if last is not None:
        for other in _days_beside(last):
            if first is None or other >= first:
                yield replace(condition, last=other), f"on or before {other} instead of {last}"


def _days_beside(day: date) -> Iterator[date]:
    if day > date.min:
        yield day - timedelta(days=1)
    if day < date.max:
        yield day + timedelta(days=1)


def _other_words(condition: WordsMatch) -> Iterator[Change]:
    words = condition.words
    if len(words) > 1:
        any_one, all_of_them = either(words), " and ".join(words)
        was, becomes = (all_of_them, any_one) if condition.every else (any_one, all_of_them)
        yield replace(condition, every=not condition.every), f"{becomes} instead of {was}"
    for left, word in _one_less(words):
        yield replace(condition, words=left), f"without {word}"


def _other_zones(zone: Zone) -> Iterator[tuple[Zone, str]]:
    match zone:
        case Circle(radius_m=radius_m):
            for other in (radius_m * 2, radius_m / 2):
                words = f"a radius of {distance_in_words(other)} instead of {distance_in_words(radius_m)}"
                yield replace(zone, radius_m=other), words
        case Territory(codes=codes):
            for left, code in _one_less(codes):
                yield replace(zone, codes=left), f"without {code}"
        case _:
            pass


def _other_codes(condition: PostalCodeIn) -> Iterator[Change]:
    """Without one code or beginning, but for those that another beginning covers."""
    codes, prefixes = condition.codes, condition.prefixes
    for place, code in enumerate(codes):
        if len(codes) + len(prefixes) > 1 and not code.startswith(prefixes):
            left = (*codes[:place], *codes[place + 1 :])
            yield replace(condition, codes=left), f"without the postal code {code}"
    for place, prefix in enumerate(prefixes):
        others = (*prefixes[:place], *prefixes[place + 1 :])
        if len(codes) + len(prefixes) > 1 and not prefix.startswith(others):
            yield replace(condition, prefixes=others), f"without the postal codes {prefix}*"


_Item = TypeVar("_Item")


def _one_less(items: Sequence[_Item]) -> Iterator[tuple[tuple[_Item, ...], _Item]]:
    """Each item left out in turn; the only one stays."""
    if len(items) > 1:
        for place, item in enumerate(items):
            yield (*items[:place], *items[place + 1 :]), item


def _trusting_otherwise(condition: Condition, catalogue: Catalogue) -> Iterator[Change]:
    """Slips in which evidence counts: its sources and its age."""
    about = condition.about
    if about.is_register:
        return
    for accept, how in (*_other_sources(condition, catalogue), *_without_limits(about.accept)):
        yield replace(condition, about=replace(about, accept=accept)), how


def _other_sources(condition: Condition, catalogue: Catalogue) -> Iterator[tuple[Accept, str]]:
    accept, possible = condition.about.accept, _possible_sources(condition.about, catalogue)
    sources = accept.sources
    if not sources:
        return
    can_be_claimed = not possible or CLAIMED in possible
    if can_be_claimed and CLAIMED not in sources and not _is_smaller_than_a_country(condition):
        yield replace(accept, sources=(*sources, CLAIMED)), "also where it is only claimed"
    if len(sources) == 1 and (not possible or len(possible) > 1):
        yield replace(accept, sources=()), f"from any source instead of from {_spelled(sources[0])}"
    for left, source in _one_less(sources):
        yield replace(accept, sources=left), f"no longer from {_spelled(source)}"


def _possible_sources(about: About, catalogue: Catalogue) -> tuple[str, ...]:
    """None listed means that there can be any."""
    attribute = catalogue.attributes.get(about.attribute)
    return attribute.sources if attribute else ()


def _is_smaller_than_a_country(condition: Condition) -> bool:
    """Claims place nobody there, accepted or not."""
    match condition:
        case LocatedIn(zone=zone):
            return is_smaller_than_a_country(zone)
        case PostalCodeIn():
            return True
        case _:
            return False


def _without_limits(accept: Accept) -> Iterator[tuple[Accept, str]]:
    limits = dict(accept.max_age_of)
    for source, limit in limits.items():
        rest = tuple((other, age) for other, age in accept.max_age_of if other != source)
        words = _however_old(accept.max_age, limit)
        yield replace(accept, max_age_of=rest), f"from {_spelled(source)} {words}"
    is_used = not accept.sources or any(source not in limits for source in accept.sources)
    if accept.max_age is not None and is_used:
        yield replace(accept, max_age=None), _however_old(None, accept.max_age)


def _however_old(other: timedelta | None, limit: timedelta) -> str:
    becomes = "however old" if other is None else f"at most {age_in_words(other)} old"
    return f"{becomes} instead of at most {age_in_words(limit)} old"


def _spelled(source: str) -> str:
    return source.replace("_", " ")
