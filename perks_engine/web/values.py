"""Values of requests: texts and instants that every database can keep, identifiers in paths, pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints, WithJsonSchema

from perks_engine.campaigns.quantities import (
    INSTANT_EXPECTED,
    MONEY_EXPECTED,
    MONEY_PATTERN,
    MONEY_SHAPE,
    QuantityError,
    money,
)
from perks_engine.domain.fulfillment import RECORDABLE, MoveKind
from perks_engine.domain.money import Money

STORABLE = "^[^\\u0000]*$"
StorableText = Annotated[str, StringConstraints(pattern=STORABLE)]
"""Any text but with U+0000 in it, the one character that PostgreSQL does not keep."""

ClaimId = Annotated[StorableText, Path(max_length=80, description="a claim's id")]
CampaignName = Annotated[StorableText, Path(max_length=60, description="a campaign's name")]

Cursor = Annotated[
    StorableText | None, Query(max_length=80, description="`next` of the page before; the first if left out")
]
Limit = Annotated[int, Query(ge=1, le=200, description="the most that one page holds")]
PAGE = 50


def page(items: str, found: Sequence[Mapping[str, Any]], limit: int, cursor: str) -> dict[str, Any]:
    """The first `limit` of what was found, and where the next page begins if more was found than that:
    after the last one's value of `cursor`."""
    shown: dict[str, Any] = {items: list(found[:limit])}
    return shown | {"next": found[limit - 1][cursor]} if len(found) > limit else shown


def _written_out(value: Any) -> Any:
    """Only text is an instant here: a number would be taken for seconds since 1970."""
    if isinstance(value, str) and re.fullmatch(r"\S+ \d\d:\d\d", value) and "T" in value:
        raise ValueError("is cut: the + of a zone has to be written %2B in an address")
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", value):
        raise ValueError(f"is not {INSTANT_EXPECTED}")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside of the calendar") from error


Instant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
"""An instant with its zone (RFC 3339), as UTC."""


def _whole(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        raise ValueError("is not a whole number")
    return value


WHOLE = BeforeValidator(_whole)
"""After the bounds of an int: a number of JSON without a fraction, such as `5` or `5.0`. Neither text nor
`true` is one."""

PartName = Annotated[StorableText, StringConstraints(min_length=1, max_length=120)]


def _price(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(MONEY_SHAPE, value):
        raise ValueError(f"is not {MONEY_EXPECTED}")
    try:
        return money(value)
    except QuantityError as error:
        raise ValueError(str(error)) from error


Price = Annotated[
    Money,
    BeforeValidator(_price),
    WithJsonSchema({"type": "string", "pattern": MONEY_PATTERN, "examples": ["449.00 USD"]}),
]
"""An amount with its currency, as files write it."""


def _recordable(value: Any) -> Any:
    if value not in RECORDABLE:
        raise ValueError(f"is none of {', '.join(RECORDABLE)}")
    return value


RecordableMove = Annotated[
    MoveKind,
    BeforeValidator(_recordable),
    WithJsonSchema({"type": "string", "enum": [move.value for move in RECORDABLE]}),
]
"""What staff may record; the other moves happen by a claim, a clock or the person's own word."""
