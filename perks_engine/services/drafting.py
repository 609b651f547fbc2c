"""A campaign file while it is written: its faults at their lines, its examples and what they leave untried,
and whom it would reach among those on record. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from perks_engine.campaigns.campaign_file import CampaignFile, CampaignReader
from perks_engine.campaigns.coverage import Coverage, coverage
from perks_engine.campaigns.examples import ExampleResult, run_examples
from perks_engine.campaigns.key_help import key_help
from perks_engine.campaigns.problems import FileProblemsError, Problem
from perks_engine.domain.geography import Atlas
from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Actor, Permission
from perks_engine.services.errors import BusyError, InvalidInputError
from perks_engine.services.gate import known_person
from perks_engine.services.ports import Clock, Store
from perks_engine.services.previewing import Previewing, preview_view
from perks_engine.services.views import Say, View

MOST_PEOPLE = 2_000
"""Beyond this a preview takes longer than somebody waits while they write; it is made of a saved version."""
LONGEST_FILE = 200_000
NAME = "campaign.yaml"


@dataclass(frozen=True, slots=True)
class Draft:
    """`file` is None where `problems` has any."""

    problems: Sequence[Problem] = ()
    file: CampaignFile | None = None
    results: Sequence[ExampleResult] = field(default=())
    coverage: Coverage | None = None

    @property
    def failed(self) -> int:
        return sum(not one.passed for one in self.results)


@dataclass(frozen=True, slots=True)
class Drafting:
    store: Store
    reader: CampaignReader
    atlas: Atlas
    previewing: Previewing
    clock: Clock

    def read(self, text: str) -> Draft:
        """The file, or all that is wrong with it."""
        if len(text) > LONGEST_FILE:
            size: dict[str, float] = {"count": float(len(text)), "most": float(LONGEST_FILE)}
            told = phrase("it has {count} characters; {most} at most", **size)
            return Draft([Problem(NAME, 0, 0, "", told)])
        try:
            file = self.reader.read(text.encode(), NAME)
        except FileProblemsError as error:
            return Draft(error.problems)
        results = run_examples(file, self.atlas)
        return Draft((), file, results, coverage(file.campaign.eligibility, results, self.reader.catalogue))

    def keys(self, brands: Sequence[str], say: Say) -> View:
        """What may stand where in a file, with the names that this engine has for it; `say` says what each is
        for."""
        areas = self.atlas.area_names()
        known = {
            "brand": brands,
            "disclosure.instruct": sorted(self.reader.templates),
            "rule.location.inside": areas,
        }
        return key_help(self.reader.schema(say), known)

    def preview(self, actor: Actor, file: CampaignFile) -> View | None:
        """Whom it would reach; None where that cannot be looked at while somebody writes: more are on record,
        the rule is too large, or others are looked at. Raises `ForbiddenError` for a brand out of reach."""
        actor.require(Permission.RUN_CAMPAIGNS, file.campaign.brand)
        now = self.clock()
        with self.store.read() as tx:
            ids = list(islice(tx.people.ids(), MOST_PEOPLE + 1))
            if len(ids) > MOST_PEOPLE:
                return None
            people: list[Any] = [known_person(tx, one, now) for one in ids]
        try:
            return preview_view(self.previewing.preview(file.campaign, people, now), file.campaign)
        except (BusyError, InvalidInputError):
            return None
