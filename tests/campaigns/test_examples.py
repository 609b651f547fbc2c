"""A campaign's examples: what came out otherwise than the file says is told with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from perks_engine.bootstrap import RuleBook, packaged
from perks_engine.campaigns.examples import run_examples
from tests.campaigns.reading import CAMPAIGN

SAMPLES = sorted((packaged("rules") / "campaigns").glob("*.yaml"))
IN_BROOKLYN = "{opted_in: [perks], location: {device: [40.6782, -73.9442], radius: 30 m}}"
IN_ALABAMA = "{opted_in: [perks], location: {device: [33.5186, -86.8104], radius: 30 m}}"


def outcome(book: RuleBook, person: str, verdict: str) -> str:
    """What an example of that person says when it is run, or nothing."""
    example = f"examples:\n  - name: somebody\n    person: {person}\n    verdict: {verdict}\n"
    [result] = run_examples(book.reader.read((CAMPAIGN + example).encode(), "box.yaml"), book.atlas)
    assert result.passed is not bool(result.fault)
    return str(result.fault or "")


@pytest.mark.parametrize(
    ("person", "verdict", "fault"),
    [
        (IN_BROOKLYN, "eligible", ""),
        (IN_ALABAMA, "ineligible", ""),
        (IN_ALABAMA, "ineligible\n    because: location.outside", ""),
        ("{opted_in: [perks]}", "unknown\n    because: location.missing", ""),
        (
            IN_ALABAMA,
            "eligible",
            "expected eligible, came out ineligible because of location.outside",
        ),
        (
            "{opted_in: [perks]}",
            "ineligible",
            "expected ineligible, came out unknown because of location.missing",
        ),
        (
            IN_ALABAMA,
            "ineligible\n    because: opted_in.lacks",
            "expected opted_in.lacks to decide, but it was location.outside",
        ),
        (
            (
                "{opted_in: [perks], location: {device: [40.6782, -73.9442], radius: 30 m, "
                "observed_at: 2027-02-20T09:00Z}}"
            ),
            "eligible",
            "expected eligible, came out unknown because of location.stale",
        ),
        (
            (
                "{opted_in: [perks], location: {device: [40.6782, -73.9442], radius: 30 m, "
                "observed_at: 2027-03-05T09:00Z}}"
            ),
            "eligible\n    at: 2027-03-05T10:00Z",
            "",
        ),
    ],
)
def test_an_example(book: RuleBook, person: str, verdict: str, fault: str) -> None:
    assert outcome(book, person, verdict) == fault


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_keep_what_they_promise(book: RuleBook, sample: Path) -> None:
    results = run_examples(book.reader.read_file(sample), book.atlas)
    assert [(result.example.name, result.fault) for result in results if result.fault] == []
    assert {str(result.example.verdict) for result in results} == {"eligible", "ineligible", "unknown"}
