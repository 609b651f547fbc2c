"""A rule evaluated over a population: counted in one pass, with exact answers where a screen was in doubt.

1. One pass over the population counts people by what became of each condition. Discs that a screen
   cannot decide are counted as in doubt.
2. Only where there are such people are they fetched, once; the atlas decides each disc exactly, as it does
   for one person, and they are read with those answers whenever the population is.

A few in doubt are fetched by their ids, which the first pass brings along: it sorts them into buckets, and of
each bucket it keeps the least and the greatest id, so that its memory does not grow with their number.

Where the population is small, writing and planning such a pass takes far longer than running it: there
everybody is read once, and what is asked of them afterwards is asked of the answers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perks_engine.audiences.codes import Code
from perks_engine.audiences.columns import ID, Sources, Vocabulary, needed_columns, sources_of
from perks_engine.audiences.engine import Engine
from perks_engine.audiences.expression import VERDICT, balanced, code_column, read_rule
from perks_engine.audiences.heavy import pa
from perks_engine.audiences.relational import ArrowTable, Table, Truth, Value
from perks_engine.audiences.zones import Spot, with_spots
from perks_engine.domain.geography import Atlas, Disc, Position
from perks_engine.domain.progress import Report, reported, unreported
from perks_engine.domain.rules import LocatedIn, Rule, conditions
from perks_engine.domain.verdict import Verdict

Pattern = tuple[Code, ...]
"""What became of each condition of a rule, in its order."""

By = Callable[[Table], Value]
"""A further value to count people by."""

_Values = tuple[Any, ...]

BUCKET = "doubt_bucket"
BUCKETS, DECIDED = 256, -1
_VERDICTS = {True: Verdict.ELIGIBLE, False: Verdict.INELIGIBLE, None: Verdict.UNKNOWN}
_POSITIONS = {
    Position.INSIDE: Code.MET,
    Position.OUTSIDE: Code.NOT_MET,
    Position.CROSSES: Code.NEAR_EDGE,
    Position.UNDECIDABLE: Code.UNDECIDABLE,
}


@dataclass(frozen=True, slots=True)
class _Measure:
    """Something measured of people in an engine, and how two measurements become one."""

    of: Callable[[Table], Value]
    join: Callable[[Any, Any], Any]


_COUNT = {"people": _Measure(lambda table: table.count(), operator.add)}
_WITH_ENDS = {
    **_COUNT,
    "first": _Measure(lambda table: table[ID].min(), min),
    "last": _Measure(lambda table: table[ID].max(), max),
}
_ENDS_IN_DOUBT = {
    **_COUNT,
    "least": _Measure(lambda table: table[ID].min(where=table[BUCKET] != DECIDED), min),
    "greatest": _Measure(lambda table: table[ID].max(where=table[BUCKET] != DECIDED), max),
}
Measures = Mapping[str, _Measure]


@dataclass(frozen=True, slots=True)
class Group:
    """People who have something in common: how many, and the first and the last of them by id."""

    people: int
    first: str
    last: str


@dataclass(frozen=True)
class Population:
    """People as a table of an engine (`audiences.columns` says which columns)."""

    engine: Engine
    table: Table
    vocabulary: Vocabulary
    atlas: Atlas
    report: Report = unreported
    is_small: bool = False
    """whether there is room in memory for the people and what is read of them"""

    def under(self, rule: Rule, now: datetime) -> Evaluation:
        """The rule over these people at one moment (aware). Raises `MissingColumnsError`."""
        sources = sources_of(rule, self.table.columns, self.vocabulary)
        return Evaluation(self.engine, self.table, self.atlas, rule, now, sources, self.report)

    def often_under(self, rule: Rule, now: datetime) -> Evaluation:
        """The same, for whoever asks it several things. Raises `MissingColumnsError`."""
        evaluation = self.under(rule, now)
        return evaluation.read_once() if self.is_small else evaluation


@dataclass(frozen=True)
class Evaluation:
    """A rule over a population at one moment; `sources` are the slots of its conditions, in their order."""

    engine: Engine
    people: Table
    atlas: Atlas
    rule: Rule
    now: datetime
    sources: Sequence[Sources]
    report: Report = unreported
    kept: Table | None = None
    """Everybody with every column, `verdict` and the codes, where they were read once for all."""
    _placed: list[Table | None] = field(default_factory=list["Table | None"], init=False)
    """Those in doubt as a table, once they are decided; None where nobody is."""

    def read_once(self) -> Evaluation:
        """The same, with everybody read and every disc decided; it takes up their room once more."""
        placed = self._decided(self.engine.fetch(self._screened(self.people.columns)))
        read = self._read(placed).select(*self.people.columns, VERDICT, *self._codes)
        return replace(self, kept=self.engine.put(self.engine.fetch(read)))

    def verdicts(self) -> dict[Verdict, int]:
        """How many come to each verdict."""
        found = dict.fromkeys(Verdict, 0)
        for (verdict,), (count,) in self._counted([VERDICT], {}, _COUNT).items():
            found[_VERDICTS[verdict]] += count
        return found

    def groups(self) -> dict[tuple[Verdict, Pattern], Group]:
        """People by verdict and by what became of each condition."""
        groups: dict[tuple[Verdict, Pattern], Group] = {}
        for (verdict, *codes), group in self._counted([VERDICT, *self._codes], {}, _WITH_ENDS).items():
            groups[_VERDICTS[verdict], tuple(Code(code) for code in codes)] = Group(*group)
        return groups

    def some_of(self, groups: Mapping[Pattern, Group], most: int) -> dict[str, Pattern]:
        """Some people of these groups, as different from each other as can be: one of each group, the
        largest first, then another of each, and only then more of the largest."""
        by_size = sorted(groups, key=lambda pattern: (-groups[pattern].people, pattern))
        ends = [(groups[one].first, one) for one in by_size] + [(groups[one].last, one) for one in by_size]
        some = dict(ends[:most] if len(by_size) >= most else ends)
        if by_size and len(some) < most and groups[by_size[0]].people > 2:
            largest = by_size[0]
            more = self.rows(where=_came_out(largest), limit=most + 1)
            some |= {row[ID]: largest for row in islice(more, most + 1) if row[ID] not in some}
        return dict(islice(some.items(), most))

    def patterns(self, **by: By) -> dict[tuple[Verdict, Pattern, tuple[Any, ...]], int]:
        """How many people there are by verdict, by what became of each condition, and by further values."""
        size = len(self.sources)
        counts: dict[tuple[Verdict, Pattern, tuple[Any, ...]], int] = {}
        for (verdict, *rest), (count,) in self._counted([VERDICT, *self._codes], by, _COUNT).items():
            pattern = tuple(Code(code) for code in rest[:size])
            counts[_VERDICTS[verdict], pattern, tuple(rest[size:])] = count
        return counts

    def rows(
        self,
        *columns: str,
        where: Callable[[Table], Truth] | None = None,
        limit: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """People one by one: `id`, these columns of theirs, `verdict` and a `code_N` for each condition.

        They come in the order of their ids; first those whom the screens decide, then those decided exactly.
        """
        for table in self.parts(columns):
            chosen = table if where is None else table.filter(where(table))
            chosen = chosen.order_by(ID)
            if limit is not None:
                chosen = chosen.limit(limit)
            for row in self.engine.fetch(chosen).to_pylist():
                row[VERDICT] = _VERDICTS[row[VERDICT]]
                yield row

    def parts(self, further: Sequence[str] = ()) -> Iterator[Table]:
        """The people whom the screens decide, then, where there are any, those decided exactly: tables of
        `id`, the further columns, `verdict` and the codes. All in one, where everybody was read once."""
        shown = [*dict.fromkeys([ID, *further]), VERDICT, *self._codes]
        if self.kept is not None:
            yield self.kept.select(*shown)
            return
        screened = self._screened(further)
        if not self._spots:
            yield self._read(screened).select(*shown)
            return
        yield self._read(screened.filter(~self._in_doubt(screened))).select(*shown)
        resolved = self._resolved(None)
        if resolved is not None:
            yield self._read(resolved).select(*shown)

    # --- how it is done

    @property
    def _codes(self) -> list[str]:
        return [code_column(number) for number in range(len(self.sources))]

    @cached_property
    def _spots(self) -> list[Spot]:
        """Each condition on a zone with each slot that it accepts."""
        return [
            Spot(number, place, condition, slot, self.atlas.screen(condition.zone))
            for number, condition in enumerate(conditions(self.rule))
            if isinstance(condition, LocatedIn)
            for place, slot in enumerate(self.sources[number].accepted)
        ]

    def _counted(
        self, columns: Sequence[str], by: Mapping[str, By], measures: Measures
    ) -> dict[_Values, _Values]:
        """What is measured of people, by groups who are alike in these columns and further values."""
        if self.kept is not None:
            return dict(self._groups(self.kept, [*columns, *by], by, measures))
        screened = self._screened(self.people.columns if by else ())
        if not self._spots:
            return dict(self._groups(self._read(screened), [*columns, *by], by, measures))
        in_doubt = self._in_doubt(screened)
        read = self._read(screened.mutate(**{BUCKET: in_doubt.ifelse(self._bucket(screened), DECIDED)}))
        found: dict[_Values, _Values] = {}
        doubtful: list[tuple[int, str, str]] = []
        both = {**measures, **_ENDS_IN_DOUBT}
        for (*key, bucket), measured in self._groups(read, [*columns, *by, BUCKET], by, both):
            if bucket == DECIDED:
                found[tuple(key)] = measured[: len(measures)]
            else:
                doubtful.append((measured[0], *measured[-2:]))
        resolved = self._resolved(doubtful)
        if resolved is not None:
            for key, measured in self._groups(self._read(resolved), [*columns, *by], by, measures):
                joined = zip(measures.values(), found.get(key, ()), measured, strict=False)
                found[key] = tuple(one.join(was, is_) for one, was, is_ in joined) or measured
        return found

    def _groups(
        self, table: Table, columns: Sequence[str], by: Mapping[str, By], measures: Measures
    ) -> Iterator[tuple[_Values, _Values]]:
        """The values of each group in these columns, and what is measured of it."""
        table = table.mutate(**{name: value(table) for name, value in by.items()}) if by else table
        measured = {name: one.of(table) for name, one in measures.items()}
        found = self.engine.fetch(table.group_by(*columns).aggregate(**measured).select(*columns, *measured))
        for row in zip(*(column.to_pylist() for column in found.columns), strict=True):
            yield row[: len(columns)], row[len(columns) :]

    def _bucket(self, screened: Table) -> Value:
        """A number below `BUCKETS` that people near each other do not share: of the last digits of where
        they are. NULL, where nothing is known of that, is a bucket of its own."""
        places = [spot.disc_columns[:2] for spot in self._spots if spot.has_disc]
        parts = [(screened[name].abs() * 1e7).cast("int64") for columns in places for name in columns]
        return (balanced(operator.add, parts) % BUCKETS).fill_null(BUCKETS)

    def _resolved(self, groups: Sequence[tuple[int, str, str]] | None) -> Table | None:
        """Those in doubt, decided exactly, with every column of theirs: a table that is made once. `groups`
        tells their number, their least and greatest id, where a pass has found it out."""
        if not self._placed:
            self._placed.append(self._those_in_doubt(groups))
        return self._placed[0]

    def _those_in_doubt(self, groups: Sequence[tuple[int, str, str]] | None) -> Table | None:
        if groups is not None and not groups:
            return None
        screened = self._screened(self.people.columns)
        in_doubt = screened.filter(self._in_doubt(screened))
        if groups is not None and all(count <= 2 for count, _, _ in groups):
            ids = {one for _, least, greatest in groups for one in (least, greatest)}
            few = self.engine.fetch(in_doubt.filter(in_doubt[ID].isin(sorted(ids))))
            if few.num_rows == sum(count for count, _, _ in groups):
                return self._decided(few)
        found = self.engine.fetch(in_doubt)
        return self._decided(found) if found.num_rows else None

    def _screened(self, further: Sequence[str]) -> Table:
        """What the rule reads, these further columns, and what the screens say of each disc."""
        wanted = dict.fromkeys([*needed_columns(self.sources), *further])
        return with_spots(self.engine, self.people.select(*wanted), self._spots)

    def _read(self, table: Table) -> Table:
        spots = {(spot.number, spot.place): table[spot.name] for spot in self._spots}
        return read_rule(table, self.rule, self.sources, spots, self.now, self.engine.step)

    def _in_doubt(self, screened: Table) -> Truth:
        return balanced(operator.or_, [screened[spot.name] == int(Code.DOUBT) for spot in self._spots])

    def _decided(self, found: ArrowTable) -> Table:
        """These people with every disc of theirs decided by the atlas."""
        for spot in self._spots:
            place = found.column_names.index(spot.name)
            found = found.set_column(place, spot.name, pa.array(self._exact(found, spot), pa.int64()))
        return self.engine.put(found)

    def _exact(self, found: ArrowTable, spot: Spot) -> NDArray[np.int64]:
        """The codes of a spot with its doubts resolved."""
        codes: NDArray[np.int64] = found[spot.name].to_numpy().astype(np.int64)
        doubtful = np.flatnonzero(codes == Code.DOUBT).tolist()
        if not doubtful:
            return codes
        parts = (found[column].to_numpy()[doubtful].tolist() for column in spot.disc_columns)
        numbered = zip(doubtful, *parts, strict=True)
        what = "placing people near an edge"
        for row, *disc in reported(numbered, what, len(doubtful), self.report):
            codes[row] = _POSITIONS[self.atlas.relate(Disc(*map(float, disc)), spot.condition.zone).position]
        return codes


def _came_out(pattern: Pattern) -> Callable[[Table], Truth]:
    """Those whose conditions came out like this."""

    def chosen(table: Table) -> Truth:
        same = [table[code_column(place)] == int(code) for place, code in enumerate(pattern)]
        return balanced(operator.and_, same)

    return chosen
