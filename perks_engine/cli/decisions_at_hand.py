"""Recorded decisions as a command line names them: those on record, or a file that was exported."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.bootstrap import Application
from perks_engine.campaigns.decisions_file import DecisionsFile, read_decisions
from perks_engine.cli.times import moment_of
from perks_engine.domain.recorded import Recorded, Which
from perks_engine.places.atlas import areas_of
from perks_engine.services.backtesting import Decided, no_decisions
from perks_engine.services.comparing import VersionAtHand
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.records import DecisionCount

SinceOption = Annotated[str | None, typer.Option(help="only decisions from this moment on")]
UntilOption = Annotated[str | None, typer.Option(help="only decisions before this moment")]
PurposeOption = Annotated[str | None, typer.Option(help="only decisions for this purpose, such as claim")]
VersionOption = Annotated[
    str | None, typer.Option(help="only decisions by this version: the beginning of its name")
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions the options ask for; `version` is the beginning of a name."""

    since: datetime | None
    until: datetime | None
    purpose: str | None
    version: str | None

    def which(self, version: str | None) -> Which:
        return Which(self.since, self.until, self.purpose, version)


def wanted_by(
    since: str | None, until: str | None, purpose: str | None, version: str | None, as_json: bool
) -> Wanted:
    moments = (moment_of(since, "--since", as_json), moment_of(until, "--until", as_json))
    if None not in moments and moments[0] >= moments[1]:  # pyright: ignore[reportOperatorIssue]
        raise InvalidInputError("option.until", "--until is not after --since: no decision lies between them")
    return Wanted(*moments, purpose, version)


@dataclass(frozen=True, slots=True)
class DecisionsAtHand:
    """Decisions with the areas that their versions name, by SHA-256."""

    decided: Decided
    areas: Mapping[str, bytes]


@contextmanager
def decisions_on_record(campaign: str, wanted: Wanted, engine: Application) -> Generator[DecisionsAtHand]:
    """Raises `NotFoundError` and `InvalidInputError`."""
    version = engine.backtesting.version_named(campaign, wanted.version) if wanted.version else None
    with engine.backtesting.decided(campaign, wanted.which(version)) as decided:
        yield DecisionsAtHand(
            decided,
            {
                sha256: geojson
                for one in decided.versions.values()
                for sha256, (_, geojson) in areas_of(one.campaign.eligibility, engine.atlas).items()
            },
        )


class ExportedDecisions:
    """A file of decisions, with what it says of versions. Raises `FileProblemsError`."""

    def __init__(self, path: Path) -> None:
        self._file: DecisionsFile = read_decisions(path)
        self.versions = {
            name: VersionAtHand(one.campaign, name, one.canonical)
            for name, one in self._file.versions.items()
        }
        self.areas = {
            sha256: geojson
            for one in self._file.versions.values()
            for sha256, (_, geojson) in one.areas.items()
        }

    def version_named(self, beginning: str) -> VersionAtHand:
        """Raises `NotFoundError` and `InvalidInputError`."""
        found = [one for name, one in self.versions.items() if name.startswith(beginning)]
        known = ", ".join(name[:12] for name in self.versions)
        if not found:
            fault = f"no version in {self._file.path} begins with '{beginning}'; there are: {known}"
            raise NotFoundError("campaign.version_unknown", fault)
        if len(found) > 1:
            fault = f"several versions in {self._file.path} begin with '{beginning}': {known}"
            raise InvalidInputError("campaign.version_ambiguous", fault)
        return found[0]

    def about(self, campaign: str, wanted: Wanted) -> DecisionsAtHand:
        """Those about a campaign; that there are none shows only when all are read, as `NotFoundError`."""
        version = self.version_named(wanted.version).version if wanted.version else None
        decisions = self._about(campaign, wanted.which(version))
        return DecisionsAtHand(Decided(self._file.lines, self.versions, decisions), self.areas)

    def _about(self, campaign: str, which: Which) -> Iterator[Recorded]:
        found = total = 0
        first: datetime | None = None
        last: datetime | None = None
        for decision in self._file.decisions():
            if decision.campaign != campaign:
                continue
            total += 1
            first = min(first or decision.decided_at, decision.decided_at)
            last = max(last or decision.decided_at, decision.decided_at)
            if which.takes(decision):
                found += 1
                yield decision
        if not found:
            raise no_decisions(campaign, which, DecisionCount(total, first, last))
