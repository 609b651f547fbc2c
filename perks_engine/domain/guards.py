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

from perks_engine.domain.phrase import Phrase, one_of, phrase, said, word
from perks_engine.domain.rules import Condition, LocatedIn, PostalCodeIn, Rule
from perks_engine.domain.verdict import Mark, Verdict
from perks_engine.domain.words import codes_in_words, distance_in_words, span_phrase, zone_in_words

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

    def words(self) -> Phrase:
        """`at most 10%`."""
        parts: list[Phrase] = []
        if self.at_most is not None and self.at_least is not None:
            least, most = percent(self.at_least), percent(self.at_most)
            parts.append(phrase("from {least} to {most}", least=least, most=most))
        elif self.at_most is not None:
            parts.append(phrase("at most {most}", most=percent(self.at_most)))
        elif self.at_least is not None:
            parts.append(phrase("at least {least}", least=percent(self.at_least)))
        if self.off_preview is not None:
            points = f"{self.off_preview * 100:.5g}"
            template = said("as many as in the preview, give or take {points} points,")
            if points == "1":
                template = said("as many as in the preview, give or take {points} point,")
            parts.append(phrase(template, points=points))
        return parts[0] if len(parts) == 1 else phrase("{one} and {other}", one=parts[0], other=parts[1])


def percent(share: float) -> str:
    """`5%`, `11.7%`; below a tenth of a percent as many digits as it takes."""
    shown = f"{share * 100:.1f}" if share >= 0.001 or share == 0 else f"{share * 100:.2g}"
    return f"{shown.removesuffix('.0')}%"


def _exact(share: float) -> Fraction:
    return Fraction(str(share))


_OF = {
    (True, False): said("of those granted, {share} {what}"),
    (True, True): said("of those granted within {span}, {share} {what}"),
    (False, False): said("of those decided, {share} {what}"),
    (False, True): said("of those decided within {span}, {share} {what}"),
}
_COUNTED = {
    (True, False): said("{hits} of {total} people granted {what}"),
    (True, True): said("{hits} of {total} people granted within {span} {what}"),
    (False, False): said("{hits} of {total} people decided {what}"),
    (False, True): said("{hits} of {total} people decided within {span} {what}"),
}
_FORESEEN = {
    True: said("{hits} of {total} eligible people {what}"),
    False: said("{hits} of {total} people {what}"),
}
"""By whether grants are counted, and whether within a span."""


class _ShareGuard:
    """What all guards on a share of people have alike."""

    __slots__ = ()

    healthy: Share
    counts_grants: ClassVar[bool] = True

    def what(self) -> Phrase:
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

    def healthy_words(self) -> Phrase:
        """What the guard calls healthy, without a stop."""
        share, after = self.healthy.words(), self.healthy.after
        healthy = phrase(_OF[self._whom()], share=share, what=self.what(), **self._span())
        if after == FEWEST:
            return healthy
        return phrase("{healthy}, once {people} are counted", healthy=healthy, people=_people(after))

    def found_words(self, tally: Tally, preview: Tally | None = None, key: str = "") -> Phrase:
        """What was counted: `7 of 60 people granted are near the edge (11.7%)`."""
        del key
        found = self._counted(_COUNTED[self._whom()], tally, **self._span())
        if not tally.total:
            return found
        share = percent(tally.share)
        if self.compares_with_preview and preview is not None:
            before = percent(preview.share)
            found = phrase(
                "{found} ({share}; {before} in the preview)", found=found, share=share, before=before
            )
        else:
            found = phrase("{found} ({share})", found=found, share=share)
        return self._said_early(found, tally)

    def foreseen_words(self, tally: Tally) -> Phrase:
        """What a preview foresees: `80 of 200 eligible people are near the edge (40%)`."""
        found = self._counted(_FORESEEN[self.counts_grants], tally)
        if not tally.total:
            return found
        return self._said_early(phrase("{found} ({share})", found=found, share=percent(tally.share)), tally)

    def _said_early(self, found: Phrase, tally: Tally) -> Phrase:
        """With why it says nothing yet, where it does not."""
        after = self.healthy.after
        if tally.total >= after:
            return found
        return phrase("{found}, too few to say before {few}", found=found, few=f"{after:,}")

    def _counted(self, template: str, tally: Tally, **span: Phrase) -> Phrase:
        return phrase(template, hits=f"{tally.hits:,}", total=f"{tally.total:,}", what=self.what(), **span)

    def _whom(self) -> tuple[bool, bool]:
        return self.counts_grants, self.over is not None

    def _span(self) -> dict[str, Phrase]:
        return {"span": span_phrase(self.over)} if self.over is not None else {}


