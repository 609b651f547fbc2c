"""Previews: a campaign version over everybody on record, over a file of people, or over a population."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any

from perks_engine.audiences.columns import Vocabulary
from perks_engine.audiences.diff import BothRules, Diff, diff_of
from perks_engine.audiences.engine import Engine
from perks_engine.audiences.people_table import people_table
from perks_engine.audiences.population import Population
from perks_engine.audiences.preview import Preview, preview_of
from perks_engine.audiences.relational import Table
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.drawing import Drawing
from perks_engine.domain.evidence import Person
from perks_engine.domain.geography import Atlas
from perks_engine.domain.phrase import phrase
from perks_engine.domain.progress import Report, reported, unreported
from perks_engine.domain.rules import LocatedIn, Rule, conditions
from perks_engine.services.errors import BusyError, InvalidInputError
from perks_engine.services.foreseeing import foresee
from perks_engine.services.gate import known_person
from perks_engine.services.ports import Transaction
from perks_engine.services.views import View

AT_ONCE = 2
"""Populations that one process asks at the same time: a large rule takes a processor for a minute."""
MOST_PLACES = 64
"""Conditions on places in a rule that a population is asked: each takes a tenth of a second to ask."""
WAIT_S = 1.0
"""So long does a further one wait for its turn."""
FEW = 50_000
"""So many people are read once for a whole preview; of more, each part of it is counted on its own, in memory
that does not grow with them."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A population on an engine: whom a preview is about when it is not about people on record."""

    engine: Engine
    table: Table


@dataclass(frozen=True, slots=True)
class Previewed:
    """The preview of a version, and what it foresees of each of its guards."""

    preview: Preview
    guards: Sequence[View]


@dataclass(frozen=True, slots=True)
class Previewing:
    atlas: Atlas
    vocabulary: Vocabulary
    connect: Callable[[], Engine]
    """Gives the engine that people on record, or of a small file, are put on."""
    drawing: Drawing
    wait_s: float = WAIT_S
    turns: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE), compare=False)

    def preview(
        self,
        campaign: Campaign,
        people: Iterable[Person] | Crowd,
        now: datetime,
        report: Report = unreported,
    ) -> Previewed:
        """Whom the version would reach among these. Raises `MissingColumnsError`, `BusyError` where as many
        are asked as may be, and `InvalidInputError` for a rule that no engine can be asked."""
        _askable(campaign.eligibility)
        with self._population(people, campaign.eligibility, now, report) as population:
            preview = preview_of(population.often_under(campaign.eligibility, now), self.drawing)
            report("what its guards would find", 0, 0)
            return Previewed(preview, foresee(campaign, population, preview, now))

    def diff(
        self,
        old: Campaign,
        new: Campaign,
        people: Iterable[Person] | Crowd,
        now: datetime,
        report: Report = unreported,
    ) -> Diff:
        """Who among these gains and who loses where `new` takes the place of `old`. Raises
        `IncomparableError`, and what `preview` raises."""
        _askable(old.eligibility)
        _askable(new.eligibility)
        both = BothRules(old.eligibility, new.eligibility)
        with self._population(people, both.rule, now, report) as population:
            return diff_of(both, population, now, self.drawing)

    @contextmanager
    def _population(
        self, people: Iterable[Person] | Crowd, rule: Rule, now: datetime, report: Report
    ) -> Generator[Population]:
        with self._turn():
            if isinstance(people, Crowd):
                yield Population(people.engine, people.table, self.vocabulary, self.atlas, report)
                return
            engine = self.connect()
            try:
                rows = people_table(people, rule, now, self.vocabulary)
                is_small = rows.num_rows <= FEW
                yield Population(engine, engine.put(rows), self.vocabulary, self.atlas, report, is_small)
            finally:
                engine.close()

    @contextmanager
    def _turn(self) -> Generator[None]:
        if not self.turns.acquire(timeout=self.wait_s):
            raise BusyError(
                "population.busy",
                phrase(
                    "{at_once} campaigns are being held against people at this moment, which is as many "
                    "as may be; nothing was done, ask again in a minute",
                    at_once=AT_ONCE,
                ),
            )
        try:
            yield
        except RecursionError as error:
            raise InvalidInputError(
                "population.rule",
                phrase("the rule is too large to be asked of a population; make it smaller"),
            ) from error
        finally:
            self.turns.release()


def _askable(rule: Rule) -> None:
    """Raises `InvalidInputError` for a rule of more places than a population is asked about."""
    if sum(isinstance(one, LocatedIn) for one in conditions(rule)) > MOST_PLACES:
        raise InvalidInputError(
            "population.rule",
            phrase(
                "the rule has more than {most_places} conditions on places, too many to be asked of a "
                "population; put places that count alike into one area",
                most_places=MOST_PLACES,
            ),
        )


def everybody(tx: Transaction, now: datetime, report: Report = unreported) -> Iterator[Person]:
    """Everybody on record with all evidence, one after the other."""
    ids = list(tx.people.ids())
    return (known_person(tx, one, now) for one in reported(ids, "people on record", len(ids), report))


def preview_view(previewed: Previewed, campaign: Campaign) -> View:
    """The preview as JSON data: what is recorded, shown in a terminal and drawn on a page."""
    data: dict[str, Any] = asdict(previewed.preview)
    verdicts = data.pop("verdicts")
    return {
        "people": data.pop("people"),
        **{verdict.value: count for verdict, count in verdicts.items()},
        "stock": campaign.perk.quantity,
        **data,
        "guards": list(previewed.guards),
    }
