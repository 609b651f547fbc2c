"""A campaign file, from YAML to a checked `Campaign`; all that is wrong with it is found at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from perks_engine.campaigns.catalogue import SPAN, Catalogue
from perks_engine.campaigns.conditions import Scope, condition_shapes
from perks_engine.campaigns.guard_shapes import Binding, GuardsShape, bound_guards
from perks_engine.campaigns.parts import PARTS, check_parts
from perks_engine.campaigns.person_facts import INSTANT, PersonFacts
from perks_engine.campaigns.problems import FileProblemsError, did_you_mean
from perks_engine.campaigns.quantities import (
    MONEY_EXPECTED,
    MONEY_PATTERN,
    money,
)
from perks_engine.campaigns.rule_shape import RuleShape
from perks_engine.campaigns.sentiment import check_sentiment
from perks_engine.campaigns.shapes import (
    FAILED,
    NAME,
    Boolean,
    Built,
    Choice,
    Field,
    Integer,
    ListOf,
    Reader,
    Record,
    Schema,
    Shape,
    Text,
)
from perks_engine.campaigns.yaml_source import Fields, Node, Scalar, read_yaml, read_yaml_file
from perks_engine.domain.campaign import (
    Campaign,
    Connection,
    Disclosure,
    Example,
    Perk,
    PerkKind,
    Window,
)
from perks_engine.domain.codec import canonical_json, fingerprint
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.guards import Guard
from perks_engine.domain.rules import conditions
from perks_engine.domain.verdict import Mark, Verdict


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """A checked file: the campaign, its canonical JSON, and the SHA-256 of that, which names the version."""

    path: str
    campaign: Campaign
    examples: tuple[Example, ...]
    canonical: str
    version: str
    source: bytes


MOST_TRIALS = 10_000
"""Conditions of the rule, each for each example: a condition on a place takes up to a millisecond."""


@dataclass(frozen=True, slots=True)
class CampaignReader:
    """What a campaign file is read against. `templates` are the texts of the templates of instructions that
    there are, by their names."""

    catalogue: Catalogue
    atlas: Atlas
    templates: Mapping[str, str]

    def read_file(self, path: Path) -> CampaignFile:
        """Raises `FileProblemsError` with every fault of the file."""
        node = read_yaml_file(path)
        return self._checked(node, str(path), path.read_bytes())

    def read(self, source: bytes, name: str) -> CampaignFile:
        return self._checked(read_yaml(source, name), name, source)

    def _checked(self, node: Node, name: str, source: bytes) -> CampaignFile:
        reader = Reader(name)
        given = self.shape(_scope(node)).read(node, "", reader)
        campaign: Campaign | None = None
        if given is not FAILED and isinstance(node, Fields):
            binding = Binding(given["eligibility"], self.catalogue, self.atlas, reader)
            campaign = _build(given, bound_guards(given["guards"] or (), binding))
            self._check_meaning(campaign, node, reader)
            self._check_trials(campaign, len(given["examples"] or ()), node, reader)
        if reader.problems or campaign is None:
            raise FileProblemsError(reader.problems)
        examples: tuple[Example, ...] = given["examples"] or ()
        canonical = canonical_json({"campaign": campaign, "examples": examples})
        return CampaignFile(name, campaign, examples, canonical, fingerprint(canonical), source)

    def shape(self, scope: Scope) -> Record:
        """The shape of the whole file, for a campaign of that name and brand."""
        rule = RuleShape(condition_shapes(self.catalogue, self.atlas, scope))
        facts = PersonFacts(self.catalogue, self.atlas, scope.brand)
        return Record(
            (
                Field(
                    "campaign", NAME, "the campaign's name, the same through all its versions", required=True
                ),
                Field("brand", NAME, "whose campaign it is", required=True),
                Field("title", Text("a title for people", longest=120), "what people see", required=True),
                Field("perk", _PERK, "what is offered, and how many", required=True),
                Field("window", _WINDOW, "from when to when it can be claimed", required=True),
                Field("eligibility", rule, "who may have it; only `eligible` grants", required=True),
                Field(
                    "disclosure",
                    _DISCLOSURE,
                    "why a recipient must disclose, and how they are told",
                    required=True,
                ),
                Field(
                    "promotion",
                    _PROMOTION,
                    "whether the brand may say who received it; off if left out",
                    default=False,
                ),
                Field(
                    "approval",
                    _APPROVAL,
                    "whether somebody of the brand looks at each granted claim first; not if left out",
                    default=False,
                ),
                Field(
                    "feedback",
                    _FEEDBACK,
                    "when recipients are asked how they like it; after the engine's own delay if left out",
                ),
                Field(
                    "guards",
                    GuardsShape(self.catalogue),
                    "what a healthy run looks like; a campaign that leaves it pauses itself",
                ),
                Field(
                    "examples", ListOf(_example(facts), longest=500), "people and the verdict they must get"
                ),
            ),
            description="One version of a perk campaign.",
        )

    def schema(self) -> Schema:
        """The JSON Schema (2020-12) of a campaign file."""
        scope = Scope(brand="this-brand", campaign="this-campaign")
        rule = RuleShape(condition_shapes(self.catalogue, self.atlas, scope))
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "perks_engine campaign",
            **self.shape(scope).schema(),
            "$defs": {"rule": rule.definition()},
        }

    def _check_meaning(self, campaign: Campaign, node: Fields, reader: Reader) -> None:
        self._check_window(campaign, node, reader)
        self._check_stock(campaign, node, reader)
        self._check_rule(campaign, node, reader)
        self._check_template(campaign, node, reader)
        check_parts(campaign.perk, _at(node, "perk"), reader)
        check_sentiment(node, self.catalogue, self.templates, reader)

    def _check_window(self, campaign: Campaign, node: Fields, reader: Reader) -> None:
        window = campaign.window
        if window.closes_at <= window.opens_at:
            opens = f"it opens ({window.opens_at:%Y-%m-%d %H:%M} UTC)"
            when = "when" if window.closes_at == window.opens_at else "before"
            reader.fault(
                _at(node, "window", "closes"),
                "window.closes",
                f"the campaign closes ({window.closes_at:%Y-%m-%d %H:%M} UTC) {when} {opens}",
                "a time after window.opens",
            )

    def _check_stock(self, campaign: Campaign, node: Fields, reader: Reader) -> None:
        perk = campaign.perk
        if perk.per_person > perk.quantity:
            reader.fault(
                _at(node, "perk", "per_person"),
                "perk.per_person",
                f"one person may have {perk.per_person} of only {perk.quantity}",
                "at most perk.quantity",
            )

    def _check_rule(self, campaign: Campaign, node: Fields, reader: Reader) -> None:
        nobody = Person("", ())
        if explain(campaign.eligibility, nobody, campaign.window.opens_at, self.atlas).mark is Mark.MET:
            reader.fault(
                _at(node, "eligibility"),
                "eligibility",
                "the rule would grant to somebody of whom nothing is known",
                "at least one condition that evidence must meet, such as opted_in: perks",
            )

    def _check_trials(self, campaign: Campaign, examples: int, node: Fields, reader: Reader) -> None:
        asked = len(conditions(campaign.eligibility))
        if asked * examples > MOST_TRIALS:
            reader.fault(
                _at(node, "examples"),
                "examples",
                f"{examples:,} examples of a rule of {asked:,} conditions",
                f"at most {MOST_TRIALS:,} of both multiplied: a smaller rule, or fewer examples",
            )

    def _check_template(self, campaign: Campaign, node: Fields, reader: Reader) -> None:
        name = campaign.disclosure.instruct
        if name not in self.templates:
            reader.fault(
                _at(node, "disclosure", "instruct"),
                "disclosure.instruct",
                f"there is no template '{name}'",
                f"one of {', '.join(sorted(self.templates))}",
                did_you_mean(name, self.templates),
            )


_PERK = Record(
    (
        Field("kind", Built(Choice(tuple(PerkKind)), PerkKind), "what it is", required=True),
        Field("name", Text("the perk's name", longest=120), "what people receive", required=True),
        Field(
            "fair_market_value",
            Text(MONEY_EXPECTED, MONEY_PATTERN, build=money),
            "the fair market value of one unit, such as 449.00 USD",
            required=True,
        ),
        Field(
            "quantity", Integer(1, 10_000_000, "a number of units"), "how many units there are", required=True
        ),
        Field(
            "per_person",
            Integer(1, 1_000, "a number of units"),
            "how many one person may have; one if left out",
            default=1,
        ),
        Field(
            "reservation", SPAN, "how long a granted unit is held; 7d if left out", default=timedelta(days=7)
        ),
        Field(
            "hot",
            Boolean(),
            "whether thousands claim in one minute: claims then do not wait for each other; no if left out",
            default=False,
        ),
        Field("parts", PARTS, "the parts of a bundle, told apart on arrival", default=()),
    ),
    build=Perk,
)


def _window(opens: datetime, closes: datetime) -> Window:
    return Window(opens, closes)


_WINDOW = Record(
    (
        Field("opens", INSTANT, "the first moment, with its zone", required=True),
        Field("closes", INSTANT, "the moment it ends, with its zone", required=True),
    ),
    build=_window,
)

_DISCLOSURE = Record(
    (
        Field(
            "connection",
            Built(Choice(tuple(Connection)), Connection),
            "the kind of material connection (16 CFR 255.5)",
            required=True,
        ),
        Field(
            "instruct",
            Text("a message template", longest=120),
            "the template that tells how to disclose",
            required=True,
        ),
        Field(
            "list_entrants",
            Boolean(),
            "true to list, apart and marked, who only might receive something: a contest's entrants",
            default=False,
        ),
        Field(
            "acknowledge_first",
            Boolean(),
            "true to pack and ship nothing before the person acknowledged the instruction",
            default=False,
        ),
    ),
    build=Disclosure,
)


def _promotion(allowed: bool) -> bool:
    return allowed


_PROMOTION = Record((Field("allowed", Boolean(), "true or false", required=True),), build=_promotion)


def _approval(required: bool) -> bool:
    return required


_APPROVAL = Record((Field("required", Boolean(), "true or false", required=True),), build=_approval)


def _feedback(after: timedelta) -> timedelta:
    return after


_FEEDBACK = Record(
    (Field("after", SPAN, "how long after receipt, such as 10d", required=True),), build=_feedback
)


def _example(facts: PersonFacts) -> Shape:
    def build(name: str, person: Any, verdict: Verdict, because: str | None, at: datetime | None) -> Example:
        return Example(name, person, verdict, because, at)

    return Record(
        (
            Field("name", Text("a short name"), "who this is", required=True),
            Field("person", facts, "what is known of them", required=True),
            Field("verdict", Built(Choice(tuple(Verdict)), Verdict), "what they must get", required=True),
            Field(
                "because",
                Text("a reason code, such as location.outside", r"^[a-z0-9_-]+\.[a-z_]+$"),
                "a reason that must decide",
            ),
            Field("at", INSTANT, "when they ask; when the window opens, if left out"),
        ),
        build=build,
    )


def _scope(node: Node) -> Scope:
    """The names, as far as they can be read before the rest is."""

    def text(name: str) -> str:
        found = node.get(name) if isinstance(node, Fields) else None
        return found.text if isinstance(found, Scalar) else ""

    return Scope(brand=text("brand"), campaign=text("campaign"))


def _at(node: Fields, *keys: str) -> Node:
    """The node below these keys, or the nearest above it that there is."""
    found: Node = node
    for key in keys:
        inner = found.get(key) if isinstance(found, Fields) else None
        if inner is None:
            return found
        found = inner
    return found


def _build(given: Mapping[str, Any], guards: tuple[Guard, ...]) -> Campaign:
    return Campaign(
        name=given["campaign"],
        brand=given["brand"],
        title=given["title"],
        perk=given["perk"],
        window=given["window"],
        eligibility=given["eligibility"],
        disclosure=given["disclosure"],
        promotion_allowed=given["promotion"],
        guards=guards,
        approval_required=given["approval"],
        feedback_after=given["feedback"],
    )
