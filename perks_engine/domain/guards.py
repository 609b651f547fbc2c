"""Guards: what a healthy run of a campaign looks like, as its brand declares it.

A guard counts people while a campaign runs, those decided on or those granted, and says when what it
counted is no longer healthy; then the campaign pauses itself (`services.guards`). Who asks again and comes
to the same is not counted again, so that no one person can pause a campaign.

A new kind of guard is a class here and a line in `campaigns.guard_shapes`. Every class is part of the
canonical form by which versions are named: a field may be added with a default, never renamed or given
another meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, Literal

from perks_engine.domain.phrase import either
from perks_engine.domain.rules import Condition, LocatedIn, PostalCodeIn, Rule
from perks_engine.domain.verdict import Mark, Verdict
from perks_engine.domain.words import age_in_words, codes_in_words, distance_in_words, zone_in_words

FEWEST = 20
"""A share of fewer people than this says nothing yet, unless the guard names another number: one person
among twenty is 5 %, the share that guards most often name."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a guard counted: `hits` of `total` people."""

    hits: int = 0
    total: int = 0

    @property
    def share(self) -> float:
        return self.hits / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Counted:
    """One person as a guard counts them; what has another `key` is counted apart."""

    is_hit: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A decided claim as guards see it. `edge_m` is the distance in metres to the edge of the rule's area,
    `point` the point that placed the person; `mark` says what becomes of a further rule for them."""

    verdict: Verdict
    granted: bool
    edge_m: float | None
    point: str | None
    mark: Callable[[Rule], Mark]


@dataclass(frozen=True, slots=True)
class Share:
    """Which share of people is healthy, from 0 to 1: `at_most`, `at_least`, and `off_preview`, how far it
    may be from the share in the approved preview. It is looked at from `after` people on, over the span
    `over` (None: the whole run)."""

    at_most: float | None = None
    at_least: float | None = None
    off_preview: float | None = None
    over: timedelta | None = None
    after: int = FEWEST

    @lru_cache(maxsize=1_000)  # noqa: B019 - a share holds two numbers; it may outlive its campaign
    def bounds(self, preview: Tally | None) -> tuple[Fraction, Fraction]:
        """The least and the largest healthy share, exactly: 29 of 100 is at most 29 %."""
        low = [_exact(0.0 if self.at_least is None else self.at_least)]
        high = [_exact(1.0 if self.at_most is None else self.at_most)]
        if self.off_preview is not None and preview is not None and preview.total:
            before = Fraction(preview.hits, preview.total)
            low.append(before - _exact(self.off_preview))
            high.append(before + _exact(self.off_preview))
        return max(low), min(high)

    def words(self, what: str) -> str:
        """`at most 10% are near the edge`."""
        parts: list[str] = []
        if self.at_most is not None and self.at_least is not None:
            parts.append(f"from {percent(self.at_least)} to {percent(self.at_most)}")
        elif self.at_most is not None:
            parts.append(f"at most {percent(self.at_most)}")
        elif self.at_least is not None:
            parts.append(f"at least {percent(self.at_least)}")
        if self.off_preview is not None:
            points = f"{self.off_preview * 100:.5g}"
            unit = "point" if points == "1" else "points"
            parts.append(f"as many as in the preview, give or take {points} {unit},")
        return f"{' and '.join(parts)} {what}"


def percent(share: float) -> str:
    """`5%`, `11.7%`; below a tenth of a percent as many digits as it takes."""
    shown = f"{share * 100:.1f}" if share >= 0.001 or share == 0 else f"{share * 100:.2g}"
    return f"{shown.removesuffix('.0')}%"


def _exact(share: float) -> Fraction:
    return Fraction(str(share))


class _ShareGuard:
    """What all guards on a share of people have alike."""

    __slots__ = ()

    healthy: Share
    counts_grants: ClassVar[bool] = True

    def what(self) -> str:
        """What is said of the people who are a hit, such as `are near the edge`."""
        raise NotImplementedError

    @property
    def over(self) -> timedelta | None:
        return self.healthy.over

    @property
    def compares_with_preview(self) -> bool:
        return self.healthy.off_preview is not None

    def is_left(self, tally: Tally, preview: Tally | None = None, others: int = 0) -> bool:
        """Whether the tally is not healthy, or with `others` could not be once so many more people of the
        worst kind are counted."""
        total = tally.total + others
        if total < self.healthy.after:
            return False
        low, high = self.healthy.bounds(preview)
        return (
            tally.hits + others
        ) * high.denominator > high.numerator * total or tally.hits * low.denominator < low.numerator * total

    def healthy_words(self) -> str:
        """What the guard calls healthy, without a stop."""
        after = self.healthy.after
        since = "" if after == FEWEST else f", once {_people(after)} are counted"
        return f"of those {self._whom()}, {self.healthy.words(self.what())}{since}"

    def found_words(self, tally: Tally, preview: Tally | None = None, key: str = "") -> str:
        """What was counted: `7 of 60 people granted are near the edge (11.7%)`."""
        del key
        counted = f"{tally.hits:,} of {tally.total:,} people {self._whom()} {self.what()}"
        if not tally.total:
            return counted
        before = ""
        if self.compares_with_preview and preview is not None:
            before = f"; {percent(preview.share)} in the preview"
        return f"{counted} ({percent(tally.share)}{before}){self._few(tally)}"

    def foreseen_words(self, tally: Tally) -> str:
        """What a preview foresees: `80 of 200 eligible people are near the edge (40%)`."""
        people = "eligible people" if self.counts_grants else "people"
        counted = f"{tally.hits:,} of {tally.total:,} {people} {self.what()}"
        return f"{counted} ({percent(tally.share)}){self._few(tally)}" if tally.total else counted

    def _few(self, tally: Tally) -> str:
        return f", too few to say before {self.healthy.after:,}" if tally.total < self.healthy.after else ""

    def _whom(self) -> str:
        within = f" within {age_in_words(self.over)}" if self.over else ""
        return f"{'granted' if self.counts_grants else 'decided'}{within}"


@dataclass(frozen=True, slots=True)
class UnknownShare(_ShareGuard):
    """People about whom too little is known to decide."""

    healthy: Share
    kind: Literal["unknown_share"] = "unknown_share"
    counts_grants: ClassVar[bool] = False

    def count(self, claim: Claimed) -> Counted:
        return Counted(claim.verdict is Verdict.UNKNOWN)

    def what(self) -> str:
        return "are unknown"


@dataclass(frozen=True, slots=True)
class EligibleShare(_ShareGuard):
    """People who are eligible, whether or not there is a unit left for them."""

    healthy: Share
    kind: Literal["eligible_share"] = "eligible_share"
    counts_grants: ClassVar[bool] = False

    def count(self, claim: Claimed) -> Counted:
        return Counted(claim.verdict is Verdict.ELIGIBLE)

    def what(self) -> str:
        return "are eligible"


@dataclass(frozen=True, slots=True)
class NearEdgeShare(_ShareGuard):
    """Grants closer than `within_m` metres to the edge of the area that the rule asks for."""

    within_m: float
    healthy: Share
    kind: Literal["near_edge_share"] = "near_edge_share"

    def count(self, claim: Claimed) -> Counted:
        return Counted(claim.edge_m is not None and claim.edge_m < self.within_m)

    def what(self) -> str:
        return f"are within {distance_in_words(self.within_m)} of the edge"


@dataclass(frozen=True, slots=True)
class AreaShare(_ShareGuard):
    """Grants inside an area, by the evidence that the campaign's own rule accepts."""

    inside: LocatedIn | PostalCodeIn
    healthy: Share
    kind: Literal["area_share"] = "area_share"

    def count(self, claim: Claimed) -> Counted:
        return Counted(claim.mark(self.inside) is Mark.MET)

    def what(self) -> str:
        if isinstance(self.inside, LocatedIn):
            return f"are inside {zone_in_words(self.inside.zone)}"
        return f"have a postal code among {codes_in_words(self.inside)} ({self.inside.country})"


