"""What a condition asks, in plain words, and the small words for days and spans."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from perks_engine.domain.geography import AreaRef, Circle, Territory, Zone
from perks_engine.domain.kept import kept_for_each
from perks_engine.domain.phrase import Phrase, all_of, one_of, phrase, said, word
from perks_engine.domain.rules import (
    About,
    Accept,
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
)

_UNITS = (
    (86_400, phrase("1 day"), said("{count} days")),
    (3_600, phrase("1 hour"), said("{count} hours")),
    (60, phrase("1 minute"), said("{count} minutes")),
)


TERRITORY = "{label}"
"""Of a phrase that stands for countries by their `codes`."""


def day_in_words(day: date | datetime) -> str:
    return day.strftime("%Y-%m-%d")


def age_in_words(span: timedelta) -> str:
    """`30 days`, `36 hours`, `90 minutes`: whole units, the largest that divides the span."""
    seconds = int(span.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % size == 0 and seconds >= size:
            count = seconds // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{seconds} seconds"


def span_phrase(span: timedelta) -> Phrase:
    """`age_in_words` as a phrase."""
    seconds = int(span.total_seconds())
    for size, one, many in _UNITS:
        if seconds % size == 0 and seconds >= size:
            return one if seconds == size else phrase(many, count=str(seconds // size))
    return phrase("{count} seconds", count=str(seconds))


def distance_in_words(metres: float) -> str:
    number, unit = (metres / 1000, "km") if metres >= 1000 else (metres, "m")
    return f"{round(float(f'{number:.4g}'), 3):,.10g} {unit}"


def zone_in_words(zone: Zone) -> str | Phrase:
    """Countries are known by their codes, so that each language can name them."""
    match zone:
        case Territory() if not any("-" in code for code in zone.codes):
            return Phrase(TERRITORY, {"label": zone.label, "codes": ", ".join(zone.codes)})
        case Circle() | AreaRef() | Territory():
            return zone.label


@kept_for_each(10_000)
def required_words(condition: Condition) -> Phrase:
    """The condition as a noun, fit to follow "This perk asks for". Those of a version in use are the same for
    all people."""
    words = _asked(condition)
    freshness = _freshness(condition.about.accept)
    if condition.about.is_register or freshness is None:
        return words
    return phrase("{what}, {freshness}", what=words, freshness=freshness)


def _asked(condition: Condition) -> Phrase:
    about = condition.about
    match condition:
        case NumberIn(low=low, high=high):
            return _range(about, low, high)
        case AgeIn(low=low, high=high):
            return _range(about, low, high)
        case ReceiptsIn(low=low, high=high, within=within):
            counted = _range(about, low, high)
            if within is None:
                return counted
            return phrase("{what} within {span}", what=counted, span=span_phrase(within))
        case DayIn(first=first, last=last):
            return _days(about, first, last)
        case WordIn(words=words) | WordsMatch(words=words, every=False):
            return phrase(
                "{title}: {words}", title=word(about.title), words=one_of(words, coded=about.is_register)
            )
        case WordsMatch(words=words):
            return phrase(
                "{title}: {words}", title=word(about.title), words=all_of(words, coded=about.is_register)
            )
        case FlagIs(wanted=wanted):
            return phrase(
                "{title}: {wanted}", title=word(about.title), wanted=word("yes" if wanted else "no")
            )
        case LocatedIn(zone=zone):
            return phrase("a location inside {zone}", zone=zone_in_words(zone))
        case PostalCodeIn(country=country):
            return phrase(
                "a postal code among {codes} ({country})", codes=codes_in_words(condition), country=country
            )


def codes_in_words(condition: PostalCodeIn) -> str | Phrase:
    codes = condition.codes + tuple(f"{prefix}*" for prefix in condition.prefixes)
    if len(codes) > 6:
        return phrase("{words} and {count} more", words=", ".join(codes[:5]), count=len(codes) - 5)
    return one_of(codes)


def _range(about: About, low: float | None, high: float | None) -> Phrase:
    match low, high:
        case None, None:
            return phrase("{title}", title=word(about.title))
        case _, None:
            return phrase("{title} of at least {low}", title=word(about.title), low=low)
        case None, _:
            return phrase("{title} of at most {high}", title=word(about.title), high=high)
        case _ if low == high:
            return phrase("{title} of exactly {low}", title=word(about.title), low=low)
        case _:
            return phrase("{title} from {low} to {high}", title=word(about.title), low=low, high=high)


def _days(about: About, first: date | None, last: date | None) -> Phrase:
    if first is None and last is None:
        return phrase("{title}", title=word(about.title))
    if last is None:
        return phrase("{title} on or after {first}", title=word(about.title), first=str(first))
    if first is None:
        return phrase("{title} on or before {last}", title=word(about.title), last=str(last))
    return phrase("{title} from {first} to {last}", title=word(about.title), first=str(first), last=str(last))


def _freshness(accept: Accept) -> Phrase | None:
    """Where the evidence must come from and how old it may be; None where anything goes."""
    ages = dict(accept.max_age_of)
    parts: list[str | Phrase] = []
    for source in accept.sources:
        name = word(source.replace("_", " "))
        limit = ages.get(source, accept.max_age)
        parts.append(
            phrase("{name} (at most {limit} old)", name=name, limit=span_phrase(limit)) if limit else name
        )
    if parts:
        return phrase("from {sources}", sources=_either(parts))
    if accept.max_age is not None:
        return phrase("at most {limit} old", limit=span_phrase(accept.max_age))
    return None


def _either(parts: list[str | Phrase]) -> str | Phrase:
    """Sources are few, so that they may nest."""
    first, *between = parts
    if not between:
        return first
    for part in between[:-1]:
        first = phrase("{one}, {other}", one=first, other=part)
    return phrase("{one} or {other}", one=first, other=between[-1])
