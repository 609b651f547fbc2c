"""Campaign versions as a command line names them: a file, or one on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from perks_engine.audiences.engines import connect
from perks_engine.bootstrap import Application, RuleBook
from perks_engine.cli.session import RulesAtHand, refuse_folder
from perks_engine.places.atlas import areas_of
from perks_engine.places.drawings import Drawings
from perks_engine.services.comparing import VersionAtHand
from perks_engine.services.errors import NotFoundError
from perks_engine.services.previewing import Previewing

VERSION_HELP = "a campaign file, or NAME, NAME@live or NAME@VERSION in the database"


@dataclass(frozen=True, slots=True)
class Named:
    """A version with the rules that it belongs to, and the areas that it names, by their SHA-256."""

    version: VersionAtHand
    rules: RuleBook
    areas: Mapping[str, bytes]


def file_named(text: str) -> Path | None:
    """The campaign file that is meant, or None where it is something on record."""
    path = Path(text)
    return path if path.suffix.lower() in (".yaml", ".yml") or path.is_file() else None


def from_file(path: Path, rules: RulesAtHand) -> Named:
    """Raises `FileProblemsError`."""
    book = rules.of(path)
    file = book.reader.read_file(path)
    areas = areas_of(file.campaign.eligibility, book.atlas)
    kept = {sha256: geojson for sha256, (_, geojson) in areas.items()}
    return Named(VersionAtHand(file.campaign, file.version, file.canonical), book, kept)


def on_record(text: str, engine: Application, as_json: bool) -> Named:
    """Raises `NotFoundError` and `InvalidInputError`."""
    try:
        version = engine.comparing.version(text)
    except NotFoundError as error:
        if error.code == "campaign.unknown":
            refuse_folder(text, "a campaign file in it", as_json)
        raise
    areas = areas_of(version.campaign.eligibility, engine.atlas)
    return Named(version, engine.rules, {sha256: geojson for sha256, (_, geojson) in areas.items()})


def previewing_of(old: Named, new: Named) -> Previewing:
    """Judges people by both versions, each on the areas that it was made with; what sources there are is
    said by the rules of the new one."""
    atlas = new.rules.atlas_with({**old.areas, **new.areas})
    return Previewing(atlas, new.rules.vocabulary, connect, Drawings(atlas))
