"""The YAML shape of `guards:`, one record for each kind of guard.

What a guard counts is told by the campaign's own rule: a share by area asks for the location as the rule
does. So guards are read in two steps, first by themselves and then, once the rule is known, bound to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from perks_engine.campaigns.catalogue import SPAN, Catalogue
from perks_engine.campaigns.problems import did_you_mean
from perks_engine.campaigns.quantities import (
    POINTS_EXPECTED,
    POINTS_PATTERN,
    SHARE_EXPECTED,
    SHARE_PATTERN,
    points,
    share,
)
from perks_engine.campaigns.reader import (
    FAILED,
    Failed,
    Reader,
    Schema,
    one_of,
)
from perks_engine.campaigns.shapes import (
    WORD,
    Choice,
    Field,
    Integer,
    ListOf,
    Record,
    Text,
)
from perks_engine.campaigns.where import DISTANCE, ZONE_FIELDS, ZONE_GROUP, ZONE_NEEDS, WhereShape
from perks_engine.campaigns.yaml_source import Fields, Node
from perks_engine.domain.geography import Atlas, Territory
from perks_engine.domain.guards import (
    FEWEST,
    AreaShare,
    EligibleShare,
    GrantRate,
    Guard,
    NearEdgeShare,
    SamePoint,
    Share,
    SourceShare,
    UnknownShare,
)
from perks_engine.domain.phrase import Phrase, Verbatim, phrase
from perks_engine.domain.rules import LocatedIn, PostalCodeIn, Rule, conditions

MOST_GUARDS = 50

_SHARE = Text(SHARE_EXPECTED, SHARE_PATTERN, build=share)
_PEOPLE = Integer(1, 1_000_000, phrase("a number of people"))
_AT_MOST = Field("at_most", _SHARE, phrase("the largest healthy share"))
_AT_LEAST = Field("at_least", _SHARE, phrase("the least healthy share"))
_OFF_PREVIEW = Field(
    "off_preview",
    Text(POINTS_EXPECTED, POINTS_PATTERN, build=points),
    phrase("how far the share may be from the one in the approved preview, such as 15 points"),
)
_OVER = Field("over", SPAN, phrase("the span that is looked at, such as 1h; the whole run if left out"))
_AFTER = Field(
    "after",
    _PEOPLE,
    phrase("from how many people on the share is looked at; {fewest} if left out", fewest=FEWEST),
    default=FEWEST,
)
_BOUNDS = ("at_most", "at_least", "off_preview")
_GENERAL = (_AT_MOST, _AT_LEAST, _OFF_PREVIEW, _OVER, _AFTER)


@dataclass(frozen=True, slots=True)
class GivenGuard:
    """A guard as it stands in a file, not yet bound to the campaign's rule."""

    kind: str
    values: Mapping[str, Any]
    node: Fields = field(compare=False)
    path: str = field(compare=False)

    def at(self, key: str) -> tuple[Node, str]:
        """Where a key of it stands, for a message."""
        return self.node.get(key) or self.node, f"{self.path}.{key}"


@dataclass(frozen=True, slots=True)
class Binding:
    """What a guard is bound to: the rule of its campaign, and where faults are told."""

    rule: Rule
    catalogue: Catalogue
    atlas: Atlas
    reader: Reader


@dataclass(frozen=True, slots=True)
class _Kind:
    record: Record
    words: Phrase
    bind: Callable[[GivenGuard, Share, Binding], Guard | Failed]


@dataclass(frozen=True, slots=True)
class GuardsShape:
    """Reads the list of guards, each a mapping with its kind as the only key, as `GivenGuard`s."""

    catalogue: Catalogue

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        return self._list().read(node, path, reader)

    def schema(self) -> Schema:
        return self._list().schema()

    def _list(self) -> ListOf:
        return ListOf(_OneGuard(guard_kinds(self.catalogue)), longest=MOST_GUARDS)