@dataclass(frozen=True, slots=True)
class UnknownShare(_ShareGuard):
    """People about whom too little is known to decide."""

    healthy: Share
    kind: Literal["unknown_share"] = "unknown_share"
    counts_grants: ClassVar[bool] = False

    def count(self, claim: Claimed) -> Counted:
        return Counted(claim.verdict is Verdict.UNKNOWN)

    def what(self) -> Phrase:
        return phrase("are unknown")


@dataclass(frozen=True, slots=True)
class EligibleShare(_ShareGuard):
    """People who are eligible, whether or not there is a unit left for them."""

    healthy: Share
    kind: Literal["eligible_share"] = "eligible_share"
    counts_grants: ClassVar[bool] = False

    def count(self, claim: Claimed) -> Counted:
        return Counted(claim.verdict is Verdict.ELIGIBLE)

    def what(self) -> Phrase:
        return phrase("are eligible")


@dataclass(frozen=True, slots=True)
class NearEdgeShare(_ShareGuard):
    """Grants closer than `within_m` metres to the edge of the area that the rule asks for."""

    within_m: float
    healthy: Share
    kind: Literal["near_edge_share"] = "near_edge_share"

    def count(self, claim: Claimed) -> Counted:
        return Counted(claim.edge_m is not None and claim.edge_m < self.within_m)

    def what(self) -> Phrase:
        return phrase("are within {distance} of the edge", distance=distance_in_words(self.within_m))


@dataclass(frozen=True, slots=True)
class AreaShare(_ShareGuard):
    """Grants inside an area, by the evidence that the campaign's own rule accepts."""

    inside: LocatedIn | PostalCodeIn
    healthy: Share
    kind: Literal["area_share"] = "area_share"

    def count(self, claim: Claimed) -> Counted:
        return Counted(claim.mark(self.inside) is Mark.MET)

    def what(self) -> Phrase:
        if isinstance(self.inside, LocatedIn):
            return phrase("are inside {zone}", zone=zone_in_words(self.inside.zone))
        return phrase(
            "have a postal code among {codes} ({country})",
            codes=codes_in_words(self.inside),
            country=self.inside.country,
        )


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

    def what(self) -> Phrase:
        template = said("have their {title} from {sources}")
        if self.alone:
            template = said("have their {title} from {sources} only")
        named = one_of(tuple(source.replace("_", " ") for source in self.sources), coded=True)
        return phrase(template, title=word(self.asked.about.title), sources=named)


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

    def healthy_words(self) -> Phrase:
        return phrase("at most {people} granted on one point", people=_people(self.at_most))

    def found_words(self, tally: Tally, preview: Tally | None = None, key: str = "") -> Phrase:
        del preview
        people, was_one = _people(tally.total), tally.total == 1
        if not key:
            template = said("{people} was granted on one point")
            return phrase(template if was_one else said("{people} were granted on one point"), people=people)
        template = said("{people} was granted on the point {point}")
        if not was_one:
            template = said("{people} were granted on the point {point}")
        return phrase(template, people=people, point=key)

    def foreseen_words(self, tally: Tally) -> Phrase:
        if tally.total == 1:
            return phrase("1 eligible person is on one point")
        return phrase("{count} eligible people are on one point", count=f"{tally.total:,}")


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

    def healthy_words(self) -> Phrase:
        span = span_phrase(self.over)
        return phrase("at most {people} granted within {span}", people=_people(self.at_most), span=span)

    def found_words(self, tally: Tally, preview: Tally | None = None, key: str = "") -> Phrase:
        del preview, key
        template = said("{people} were granted within {span}")
        if tally.total == 1:
            template = said("{people} was granted within {span}")
        return phrase(template, people=_people(tally.total), span=span_phrase(self.over))


def _people(count: int) -> Phrase:
    return phrase("1 person") if count == 1 else phrase("{count} people", count=f"{count:,}")


ShareGuard = UnknownShare | EligibleShare | NearEdgeShare | AreaShare | SourceShare
Guard = ShareGuard | SamePoint | GrantRate