@dataclass(frozen=True, slots=True)
class SourceShare(_ShareGuard):
    """Grants with usable evidence from `sources`; with `alone`, from no other source that the rule accepts.

    `asked` is the rule's own condition, accepting these sources only, or with `alone` all but these.
    """

    asked: Condition
    sources: tuple[str, ...]
    healthy: Share
    alone: bool = False
    kind: Literal["source_share"] = "source_share"

    def count(self, claim: Claimed) -> Counted:
        is_known = claim.mark(self.asked) is not Mark.UNKNOWN
        return Counted(is_known is not self.alone)

    def what(self) -> str:
        named = either(tuple(source.replace("_", " ") for source in self.sources))
        return f"have their {self.asked.about.title} from {named}{' only' if self.alone else ''}"


@dataclass(frozen=True, slots=True)
class SamePoint:
    """People granted on one and the same point: what a broken geocoder answers for everybody."""

    at_most: int
    kind: Literal["same_point"] = "same_point"
    counts_grants: ClassVar[bool] = True
    over: ClassVar[timedelta | None] = None
    compares_with_preview: ClassVar[bool] = False

    def count(self, claim: Claimed) -> Counted | None:
        return Counted(True, claim.point) if claim.point else None

    def is_left(self, tally: Tally, preview: Tally | None = None, others: int = 0) -> bool:
        """People on one point are counted one after the other, so that there are never others unseen."""
        del preview, others
        return tally.total > self.at_most

    def healthy_words(self) -> str:
        return f"at most {_people(self.at_most)} granted on one point"

    def found_words(self, tally: Tally, preview: Tally | None = None, key: str = "") -> str:
        del preview
        were = "was" if tally.total == 1 else "were"
        return f"{_people(tally.total)} {were} granted on {f'the point {key}' if key else 'one point'}"

    def foreseen_words(self, tally: Tally) -> str:
        noun, verb = ("person", "is") if tally.total == 1 else ("people", "are")
        return f"{tally.total:,} eligible {noun} {verb} on one point"


@dataclass(frozen=True, slots=True)
class GrantRate:
    """People granted within a span."""

    at_most: int
    over: timedelta
    kind: Literal["grants"] = "grants"
    counts_grants: ClassVar[bool] = True
    compares_with_preview: ClassVar[bool] = False

    def count(self, claim: Claimed) -> Counted:
        del claim
        return Counted(True)

    def is_left(self, tally: Tally, preview: Tally | None = None, others: int = 0) -> bool:
        del preview
        return tally.total + others > self.at_most

    def healthy_words(self) -> str:
        return f"at most {_people(self.at_most)} granted within {age_in_words(self.over)}"

    def found_words(self, tally: Tally, preview: Tally | None = None, key: str = "") -> str:
        del preview, key
        were = "was" if tally.total == 1 else "were"
        return f"{_people(tally.total)} {were} granted within {age_in_words(self.over)}"


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


ShareGuard = UnknownShare | EligibleShare | NearEdgeShare | AreaShare | SourceShare
Guard = ShareGuard | SamePoint | GrantRate