@dataclass(frozen=True, slots=True)
class _OneGuard:
    kinds: Mapping[str, _Kind]

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        given = self._record().read(node, path, reader)
        if given is FAILED or not isinstance(node, Fields):
            return FAILED
        key, inner = node.fields[0]
        if not isinstance(inner, Fields):
            return FAILED
        return GivenGuard(key.text, given[key.text], inner, f"{path}.{key.text}")

    def _record(self) -> Record:
        fields = tuple(Field(name, kind.record, kind.words) for name, kind in self.kinds.items())
        return Record(fields, groups=(tuple(self.kinds),))

    def schema(self) -> Schema:
        return self._record().schema()


def bound_guards(given: Sequence[GivenGuard], binding: Binding) -> tuple[Guard, ...]:
    """The guards bound to their rule; what cannot be is told to the binding's reader and left out."""
    kinds = guard_kinds(binding.catalogue)
    bound: list[Guard] = []
    for one in given:
        values = one.values
        healthy = Share(
            values.get("at_most"),
            values.get("at_least"),
            values.get("off_preview"),
            values.get("over"),
            values.get("after", FEWEST),
        )
        kind = kinds[one.kind]
        is_sound = _AFTER not in kind.record.fields or _bounds_are_sound(one, healthy, binding.reader)
        guard = kind.bind(one, healthy, binding) if is_sound else FAILED
        if not isinstance(guard, Failed):
            bound.append(guard)
    return tuple(bound)


def _bounds_are_sound(given: GivenGuard, healthy: Share, reader: Reader) -> bool:
    low, high = healthy.at_least, healthy.at_most
    if low is not None and high is not None and low > high:
        node, path = given.at("at_least")
        reader.fault(
            node, path, phrase("no share is both this large and that small"), phrase("at_least below at_most")
        )
        return False
    if healthy.off_preview is None and (low or 0.0) == 0.0 and (1.0 if high is None else high) == 1.0:
        reader.fault(
            given.node, given.path, phrase("every share is healthy"), phrase("a share that it may not leave")
        )
        return False
    return True


def _located(given: GivenGuard, binding: Binding) -> LocatedIn | PostalCodeIn | Failed:
    """The rule's first condition on a location, without which nobody is granted anywhere."""
    asked = next((one for one in conditions(binding.rule) if isinstance(one, LocatedIn | PostalCodeIn)), None)
    return asked or binding.reader.fault(
        given.node,
        given.path,
        phrase("the campaign asks nobody for a location"),
        phrase("a condition on location in eligibility, or no {kind}", kind=Verbatim(given.kind)),
    )


def _near_edge(given: GivenGuard, healthy: Share, binding: Binding) -> Guard | Failed:
    asked = _located(given, binding)
    if isinstance(asked, Failed):
        return asked
    if given.values["within"] == 0:
        node, path = given.at("within")
        return binding.reader.fault(
            node, path, phrase("nobody is that near"), phrase("a distance above 0, such as 1 km")
        )
    if isinstance(asked, LocatedIn) and not isinstance(asked.zone, Territory):
        return NearEdgeShare(given.values["within"], healthy)
    return binding.reader.fault(
        given.node,
        given.path,
        phrase("how far people are from the edge is measured for areas and circles only"),
        phrase("a rule with inside: areas/… or within: … of: …, or no near_edge_share"),
    )


def _same_point(given: GivenGuard, _healthy: Share, binding: Binding) -> Guard | Failed:
    asked = _located(given, binding)
    return asked if isinstance(asked, Failed) else SamePoint(given.values["at_most"])


def _area(given: GivenGuard, healthy: Share, binding: Binding) -> Guard | Failed:
    asked = _located(given, binding)
    if isinstance(asked, Failed):
        return asked
    where = WhereShape(binding.catalogue["location"], binding.atlas)
    inside = where.condition(given.node, given.values, asked.about, given.path, binding.reader)
    return FAILED if isinstance(inside, Failed) else AreaShare(inside, healthy)


