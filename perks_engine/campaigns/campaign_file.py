"""A campaign file, from YAML to a checked `Campaign`; all that is wrong with it is found at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perks_engine.campaigns.campaign_shapes import (
    APPROVAL,
    DISCLOSURE,
    FEEDBACK,
    PERK,
    PROMOTION,
    WINDOW,
    example_shape,
)
from perks_engine.campaigns.catalogue import Catalogue
from perks_engine.campaigns.conditions import Scope, condition_shapes
from perks_engine.campaigns.guard_shapes import Binding, GuardsShape, bound_guards
from perks_engine.campaigns.parts import check_parts
from perks_engine.campaigns.person_facts import PersonFacts
from perks_engine.campaigns.problems import FileProblemsError, did_you_mean
from perks_engine.campaigns.reader import (
    FAILED,
    Reader,
    Schema,
    described,
    one_of,
)
from perks_engine.campaigns.rule_shape import RuleShape
from perks_engine.campaigns.sentiment import check_sentiment
from perks_engine.campaigns.shapes import (
    NAME,
    Field,
    ListOf,
    Record,
    Text,
)
from perks_engine.campaigns.yaml_source import Fields, Node, Scalar, read_yaml, read_yaml_file
from perks_engine.domain.campaign import (
    Campaign,
    Example,
)
from perks_engine.domain.codec import canonical_json, fingerprint
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.guards import Guard
from perks_engine.domain.phrase import Phrase, Verbatim, phrase
from perks_engine.domain.rules import conditions
from perks_engine.domain.verdict import Mark


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
                    "campaign",
                    NAME,
                    phrase("the campaign's name, the same through all its versions"),
                    required=True,
                ),
                Field("brand", NAME, phrase("whose campaign it is"), required=True),
                Field(
                    "title",
                    Text(phrase("a title for people"), longest=120),
                    phrase("what people see"),
                    required=True,
                ),
                Field("perk", PERK, phrase("what is offered, and how many"), required=True),
                Field("window", WINDOW, phrase("from when to when it can be claimed"), required=True),
                Field("eligibility", rule, phrase("who may have it; only `eligible` grants"), required=True),
                Field(
                    "disclosure",
                    DISCLOSURE,
                    phrase("why a recipient must disclose, and how they are told"),
                    required=True,
                ),
                Field(
                    "promotion",
                    PROMOTION,
                    phrase("whether the brand may say who received it; off if left out"),
                    default=False,
                ),
                Field(
                    "approval",
                    APPROVAL,
                    phrase(
                        "whether somebody of the brand looks at each granted claim first; not if left out"
                    ),
                    default=False,
                ),
                Field(
                    "feedback",
                    FEEDBACK,
                    phrase(
                        "when recipients are asked how they like it; after the engine's own delay if left out"
                    ),
                ),
                Field(
                    "guards",
                    GuardsShape(self.catalogue),
                    phrase("what a healthy run looks like; a campaign that leaves it pauses itself"),
                ),
                Field(
                    "examples",
                    ListOf(example_shape(facts), longest=500),
                    phrase("people and the verdict they must get"),
                ),
            ),
            description=phrase("One version of a perk campaign."),
        )

    def schema(self, say: Callable[[Phrase], str] = str) -> Schema:
        """The JSON Schema (2020-12) of a campaign file; `say` says what it describes in another language."""
        scope = Scope(brand="this-brand", campaign="this-campaign")
        rule = RuleShape(condition_shapes(self.catalogue, self.atlas, scope))
        whole: Schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "perks_engine campaign",
            **self.shape(scope).schema(),
            "$defs": {"rule": rule.definition()},
        }
        return described(whole, say)

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
            times: dict[str, str] = {
                "closes": Verbatim(f"{window.closes_at:%Y-%m-%d %H:%M} UTC"),
                "opens": Verbatim(f"{window.opens_at:%Y-%m-%d %H:%M} UTC"),
            }
            reader.fault(
                _at(node, "window", "closes"),
                "window.closes",
                phrase("the campaign closes ({closes}) when it opens ({opens})", **times)
                if window.closes_at == window.opens_at
                else phrase("the campaign closes ({closes}) before it opens ({opens})", **times),
                phrase("a time after window.opens"),
            )

    def _check_stock(self, campaign: Campaign, node: Fields, reader: Reader) -> None:
        perk = campaign.perk
        if perk.per_person > perk.quantity:
            reader.fault(
                _at(node, "perk", "per_person"),
                "perk.per_person",
                phrase(
                    "one person may have {some} of only {all}",
                    some=str(perk.per_person),
                    all=str(perk.quantity),
                ),
                phrase("at most perk.quantity"),
            )

    def _check_rule(self, campaign: Campaign, node: Fields, reader: Reader) -> None:
        nobody = Person("", ())
        if explain(campaign.eligibility, nobody, campaign.window.opens_at, self.atlas).mark is Mark.MET:
            reader.fault(
                _at(node, "eligibility"),
                "eligibility",
                phrase("the rule would grant to somebody of whom nothing is known"),
                phrase("at least one condition that evidence must meet, such as opted_in: perks"),
            )

    def _check_trials(self, campaign: Campaign, examples: int, node: Fields, reader: Reader) -> None:
        asked = len(conditions(campaign.eligibility))
        if asked * examples > MOST_TRIALS:
            reader.fault(
                _at(node, "examples"),
                "examples",
                phrase(
                    "{examples} examples of a rule of {asked} conditions",
                    examples=float(examples),
                    asked=float(asked),
                ),
                phrase(
                    "at most {most} of both multiplied: a smaller rule, or fewer examples",
                    most=float(MOST_TRIALS),
                ),
            )

    def _check_template(self, campaign: Campaign, node: Fields, reader: Reader) -> None:
        name = campaign.disclosure.instruct
        if name not in self.templates:
            reader.fault(
                _at(node, "disclosure", "instruct"),
                "disclosure.instruct",
                phrase("there is no template '{name}'", name=Verbatim(name)),
                one_of(sorted(self.templates)),
                did_you_mean(name, self.templates),
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
