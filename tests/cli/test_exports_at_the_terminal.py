"""`perks disclosures exports`, `changes` and `seen`, and `perks tax export`: what compliance staff types."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from tests.cli.command_line import Desk
from tests.cli.test_records_and_lists import LIST, now, receive
from tests.engine_room import BRAND, PHONE


@pytest.fixture
def desk(phone_desk: Desk) -> Desk:
    return phone_desk


def test_an_export_is_on_record_and_what_changed_since_is_told(desk: Desk) -> None:
    claim = receive(desk, "ana")
    assert desk.well("disclosures", "exports").out == "no list was exported yet\n"
    made = desk.json(*LIST, "--format", "xlsx", "-o", "list.xlsx", "--by", "carla")
    [export] = desk.json("disclosures", "exports", "--brand", BRAND)["exports"]
    assert {**export, "file": "list.xlsx"} == made
    assert (export["made_by"], export["lines"], export["format"]) == ("carla", 1, "xlsx")
    assert desk.well("disclosures", "exports").lines[1].startswith(export["export"])
    since = ("disclosures", "changes", "--since", export["export"])
    assert desk.well(*since).out.endswith("\nnothing changed\n")

    told = desk.well("disclosures", "seen", claim, "https://example.com/p/1", "--note", "in the caption")
    assert told.out.startswith(f"https://example.com/p/1 is kept with {claim}, seen at 20")
    told = desk.well(*since)
    assert "~ corrected: ana.handle, Northwind One" in told.out
    assert "seen: nothing -> https://example.com/p/1" in told.out

    file = desk.file("moves.csv", f"claim,move,occurred_at,note\n{claim},return,{now()},it did not fit\n")
    desk.well("fulfillment", "record", file)
    told = desk.well(*since)
    assert "- removed: ana.handle, Northwind One" in told.out
    assert "    because: return: it did not fit, entry " in told.out
    assert told.out.endswith("1 change: 0 added, 0 corrected, 1 removed\n")
    [row] = csv.DictReader(desk.well(*since, "--format", "csv").out.splitlines())
    assert (row["change"], row["why"]) == ("removed", "return: it did not fit")
    assert desk.json(*LIST, "--since", export["export"])["counts"]["removed"] == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--since", "exp_0"), "there is no export 'exp_0' on record"),
        (("--columns", "7"), "there is no version '7' of the columns; there are 1, 2"),
        (("--received-from", "2026-13-01"), "--received-from: '2026-13-01' is not a day"),
        (("--person", "zoe"), "nobody is on record as zoe"),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(desk: Desk, options: tuple[str, ...], told: str) -> None:
    found = desk.perks(*LIST, *options)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"perks: {told}")


def test_a_list_is_of_a_brand_or_a_person(desk: Desk) -> None:
    receive(desk, "ana")
    told = desk.perks("disclosures", "export")
    assert told.err == "perks: --brand: whose list? name a brand, or a person with --person\n"
    assert desk.json("disclosures", "export", "--person", "ana")["count"] == 1


def test_values_of_this_year(desk: Desk) -> None:
    receive(desk, "ana")
    year = datetime.now(UTC).year
    [row] = csv.DictReader(desk.well("tax", "export", "--year", str(year), "--brand", BRAND).out.splitlines())
    assert (row["person"], row["value"], row["currency"], row["units"]) == ("ana", "449.00", "USD", "1")
    told = desk.well("tax", "export", "--year", str(year), "--brand", BRAND, "-o", "tax.csv")
    assert told.out.startswith(f"values of {year} (America/New_York) as of ")
    told = desk.perks("tax", "export", "--year", str(year + 1))
    assert (told.code, told.err) == (
        2,
        f"perks: the year {year + 1} has no values: it has not begun in America/New_York\n",
    )
    desk.environment["PERKS_TAX_ZONE"] = "Mars/Olympus"
    told = desk.perks("tax", "export", "--year", str(year))
    assert told.code == 2
    assert "PERKS_TAX_ZONE: there is no zone 'Mars/Olympus'" in told.err


def test_a_check_and_a_claim_tell_of_the_tax(desk: Desk) -> None:
    desk.open_campaign("dear-phone", fair_market_value="2500.00 USD")
    desk.person("ida")
    told = desk.well("check", "dear-phone", "ida")
    assert "tax: With this perk you will have got 2500.00 USD in value from northwind-phones" in told.out
    told = desk.well("claim", "dear-phone", "ida", "--key", "k")
    assert "tax: With this perk you will have got 2500.00 USD" in told.out
    assert "tax_notice" not in desk.json("check", PHONE, desk.person("kim"))