def _source(given: GivenGuard, healthy: Share, binding: Binding) -> Guard | Failed:
    name: str = given.values["of"]
    asked = next((one for one in conditions(binding.rule) if one.about.attribute == name), None)
    if asked is None:
        known = sorted({one.about.attribute for one in conditions(binding.rule) if not one.about.is_register})
        node, path = given.at("of")
        return binding.reader.fault(
            node,
            path,
            phrase("the campaign asks nobody for '{name}'", name=Verbatim(name)),
            one_of(known) if known else phrase("no source_share"),
            did_you_mean(name, known),
        )
    alone = given.values["from"] is None
    key = "only_from" if alone else "from"
    sources: tuple[str, ...] = given.values[key]
    accepted = asked.about.accept.sources or binding.catalogue[name].sources
    node, path = given.at(key)
    strange = [source for source in sources if accepted and source not in accepted]
    if strange:
        return binding.reader.fault(
            node,
            path,
            phrase(
                "the campaign's rule does not accept '{source}' for {name}",
                source=Verbatim(strange[0]),
                name=Verbatim(name),
            ),
            one_of(accepted),
            did_you_mean(strange[0], accepted),
        )
    others = tuple(source for source in accepted if source not in sources)
    if alone and not others:
        if accepted:
            mend = phrase("fewer sources here, or more in the rule")
            return binding.reader.fault(node, path, phrase("the rule accepts no other source"), mend)
        mend = phrase("the sources in the rule, by name")
        return binding.reader.fault(node, path, phrase("the rule accepts any source"), mend)
    accept = replace(asked.about.accept, sources=others if alone else sources)
    return SourceShare(
        replace(asked, about=replace(asked.about, accept=accept)), tuple(sorted(sources)), healthy, alone
    )


def guard_kinds(catalogue: Catalogue) -> Mapping[str, _Kind]:
    """Every kind of guard by its key. A new one is a line here, and a class in `domain.guards`."""
    attributes = tuple(one.name for one in catalogue.attributes.values() if not one.register)
    sources = ListOf(WORD, or_one=True, longest=20)
    return {
        "unknown_share": _Kind(
            Record((_AT_MOST, _OFF_PREVIEW, _OVER, _AFTER), at_least_one=("at_most", "off_preview")),
            phrase("people about whom too little is known to decide, of those who claim"),
            lambda _given, healthy, _binding: UnknownShare(healthy),
        ),
        "eligible_share": _Kind(
            Record(_GENERAL, at_least_one=_BOUNDS),
            phrase("people who are eligible, of those who claim"),
            lambda _given, healthy, _binding: EligibleShare(healthy),
        ),
        "near_edge_share": _Kind(
            Record(
                (
                    Field("within", DISTANCE, phrase("what counts as near the edge"), required=True),
                    replace(_AT_MOST, required=True),
                    _OVER,
                    _AFTER,
                )
            ),
            phrase("people near the edge of the area, of those granted"),
            _near_edge,
        ),
        "area_share": _Kind(
            Record((*ZONE_FIELDS, *_GENERAL), at_least_one=_BOUNDS, groups=(ZONE_GROUP,), needs=ZONE_NEEDS),
            phrase("people in a part of the area, of those granted"),
            _area,
        ),
        "source_share": _Kind(
            Record(
                (
                    Field(
                        "of",
                        Choice(attributes),
                        phrase("what the evidence is about; location if left out"),
                        default="location",
                    ),
                    Field("from", sources, phrase("people with evidence from one of these sources")),
                    Field(
                        "only_from", sources, phrase("people with evidence from these sources and no other")
                    ),
                    *_GENERAL,
                ),
                at_least_one=_BOUNDS,
                groups=(("from", "only_from"),),
            ),
            phrase("people by the source of their evidence, of those granted"),
            _source,
        ),
        "same_point": _Kind(
            Record((Field("at_most", _PEOPLE, phrase("the most there may be"), required=True),)),
            phrase("people granted on one and the same point"),
            _same_point,
        ),
        "grants": _Kind(
            Record(
                (
                    Field("at_most", _PEOPLE, phrase("the most there may be"), required=True),
                    replace(
                        _OVER, required=True, description=phrase("the span that is looked at, such as 1h")
                    ),
                )
            ),
            phrase("people granted within a span"),
            lambda given, _healthy, _binding: GrantRate(given.values["at_most"], given.values["over"]),
        ),
    }
