"""The parts of a bundle in a campaign file: named, each with its value, together worth what the bundle is."""

from __future__ import annotations

from perks_engine.campaigns.problems import did_you_mean
from perks_engine.campaigns.quantities import MONEY_EXPECTED, MONEY_PATTERN, money
from perks_engine.campaigns.reader import Reader
from perks_engine.campaigns.shapes import (
    ByKind,
    Field,
    ListOf,
    Record,
    Text,
)
from perks_engine.campaigns.yaml_source import Fields, Items, Node
from perks_engine.domain.campaign import Part, Perk, PerkKind
from perks_engine.domain.money import Money
from perks_engine.domain.phrase import Verbatim, phrase

SEPARATOR = ";"
"""It stands between parts where they are named in one cell of a table, and so in no part's name."""

PARTS = ListOf(
    Record(
        (
            Field(
                "name",
                Text(phrase("a part's name"), r"^[^;]*$", longest=120),
                phrase("what it is"),
                required=True,
            ),
            Field(
                "fair_market_value",
                Text(MONEY_EXPECTED, MONEY_PATTERN, build=money),
                phrase("its share of the bundle's value"),
                required=True,
            ),
        ),
        build=Part,
    ),
    shortest=2,
    longest=100,
)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(SEPARATOR) if (name := part.strip()))


PART_NAMES = ByKind(
    phrase("parts with '{sign}' between them, or a list of them", sign=SEPARATOR),
    scalar=Text(phrase("parts"), longest=2_000, build=_names),
    items=ListOf(Text(phrase("a part's name"), longest=120), longest=100),
)
"""Which parts something is about: a list, or one text as a cell of a table holds it."""


def check_parts(perk: Perk, node: Node, reader: Reader) -> None:
    """Report parts of what is no bundle, two of one name, and values that do not add up."""
    if not perk.parts:
        return
    at = (node.get("parts") if isinstance(node, Fields) else None) or node
    if perk.kind is not PerkKind.BUNDLE:
        reader.fault(
            at,
            "perk.parts",
            phrase("a perk of kind {kind} has no parts", kind=Verbatim(perk.kind)),
            Verbatim("kind: bundle"),
        )
        return
    names = [part.name for part in perk.parts]
    for place, name in enumerate(names):
        if name in names[:place]:
            there = at.items[place] if isinstance(at, Items) else at
            twice = phrase("{what} stands here twice", what=Verbatim(repr(name)))
            reader.fault(there, f"perk.parts[{place}]", twice, phrase("each name once"))
    currency = perk.fair_market_value.currency
    strange = sorted({part.fair_market_value.currency for part in perk.parts} - {currency})
    if strange:
        hint = did_you_mean(strange[0], [currency])
        valued = phrase("a part is valued in {currency}", currency=Verbatim(strange[0]))
        wanted = phrase("all in {currency}", currency=Verbatim(currency))
        reader.fault(at, "perk.parts", valued, wanted, hint)
        return
    total = Money(sum(part.fair_market_value.amount_minor for part in perk.parts), currency)
    if total != perk.fair_market_value:
        expected = Verbatim(f"perk.fair_market_value, {perk.fair_market_value}")
        worth = phrase("the parts are worth {total} together", total=Verbatim(total))
        reader.fault(at, "perk.parts", worth, expected)
