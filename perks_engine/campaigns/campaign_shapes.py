"""The shapes of the parts of a campaign file, but for its rule and its guards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from perks_engine.campaigns.catalogue import SPAN
from perks_engine.campaigns.parts import PARTS
from perks_engine.campaigns.person_facts import INSTANT, PersonFacts
from perks_engine.campaigns.quantities import (
    MONEY_EXPECTED,
    MONEY_PATTERN,
    money,
)
from perks_engine.campaigns.reader import (
    Shape,
)
from perks_engine.campaigns.shapes import (
    Boolean,
    Built,
    Choice,
    Field,
    Integer,
    Record,
    Text,
)
from perks_engine.domain.campaign import (
    Connection,
    Disclosure,
    Example,
    Perk,
    PerkKind,
    Window,
)
from perks_engine.domain.phrase import phrase
from perks_engine.domain.verdict import Verdict

PERK = Record(
    (
        Field("kind", Built(Choice(tuple(PerkKind)), PerkKind), phrase("what it is"), required=True),
        Field(
            "name", Text(phrase("the perk's name"), longest=120), phrase("what people receive"), required=True
        ),
        Field(
            "fair_market_value",
            Text(MONEY_EXPECTED, MONEY_PATTERN, build=money),
            phrase("the fair market value of one unit, such as 449.00 USD"),
            required=True,
        ),
        Field(
            "quantity",
            Integer(1, 10_000_000, phrase("a number of units")),
            phrase("how many units there are"),
            required=True,
        ),
        Field(
            "per_person",
            Integer(1, 1_000, phrase("a number of units")),
            phrase("how many one person may have; one if left out"),
            default=1,
        ),
        Field(
            "reservation",
            SPAN,
            phrase("how long a granted unit is held; 7d if left out"),
            default=timedelta(days=7),
        ),
        Field(
            "hot",
            Boolean(),
            phrase(
                "whether thousands claim in one minute: "
                "claims then do not wait for each other; no if left out"
            ),
            default=False,
        ),
        Field("parts", PARTS, phrase("the parts of a bundle, told apart on arrival"), default=()),
    ),
    build=Perk,
)


def _window(opens: datetime, closes: datetime) -> Window:
    return Window(opens, closes)


WINDOW = Record(
    (
        Field("opens", INSTANT, phrase("the first moment, with its zone"), required=True),
        Field("closes", INSTANT, phrase("the moment it ends, with its zone"), required=True),
    ),
    build=_window,
)

DISCLOSURE = Record(
    (
        Field(
            "connection",
            Built(Choice(tuple(Connection)), Connection),
            phrase("the kind of material connection (16 CFR 255.5)"),
            required=True,
        ),
        Field(
            "instruct",
            Text(phrase("a message template"), longest=120),
            phrase("the template that tells how to disclose"),
            required=True,
        ),
        Field(
            "list_entrants",
            Boolean(),
            phrase("true to list, apart and marked, who only might receive something: a contest's entrants"),
            default=False,
        ),
        Field(
            "acknowledge_first",
            Boolean(),
            phrase("true to pack and ship nothing before the person acknowledged the instruction"),
            default=False,
        ),
    ),
    build=Disclosure,
)


def _promotion(allowed: bool) -> bool:
    return allowed


PROMOTION = Record((Field("allowed", Boolean(), phrase("true or false"), required=True),), build=_promotion)


def _approval(required: bool) -> bool:
    return required


APPROVAL = Record((Field("required", Boolean(), phrase("true or false"), required=True),), build=_approval)


def _feedback(after: timedelta) -> timedelta:
    return after


FEEDBACK = Record(
    (Field("after", SPAN, phrase("how long after receipt, such as 10d"), required=True),), build=_feedback
)


def example_shape(facts: PersonFacts) -> Shape:
    def build(name: str, person: Any, verdict: Verdict, because: str | None, at: datetime | None) -> Example:
        return Example(name, person, verdict, because, at)

    return Record(
        (
            Field("name", Text(phrase("a short name")), phrase("who this is"), required=True),
            Field("person", facts, phrase("what is known of them"), required=True),
            Field(
                "verdict", Built(Choice(tuple(Verdict)), Verdict), phrase("what they must get"), required=True
            ),
            Field(
                "because",
                Text(phrase("a reason code, such as location.outside"), r"^[a-z0-9_-]+\.[a-z_]+$"),
                phrase("a reason that must decide"),
            ),
            Field("at", INSTANT, phrase("when they ask; when the window opens, if left out")),
        ),
        build=build,
    )
