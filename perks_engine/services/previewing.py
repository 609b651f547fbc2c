"""Previews: a campaign version over everybody on record, over a file of people, or over a population."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from perks_engine.audiences.columns import Vocabulary
from perks_engine.audiences.engine import Engine
from perks_engine.audiences.people_table import people_table
from perks_engine.audiences.population import Population
from perks_engine.audiences.preview import Preview, preview_of
from perks_engine.audiences.relational import Table
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.evidence import Person
from perks_engine.domain.geography import Atlas
from perks_engine.services.views import View


@dataclass(frozen=True, slots=True)
class Crowd:
    """A population on an engine: whom a preview is about when it is not about people on record."""

    engine: Engine
    table: Table


@dataclass(frozen=True, slots=True)
class Previewing:
    atlas: Atlas
    vocabulary: Vocabulary
    connect: Callable[[], Engine]
    """Gives the engine that people on record, or of a small file, are put on."""

    def preview(self, campaign: Campaign, people: Iterable[Person] | Crowd, now: datetime) -> Preview:
        """Whom the version would reach among these. Raises `MissingColumnsError`."""
        rule = campaign.eligibility
        if isinstance(people, Crowd):
            population = Population(people.engine, people.table, self.vocabulary, self.atlas)
            return preview_of(population.under(rule, now))
        engine = self.connect()
        try:
            table = engine.put(people_table(people, rule, now, self.vocabulary))
            return preview_of(Population(engine, table, self.vocabulary, self.atlas).under(rule, now))
        finally:
            engine.close()


def preview_view(preview: Preview, campaign: Campaign) -> View:
    """The preview as JSON data: what is recorded, shown in a terminal and drawn on a page."""
    data: dict[str, Any] = asdict(preview)
    verdicts = data.pop("verdicts")
    return {
        "people": data.pop("people"),
        **{verdict.value: count for verdict, count in verdicts.items()},
        "stock": campaign.perk.quantity,
        **data,
    }
