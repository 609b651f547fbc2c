"""The rules that campaign files are read and tested against: what needs no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from perks_engine.audiences.columns import Usual, Vocabulary
from perks_engine.campaigns.campaign_file import CampaignFile, CampaignReader
from perks_engine.campaigns.catalogue import Catalogue, load_catalogue
from perks_engine.campaigns.consent_file import OWN, load_purposes
from perks_engine.campaigns.examples import run_examples
from perks_engine.delivery.templates import JinjaRenderer
from perks_engine.domain.consent import Purposes
from perks_engine.places.atlas import RulesAtlas, areas_of
from perks_engine.places.gazetteer import Gazetteer
from perks_engine.places.geocoder_memory import Memory, RememberingGeocoder
from perks_engine.places.geocoders import Geocoder
from perks_engine.services.campaigning import LoadedFile
from perks_engine.services.letter_shapes import INSTRUCTION, SHAPES
from perks_engine.settings import Settings

_PACKAGE = Path(__file__).parent.parent


def packaged(name: str) -> Path:
    """`rules` or `templates` as they travel with the engine: in the wheel, or at the checkout's top."""
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def utc_now() -> datetime:
    return datetime.now(UTC)


class RulesMissingError(RuntimeError):
    """The folder that `PERKS_RULES` names is not there."""


@dataclass(frozen=True)
class RuleBook:
    """What campaign files are read and tested against; it needs no database."""

    settings: Settings
    rules_root: Path
    memory: Memory | None = None
    """Where answers of the geocoder are kept, if there is a database at hand."""

    def remembering(self, memory: Memory) -> RuleBook:
        """The same, with a place to keep answers of the geocoder, where there is one to be asked."""
        return replace(self, memory=memory) if self.settings.geocoder else self

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return Gazetteer(self.settings.cache)

    @cached_property
    def geocoder(self) -> Geocoder | RememberingGeocoder | None:
        """Raises `GeocoderSettingsError`."""
        settings = self.settings
        if not settings.geocoder:
            return None
        service, options, territories = settings.geocoder, settings.geocoder_options, self.gazetteer.places
        if self.memory is None:
            return Geocoder(service, options, territories, settings.geocoder_interval_s)
        return RememberingGeocoder(
            Geocoder(service, options, territories, interval_s=0),
            self.memory,
            timedelta(days=settings.geocoder_keep_days),
            timedelta(seconds=settings.geocoder_interval_s),
            utc_now,
        )

    @cached_property
    def atlas(self) -> RulesAtlas:
        return RulesAtlas(self.roots, self.gazetteer, geocoder=self.geocoder)

    @property
    def roots(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys((self.rules_root, packaged("rules"))))

    @cached_property
    def catalogue(self) -> Catalogue:
        own = self.rules_root / "catalogue.yaml"
        return load_catalogue(own if own.is_file() else None)

    @cached_property
    def purposes(self) -> Purposes:
        """What people can consent to. Raises `FileProblemsError`."""
        own = self.rules_root / OWN
        return load_purposes(own if own.is_file() else None)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the catalogue says of sources, for populations."""
        return {
            one.name: Usual(one.sources, one.default_source)
            for one in self.catalogue.attributes.values()
            if not one.register
        }

    @cached_property
    def renderer(self) -> JinjaRenderer:
        """Raises `MessageTemplateError` for a message template that could not be rendered."""
        own = self.settings.templates or self.rules_root.parent / "templates"
        ours = packaged("templates")
        renderer = JinjaRenderer([own, ours])
        renderer.check(SHAPES, INSTRUCTION, checked=ours)
        return renderer

    @cached_property
    def reader(self) -> CampaignReader:
        names = [name for name in self.renderer.names() if name not in SHAPES]
        theirs = {name: self.renderer.source(name) for name in names}
        return CampaignReader(self.catalogue, self.atlas, theirs)

    def atlas_with(self, areas: Mapping[str, bytes]) -> RulesAtlas:
        """The atlas with these further areas, by their SHA-256."""
        return RulesAtlas(self.roots, self.gazetteer, areas.get, self.geocoder)

    def loadable(self, file: CampaignFile) -> LoadedFile:
        """The file with the outcome of its examples and the areas that it names."""
        results = run_examples(file, self.atlas)
        told = (file.campaign, file.version, file.canonical, file.source, len(results))
        failed = sum(not result.passed for result in results)
        return LoadedFile(*told, failed, areas_of(file.campaign.eligibility, self.atlas))


def rule_book(settings: Settings, file: Path | None = None) -> RuleBook:
    """The rules that a campaign file belongs to: the nearest folder above it that holds a catalogue or
    areas, else the configured one, else the one that travels with the engine.

    Raises `RulesMissingError`: under other rules than the configured ones, people would be judged by
    another catalogue than their operator believes.
    """
    if settings.rules is not None and not settings.rules.is_dir():
        raise RulesMissingError(
            f"PERKS_RULES: there is no folder {settings.rules}; name one that is there, or leave it unset"
        )
    if file is not None:
        for folder in file.resolve().parents:
            if (folder / "catalogue.yaml").is_file() or (folder / "areas").is_dir():
                return RuleBook(settings, folder)
    if settings.rules is not None:
        return RuleBook(settings, settings.rules)
    here = Path("rules")
    return RuleBook(settings, here if here.is_dir() else packaged("rules"))
