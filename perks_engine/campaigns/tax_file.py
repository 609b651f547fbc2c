"""The file of reporting thresholds."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.campaigns.quantities import money
from perks_engine.campaigns.reader import FAILED, Reader
from perks_engine.campaigns.shapes import (
    Field,
    Integer,
    ListOf,
    Record,
    Text,
)
from perks_engine.campaigns.yaml_source import Node, read_yaml, read_yaml_file
from perks_engine.domain.tax import Threshold

BUILTIN = "tax_thresholds.yaml"
_YEAR = Integer(1900, 9998, "a calendar year")
_THRESHOLD = Record(
    (
        Field("from_year", _YEAR, "the first calendar year it holds in", required=True),
        Field(
            "amount",
            Text("an amount with its currency, such as 600.00 USD", build=money),
            "from which value on a year is reported",
            required=True,
        ),
        Field("source", Text("the law that says so"), "the law that says so", required=True),
        Field("indexed_after", _YEAR, "the last year whose amount is known"),
    ),
    build=Threshold,
)
_FILE = Record((Field("thresholds", ListOf(_THRESHOLD), "the thresholds", required=True),))


def read_thresholds(path: Path | None) -> tuple[Threshold, ...]:
    """The thresholds of a file, or those that travel with the engine; the oldest first.

    Raises `FileProblemsError`.
    """
    if path is not None:
        return _read(read_yaml_file(path), str(path))
    data = resources.files("perks_engine.campaigns").joinpath(BUILTIN).read_bytes()
    return _read(read_yaml(data, BUILTIN), BUILTIN)


def _read(node: Node, name: str) -> tuple[Threshold, ...]:
    reader = Reader(name)
    data = _FILE.read(node, "", reader)
    found: tuple[Threshold, ...] = () if data is FAILED else data["thresholds"]
    years = [one.from_year for one in found]
    if len(set(years)) < len(years):
        reader.fault(node, "thresholds", "two of them begin in the same year", "one for each year")
    if reader.problems:
        raise FileProblemsError(reader.problems)
    return tuple(sorted(found, key=lambda one: one.from_year))
